import NunchiTensors

/// Hair and what is worn on the head; the same whatever lies over mouth and nose.
struct FaceHair {
  enum Style: CaseIterable {
    case none, cropped, short, side, fringe, curly, afro, bob, long, wavy, ponytail, bun
  }

  enum Headgear: CaseIterable {
    case cap, beanie, hat, headband, headscarf, hood
  }

  private let style: Style
  private let gear: Headgear?
  private let fabric: Fabric
  private let line: Float
  private let part: Float
  private let length: Float
  private let noise: Noise
  private let curls: [Point]
  private let earring: (size: Float, colour: Colour)?

  init(_ stream: inout RandomStream) {
    style = stream.pick(Style.allCases)
    let kind = stream.pick(Headgear.allCases)
    gear = stream.flip(0.28) ? kind : nil
    fabric = Fabric(&stream, plain: 0.6)
    line = stream.uniform(-0.66 ... -0.46)
    part = stream.uniform(-0.45...0.45)
    length = stream.uniform(0.85...1.5)
    noise = Noise(&stream)
    curls = (0..<30).map { index in
      Circle.point(0.43 + 0.64 * Float(index) / 29 + stream.uniform(-0.008...0.008)) * stream.uniform(0.9...1.02)
    }
    let metals = [Colour(0.93, 0.78, 0.35), Colour(0.85, 0.86, 0.88), Colour(0.75, 0.25, 0.30)]
    let metal = stream.shade(of: metals)
    let size = stream.uniform(0.03...0.07)
    earring = stream.flip(0.22) ? (size, metal) : nil
  }

  private var hidesHair: Bool { gear == .headscarf || gear == .hood }

  /// Strands: the hair's colour, lighter and darker along `place`.
  private func strand(_ head: Head, _ place: Point) -> Colour {
    let gloss = max(0, 0.5 - abs(place.y + 0.72) * 2.2) * 0.22
    return head.hair.scaled(0.86 + 0.28 * noise.value(Point(place.x * 14, place.y * 2.5)) + gloss)
  }

  // MARK: - Behind the head

  func drawBehind(_ canvas: inout Canvas, _ head: Head) {
    let frame = head.frame
    let back = head.hair.scaled(0.78)
    if hidesHair { return drawHoodBehind(&canvas, head) }
    let shift = -0.25 * head.turn.yaw.y
    switch style {
    case .none, .cropped, .short, .side: break
    case .fringe: canvas.paint(frame, Ellipse(shift, -0.1, 0.88, 0.92), back)
    case .bob: canvas.paint(frame, Block(shift, -0.12, 0.93, 0.93, corner: 0.55), back)
    case .long: canvas.paint(frame, Block(shift, length - 1.02, 0.94, length + 0.1, corner: 0.8), back)
    case .wavy:
      canvas.paint(frame, Block(shift, length - 1.02, 0.98, length + 0.1, corner: 0.8), back)
      for (row, side) in (0..<8).flatMap({ row in [(row, Float(-1)), (row, 1)] }) {
        let v = -0.4 + 0.24 * Float(row)
        if v < 2 * length - 0.9 { canvas.paint(frame, Ellipse(shift + side * 0.9, v, 0.17, 0.16), back) }
      }
    case .curly, .afro:
      let reach: Float = style == .afro ? 1.18 : 0.92
      canvas.paint(frame, Ellipse(shift, -0.28, reach * 0.96, reach), back)
      for curl in curls {
        canvas.paint(frame, Ellipse(shift + curl.x * reach, -0.25 + curl.y * reach, 0.16, 0.16), back.scaled(0.95))
      }
    case .ponytail:
      let side: Float = part > 0 ? 1 : -1
      let tail = Together(
        Stroke(Point(side * 0.5, -0.75), Point(side * 1.12, -0.3), 0.18),
        Stroke(Point(side * 1.12, -0.3), Point(side * 1.02, 0.65), 0.19, to: 0.06), blend: 0.2)
      canvas.paint(frame, tail, back)
    case .bun: canvas.paint(frame, Ellipse(part * 0.5, -1.12, 0.34, 0.30), back)
    }
  }

  private func drawHoodBehind(_ canvas: inout Canvas, _ head: Head) {
    let fabric = fabric
    let shape = Together(Ellipse(0, -0.08, 0.98, 1.08), Block(0, 1.2, 0.9, 0.5, corner: 0.4), blend: 0.4)
    canvas.paint(head.frame, shape) { fabric.colour($0).scaled(0.8) }
  }

  // MARK: - Before the head

  func drawBefore(_ canvas: inout Canvas, _ head: Head) {
    if !hidesHair { drawCap(&canvas, head) }
    if let earring, !hidesHair { draw(earring, &canvas, head) }
    if let gear { draw(gear, &canvas, head) }
  }

  /// The hair on top: the outline of the head, somewhat larger, above the hairline.
  private func drawCap(_ canvas: inout Canvas, _ head: Head) {
    let (frame, width) = (head.frame, head.width)
    let shift = -0.1 * head.turn.yaw.y
    let face = head.seen(part * 0.25, 0).x * 0.6
    func opening(_ half: Float, _ top: Float) -> Ellipse { Ellipse(face, top + 1.1, half, 1.1) }
    func paint<F: Figure>(_ figure: F) { canvas.paint(frame, figure) { strand(head, $0) } }
    let low = Block(0, -1.2, 2, 1.15)
    switch style {
    case .none: break
    case .cropped:
      let scalp = Overlap(Without(Ellipse(shift, -0.13, width + 0.02, 0.9), opening(width * 0.9, line)), low)
      canvas.paint(frame, scalp, head.hair.faded(0.75), softness: 0.06)
    case .short, .ponytail, .bun:
      paint(Overlap(Without(Ellipse(shift, -0.14, width + 0.07, 0.98), opening(width * 0.93, line)), low))
    case .side:
      let sweep = Ellipse(face + part * 1.6, line + 1.02, width * 1.15, 1.02)
      paint(
        Overlap(
          Without(Ellipse(shift, -0.18, width + 0.09, 1.0), Overlap(sweep, opening(width * 0.97, line - 0.1))), low))
    case .fringe, .bob:
      let cut = Block(face, 0.6, width * 0.84, 0.98, corner: 0.25)
      let end: Float = style == .bob ? 0.72 : 0.25
      paint(Overlap(Without(Ellipse(shift, -0.1, width + 0.12, 1.0), cut), Block(0, end - 2, 2, 2)))
    case .long, .wavy:
      let side = Ellipse(face + part * 0.3, line + 1.25, width * 0.86, 1.25)
      paint(Overlap(Without(Ellipse(shift, 0, width + 0.13, 1.1), side), Block(0, -1.3, 2, 1.95)))
    case .curly, .afro:
      paint(Overlap(Without(Ellipse(shift, -0.2, width + 0.08, 0.94), opening(width * 0.95, line - 0.02)), low))
      for curl in curls where curl.y < -0.25 {
        let place = Point(face * 0.4 + curl.x * 0.72, line + 0.32 + curl.y * 0.5)
        canvas.paint(frame, Ellipse(place.x, place.y, 0.13, 0.12), strand(head, curl))
      }
    }
  }

  private func draw(_ earring: (size: Float, colour: Colour), _ canvas: inout Canvas, _ head: Head) {
    for side in [Float(-1), 1] where side * head.turn.yaw.y < 0.12 {
      let place = Point(side * (head.width + 0.04) - 0.3 * head.turn.yaw.y, 0.25)
      if earring.size > 0.05 {
        canvas.paint(head.frame, Rim(Ellipse(place.x, place.y + 0.1, 0.09, 0.1), 0.017), earring.colour)
      } else {
        canvas.paint(head.frame, Ellipse(place.x, place.y, earring.size, earring.size), earring.colour)
      }
    }
  }

  private func draw(_ gear: Headgear, _ canvas: inout Canvas, _ head: Head) {
    let (frame, width, fabric) = (head.frame, head.width, fabric)
    let shift = head.turn.yaw.y * 0.35
    func paint<F: Figure>(_ figure: F, _ shade: Float = 1) {
      canvas.paint(frame, figure) { fabric.colour($0).scaled(shade * (1.02 - 0.18 * $0.x * $0.x)) }
    }
    let crown = Overlap(Ellipse(0, -0.44, width + 0.11, 0.78), Block(0, -1.4, 2, 0.93))
    switch gear {
    case .cap:
      paint(crown)
      paint(Overlap(Ellipse(shift * 1.6, -0.44, width + 0.06, 0.2), Block(0, -0.3, 2, 0.2)), 0.78)
    case .beanie:
      paint(Grown(crown, by: 0.03))
      paint(Block(0, -0.55, width + 0.14, 0.14, corner: 0.1), 0.84)
      canvas.paint(frame, Ellipse(0, -1.26, 0.17, 0.17), fabric.second)
    case .hat:
      paint(Overlap(Block(0, -0.95, width + 0.02, 0.55, corner: 0.3), Block(0, -1.5, 2, 1)))
      canvas.paint(frame, Block(0, -0.64, width + 0.03, 0.08), fabric.second.scaled(0.7))
      paint(Ellipse(0, -0.53, width + 0.55, 0.11), 0.85)
    case .headband:
      paint(Overlap(head.on(Arch(0, -0.52, half: 0.95, bend: -0.08, 0.09)), Grown(head.outline, by: 0.1)))
    case .headscarf, .hood:
      let opening = Ellipse(shift * 0.5, 0.12, width * 0.93, 0.86)
      let cloth = Together(Ellipse(0, -0.06, width + 0.2, 1.06), Block(0, 1.3, 0.66, 0.42, corner: 0.4), blend: 0.5)
      paint(Without(cloth, opening))
      canvas.paint(frame, Rim(opening, 0.012), fabric.base.scaled(0.7).faded(0.6), softness: 0.03)
    }
  }
}
