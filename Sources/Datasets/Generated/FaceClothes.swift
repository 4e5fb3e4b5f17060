import NunchiTensors

/// Neck, clothes and what is worn round the neck.
struct FaceClothes {
  enum Cut: CaseIterable {
    case crew, vee, shirt, hoodie, turtleneck, dungarees
  }

  let fabric: Fabric
  /// What is round the neck, if anything is.
  let neckwear: Fabric?
  private let cut: Cut
  private let shoulders: Float
  private let slope: Float
  private let scarf: Bool

  init(_ stream: inout RandomStream) {
    fabric = Fabric(&stream, plain: 0.5)
    cut = stream.pick(Cut.allCases)
    shoulders = stream.uniform(1.2...1.55)
    slope = stream.uniform(0.5...0.8)
    let cloth = Fabric(&stream, plain: 0.5)
    neckwear = stream.flip(0.24) ? cloth : nil
    scarf = stream.flip(0.6)
  }

  func draw(_ canvas: inout Canvas, _ head: Head) {
    let (frame, fabric) = (head.frame, fabric)
    let neck = head.skin.scaled(0.84)
    canvas.paint(frame, Block(0, 1.1, 0.33, 0.5, corner: 0.1)) {
      neck.scaled(0.82 + 0.16 * min(max($0.y * 2 - 1.9, 0), 1))
    }
    let torso = Together(Ellipse(0, 1.95, shoulders, slope), Block(0, 4.9, shoulders, 3, corner: 0.3), blend: 0.2)
    canvas.paint(frame, torso) { fabric.colour($0 * 0.7).scaled(1.02 - 0.07 * $0.x * $0.x) }
    for side in [Float(-1), 1] {
      let crease = Stroke(Point(side * shoulders * 0.72, 2.2), Point(side * shoulders * 0.66, 4.5), 0.02)
      canvas.paint(frame, crease, fabric.base.scaled(0.6).faded(0.5), softness: 0.06)
    }
    drawCollar(&canvas, head, neck)
  }

  private func drawCollar(_ canvas: inout Canvas, _ head: Head, _ neck: Colour) {
    let (frame, fabric) = (head.frame, fabric)
    let dark = fabric.base.scaled(0.72)
    switch cut {
    case .crew, .dungarees:
      canvas.paint(frame, Ellipse(0, 1.36, 0.40, 0.20), dark)
      canvas.paint(frame, Ellipse(0, 1.33, 0.36, 0.18), neck)
      guard cut == .dungarees else { return }
      for side in [Float(-1), 1] {
        canvas.paint(frame, Stroke(Point(side * 0.62, 1.4), Point(side * 0.5, 3), 0.10), fabric.second)
        canvas.paint(frame, Ellipse(side * 0.53, 2.35, 0.06, 0.06), Colour(0.9, 0.8, 0.4))
      }
      canvas.paint(frame, Block(0, 3.6, 0.62, 1.2, corner: 0.08), fabric.second)
    case .vee:
      canvas.paint(frame, Grown(Polygon([Point(-0.36, 1.2), Point(0.36, 1.2), Point(0, 1.85)]), by: 0.04), dark)
      canvas.paint(frame, Polygon([Point(-0.35, 1.18), Point(0.35, 1.18), Point(0, 1.82)]), neck)
    case .shirt:
      canvas.paint(frame, Polygon([Point(-0.34, 1.2), Point(0.34, 1.2), Point(0, 1.62)]), neck)
      for side in [Float(-1), 1] {
        let flap = Polygon([
          Point(side * 0.30, 1.12), Point(side * 0.44, 1.28), Point(side * 0.34, 1.72), Point(0, 1.56),
        ])
        canvas.paint(frame, Grown(flap, by: 0.015), dark)
        canvas.paint(frame, flap, fabric.base.scaled(1.06))
      }
      for button in 0..<4 {
        canvas.paint(frame, Ellipse(0, 1.85 + 0.4 * Float(button), 0.035, 0.035), fabric.second)
      }
    case .hoodie:
      canvas.paint(frame, Arch(0, 1.2, half: 0.58, bend: 0.35, 0.16), fabric.base.scaled(0.85))
      for side in [Float(-1), 1] {
        canvas.paint(frame, Stroke(Point(side * 0.2, 1.6), Point(side * 0.22, 2.15), 0.022), Colour.white.scaled(0.95))
      }
    case .turtleneck:
      canvas.paint(frame, Block(0, 1.3, 0.40, 0.24, corner: 0.09), fabric.base.scaled(0.9))
      canvas.paint(frame, Arch(0, 1.14, half: 0.36, bend: 0.04, 0.02), dark.faded(0.7))
    }
  }

  /// The scarf or gaiter round the neck, below the chin.
  func drawNeckwear(_ canvas: inout Canvas, _ head: Head) {
    guard let cloth = neckwear else { return }
    let frame = head.frame
    let shade = cloth.base.scaled(0.66)
    let roll = Together(Block(0, 1.3, 0.52, 0.26, corner: 0.22), Ellipse(0, 1.42, 0.62, 0.22), blend: 0.1)
    canvas.paint(frame, Grown(roll, by: 0.03), shade.faded(0.5), softness: 0.1)
    canvas.paint(frame, roll) { cloth.colour($0).scaled(1 - 0.25 * $0.x * $0.x) }
    for fold in 0..<3 {
      let v = 1.16 + 0.13 * Float(fold)
      canvas.paint(frame, Overlap(Arch(0, v, half: 0.6, bend: 0.08, 0.012), roll), shade.faded(0.6), softness: 0.04)
    }
    guard scarf else { return }
    canvas.paint(frame, Block(0.24, 2.0, 0.2, 0.55, corner: 0.05)) { cloth.colour($0).scaled(0.94) }
    canvas.paint(frame, Rim(Block(0.24, 2.0, 0.2, 0.55, corner: 0.05), 0.01), shade.faded(0.6))
    canvas.paint(frame, Ellipse(0.22, 1.5, 0.2, 0.16)) { cloth.colour($0).scaled(0.9) }
  }
}
