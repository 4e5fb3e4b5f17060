import NunchiTensors

/// Something held: before the mouth, or beside the face.
struct HeldThing {
  enum Kind: CaseIterable {
    case hand, cup, phone, apple, iceCream, microphone
  }

  private let kind: Kind
  private let side: Float
  private let offset: Point
  private let fabric: Fabric

  /// There in some of the pictures.
  init?(_ stream: inout RandomStream, share: Float) {
    let isThere = stream.flip(share)
    kind = stream.pick(Kind.allCases)
    side = stream.flip(0.5) ? 1 : -1
    offset = Point(stream.uniform(-0.08...0.08), stream.uniform(-0.06...0.08))
    fabric = Fabric(&stream, plain: 0.6)
    if !isThere { return nil }
  }

  /// - Parameter isBeforeMouth: otherwise it is held beside the chin.
  func draw(isBeforeMouth: Bool, _ canvas: inout Canvas, _ head: Head, sleeve: Fabric) {
    let beside = Point(side * 0.86, 0.98)
    let place = (isBeforeMouth ? head.seen(side * 0.06, 0.62) : beside) + offset
    let frame = head.frame.inner(place, turns: side * 0.02)
    // The arm is the same up to the height of the shoulders, wherever the hand is.
    let joint = Point(side * 0.95, 1.58)
    let wrist = place + Point(side * 0.34, 0.42)
    canvas.paint(head.frame, Stroke(Point(side * 1.25, 3.4), joint, 0.36, to: 0.27)) {
      sleeve.colour($0).scaled(0.94)
    }
    canvas.paint(head.frame, Stroke(joint, wrist, 0.27, to: 0.2)) { sleeve.colour($0).scaled(0.94) }
    switch kind {
    case .hand: drawFlatHand(&canvas, frame, head.skin)
    case .cup: drawCup(&canvas, frame, head.skin)
    case .phone: drawPhone(&canvas, frame, head.skin)
    case .apple: drawApple(&canvas, frame, head.skin)
    case .iceCream: drawIceCream(&canvas, frame, head.skin)
    case .microphone: drawMicrophone(&canvas, frame, head.skin)
    }
  }

  /// A hand whose fingers lie across the mouth.
  private func drawFlatHand(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour) {
    let line = skin.scaled(0.66)
    let palm = Ellipse(side * 0.30, 0.24, 0.30, 0.30)
    canvas.paint(frame, Grown(palm, by: 0.02), line)
    canvas.paint(frame, palm, skin)
    for finger in 0..<4 {
      let v = -0.14 + 0.115 * Float(finger)
      let tip = -0.36 + 0.06 * abs(Float(finger) - 1.2)
      drawFinger(&canvas, frame, skin, Point(side * 0.3, v + 0.1), Point(side * tip, v), 0.062)
    }
    drawFinger(&canvas, frame, skin, Point(side * 0.36, 0.0), Point(side * 0.22, -0.30), 0.07)
  }

  private func drawFinger(
    _ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour, _ from: Point, _ to: Point, _ radius: Float
  ) {
    canvas.paint(frame, Stroke(from, to, radius + 0.014), skin.scaled(0.66))
    canvas.paint(frame, Stroke(from, to, radius), skin.scaled(0.98))
    let nail = to + (from - to) * 0.04
    canvas.paint(frame, Ellipse(nail.x, nail.y, radius * 0.5, radius * 0.42), skin.mixed(with: .white, 0.35))
  }

  /// Fingers round something as wide as 2·`half`.
  private func drawGrip(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour, half: Float, top: Float) {
    for finger in 0..<4 {
      let v = top + 0.115 * Float(finger)
      drawFinger(&canvas, frame, skin, Point(side * (half + 0.12), v + 0.05), Point(side * (half - 0.2), v), 0.058)
    }
  }

  private func drawCup(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour) {
    let fabric = fabric
    canvas.paint(frame, Rim(Ellipse(side * -0.36, 0.16, 0.15, 0.17), 0.04), fabric.base.scaled(0.75))
    canvas.paint(frame, Block(0, 0.16, 0.34, 0.36, corner: 0.07)) { fabric.colour($0).scaled(1.04 - 1.4 * $0.x * $0.x) }
    canvas.paint(frame, Ellipse(0, -0.19, 0.34, 0.07), fabric.base.scaled(0.9))
    canvas.paint(frame, Ellipse(0, -0.185, 0.29, 0.045), Colour(0.35, 0.22, 0.14))
    drawGrip(&canvas, frame, skin, half: 0.32, top: 0.02)
  }

  private func drawPhone(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour) {
    let fabric = fabric
    let upright = frame.inner(.zero, turns: side * 0.03)
    canvas.paint(upright, Block(0, 0.05, 0.25, 0.48, corner: 0.07), Colour(0.12, 0.12, 0.14))
    canvas.paint(upright, Block(0, 0.05, 0.225, 0.455, corner: 0.05)) { fabric.colour($0) }
    canvas.paint(upright, Block(side * -0.12, -0.29, 0.075, 0.085, corner: 0.04), Colour(0.12, 0.12, 0.14))
    canvas.paint(upright, Ellipse(side * -0.12, -0.32, 0.03, 0.03), Colour(0.35, 0.38, 0.45))
    canvas.paint(upright, Ellipse(side * -0.12, -0.25, 0.03, 0.03), Colour(0.35, 0.38, 0.45))
    drawGrip(&canvas, frame, skin, half: 0.26, top: 0.06)
  }

  private func drawApple(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour) {
    let peel = fabric.base.mixed(with: Colour(0.80, 0.16, 0.16), 0.6)
    let apple = Together(Ellipse(-0.12, 0.1, 0.25, 0.30), Ellipse(0.12, 0.1, 0.25, 0.30), blend: 0.12)
    canvas.paint(frame, apple) { peel.scaled(1.1 - 0.7 * ($0.x + 0.1) * ($0.x + 0.1) - 0.3 * $0.y) }
    canvas.paint(frame, Ellipse(-0.14, -0.05, 0.06, 0.09), Colour.white.faded(0.4), softness: 0.08)
    canvas.paint(frame, Stroke(Point(0, -0.16), Point(0.05, -0.31), 0.02), Colour(0.32, 0.22, 0.12))
    canvas.paint(frame, Ellipse(0.14, -0.27, 0.10, 0.045), Colour(0.35, 0.60, 0.25))
    drawGrip(&canvas, frame, skin, half: 0.32, top: 0.06)
  }

  private func drawIceCream(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour) {
    let (fabric, cone) = (fabric, Colour(0.86, 0.66, 0.38))
    canvas.paint(frame, Polygon([Point(-0.23, 0.1), Point(0.23, 0.1), Point(0, 0.8)])) { point in
      let grid = abs((point.x + point.y) * 9 - ((point.x + point.y) * 9).rounded())
      return cone.scaled(0.86 + 0.3 * grid)
    }
    canvas.paint(frame, Ellipse(0, 0.06, 0.29, 0.2)) { fabric.colour($0) }
    canvas.paint(frame, Ellipse(0, -0.16, 0.25, 0.22), fabric.second)
    canvas.paint(frame, Ellipse(-0.08, -0.22, 0.06, 0.06), Colour.white.faded(0.45), softness: 0.08)
    drawGrip(&canvas, frame, skin, half: 0.18, top: 0.22)
  }

  private func drawMicrophone(_ canvas: inout Canvas, _ frame: Canvas.Frame, _ skin: Colour) {
    let (fabric, noise) = (fabric, Colour(0.30, 0.30, 0.33))
    canvas.paint(frame, Stroke(Point(0, 0.2), Point(side * 0.12, 0.7), 0.12, to: 0.09), fabric.base.scaled(0.6))
    canvas.paint(frame, Ellipse(0, 0.02, 0.24, 0.25)) { point in
      let mesh = abs(point.x * 14 - (point.x * 14).rounded()) + abs(point.y * 14 - (point.y * 14).rounded())
      return noise.scaled(0.8 + 0.9 * mesh - 1.2 * point.x * point.x)
    }
    canvas.paint(frame, Block(0, 0.25, 0.19, 0.03), fabric.second)
    drawGrip(&canvas, frame, skin, half: 0.2, top: 0.32)
  }
}
