import NunchiTensors

/// Glasses, clear or dark.
struct Glasses {
  enum Form: CaseIterable {
    case round, square, wide
  }

  private let form: Form
  private let rim: Colour
  private let lens: Colour
  private let isBold: Bool

  /// On some faces.
  init?(_ stream: inout RandomStream) {
    let isThere = stream.flip(0.3)
    form = stream.pick(Form.allCases)
    let rims = [
      Colour.black, Colour(0.35, 0.20, 0.12), Colour(0.70, 0.60, 0.35), Colour(0.55, 0.15, 0.20),
      Colour(0.75, 0.76, 0.80),
    ]
    rim = stream.shade(of: rims)
    let isDark = stream.flip(0.25)
    lens = isDark ? Colour(0.10, 0.10, 0.13, cover: 0.92) : Colour(0.85, 0.93, 1, cover: 0.12)
    isBold = stream.flip(0.4)
    if !isThere { return nil }
  }

  func draw(_ canvas: inout Canvas, _ head: Head) {
    let frame = head.frame
    let thick: Float = isBold ? 0.026 : 0.014
    for side in [Float(-1), 1] {
      let u = side * 0.33
      let shape =
        switch form {
        case .round: Block(u, -0.07, 0.2, 0.2, corner: 0.2)
        case .square: Block(u, -0.07, 0.22, 0.16, corner: 0.07)
        case .wide: Block(u, -0.08, 0.25, 0.14, corner: 0.13)
        }
      canvas.paint(frame, head.on(shape), lens)
      canvas.paint(
        frame, head.on(Stroke(Point(u - 0.05, 0.02), Point(u + 0.07, -0.16), 0.015)), Colour.white.faded(0.28),
        softness: 0.03)
      canvas.paint(frame, head.on(Rim(shape, thick)), rim)
      let hinge = head.seen(u + side * shape.half.x, -0.1)
      let ear = Point(side * (head.width - 0.01) - 0.25 * head.turn.yaw.y, -0.06)
      if (ear.x - hinge.x) * side > 0 { canvas.paint(frame, Stroke(hinge, ear, thick), rim) }
    }
    canvas.paint(frame, head.on(Arch(0, -0.09, half: 0.12, bend: -0.04, thick)), rim)
  }
}
