import NunchiTensors

/// Eyes, brows, nose, mouth, beard, wrinkles and freckles of a drawn face.
struct FaceFeatures {
  enum Mouth: CaseIterable {
    case closed, smile, laugh, open
  }

  enum Beard: CaseIterable {
    case stubble, moustache, goatee, full, long
  }

  private let apart: Float
  private let open: Float
  private let look: Point
  private let iris: Colour
  private let brow: (lift: Float, bend: Float, slant: Float, radius: Float)
  private let lashes: Float
  private let nose: (half: Float, length: Float)
  private let mouth: Mouth
  private let lips: (half: Float, bend: Float, red: Float)
  private let beard: Beard?
  private let blush: Float
  private let freckles: [Point]

  init(_ stream: inout RandomStream) {
    apart = stream.uniform(0.29...0.35)
    open = stream.flip(0.05) ? 0.012 : stream.uniform(0.065...0.12)
    look = Point(stream.uniform(-0.04...0.04), stream.uniform(-0.015...0.02))
    let irises = [
      Colour(0.28, 0.17, 0.10), Colour(0.20, 0.12, 0.08), Colour(0.45, 0.30, 0.15), Colour(0.35, 0.50, 0.68),
      Colour(0.38, 0.50, 0.32), Colour(0.45, 0.50, 0.55),
    ]
    iris = stream.shade(of: irises)
    brow = (
      stream.uniform(-0.37 ... -0.29), stream.uniform(-0.08 ... -0.02), stream.uniform(-0.06...0.02),
      stream.uniform(0.022...0.042)
    )
    lashes = stream.uniform(0.012...0.03)
    nose = (stream.uniform(0.08...0.13), stream.uniform(0.24...0.31))
    mouth = stream.pick(Mouth.allCases)
    lips = (stream.uniform(0.17...0.27), stream.uniform(-0.03...0.10), stream.uniform(0.2...0.85))
    let kind = stream.pick(Beard.allCases)
    beard = stream.flip(0.3) ? kind : nil
    blush = stream.uniform(0...0.35)
    let spots = (0..<16).map { _ in Point(stream.uniform(-0.45...0.45), stream.uniform(0.1...0.34)) }
    freckles = stream.flip(0.12) ? spots : []
  }

  func draw(_ canvas: inout Canvas, _ head: Head) {
    for side in [Float(-1), 1] {
      let pink = Colour(0.90, 0.40, 0.38).faded(blush)
      canvas.paint(head.frame, head.over(Ellipse(side * 0.44, 0.3, 0.17, 0.13), margin: 0), pink, softness: 0.16)
      drawEye(side, &canvas, head)
    }
    for spot in freckles {
      canvas.paint(head.frame, head.on(Ellipse(spot.x, spot.y, 0.014, 0.014)), head.skin.scaled(0.68).faded(0.7))
    }
    drawWrinkles(&canvas, head)
    if let beard { draw(beard, &canvas, head) }
    drawNose(&canvas, head)
    drawMouth(&canvas, head)
  }

  private func drawEye(_ side: Float, _ canvas: inout Canvas, _ head: Head) {
    let (u, v) = (side * apart, Float(-0.09))
    let frame = head.frame
    let shadow = head.skin.scaled(0.72)
    canvas.paint(frame, head.on(Ellipse(u, v - 0.02, 0.19, open + 0.06)), shadow.faded(0.35), softness: 0.09)
    let ball = Ellipse(u, v, 0.15, open)
    canvas.paint(frame, head.on(ball), .white)
    let (x, y) = (u + look.x, v + look.y)
    canvas.paint(frame, head.on(Overlap(Ellipse(x, y, 0.085, 0.085), ball)), iris)
    canvas.paint(frame, head.on(Overlap(Rim(Ellipse(x, y, 0.08, 0.08), 0.008), ball)), iris.scaled(0.55))
    canvas.paint(frame, head.on(Overlap(Ellipse(x, y, 0.042, 0.042), ball)), .black)
    canvas.paint(frame, head.on(Overlap(Ellipse(x + 0.03, y - 0.03, 0.02, 0.02), ball)), .white)
    canvas.paint(frame, head.on(Arch(u, v, half: 0.155, bend: -open, lashes)), Colour(0.14, 0.09, 0.09))
    canvas.paint(frame, head.on(Arch(u, v + 0.01, half: 0.14, bend: open, 0.008)), shadow.scaled(0.8).faded(0.7))
    let height = brow.lift
    let inner = Point(side * (apart - 0.17), height + brow.slant)
    let outer = Point(side * (apart + 0.18), height + 0.02)
    let middle = (inner + outer) / 2 + Point(0, brow.bend)
    let colour = head.hair.scaled(0.8).mixed(with: head.skin, 0.1)
    let shape = Together(
      Stroke(inner, middle, brow.radius), Stroke(middle, outer, brow.radius, to: brow.radius * 0.4), blend: 0.03)
    canvas.paint(frame, head.on(shape), colour.faded(0.92), softness: 0.02)
  }

  private func drawNose(_ canvas: inout Canvas, _ head: Head) {
    let shade = head.skin.scaled(0.72)
    let (half, tip) = nose
    let frame = head.frame
    let side = head.farSide
    canvas.paint(
      frame, head.on(Stroke(Point(side * 0.06, -0.04), Point(side * half, tip - 0.06), 0.03)), shade.faded(0.30),
      softness: 0.08)
    canvas.paint(frame, head.on(Ellipse(0, tip + 0.03, half + 0.03, 0.05)), shade.faded(0.55), softness: 0.06)
    canvas.paint(frame, head.on(Ellipse(0, tip - 0.05, half * 0.8, 0.08)), head.skin.scaled(1.06), softness: 0.1)
    for nostril in [Float(-1), 1] {
      canvas.paint(
        frame, head.on(Ellipse(nostril * half * 0.5, tip + 0.025, 0.03, 0.016)), shade.scaled(0.55).faded(0.85))
      canvas.paint(
        frame, head.on(Arch(nostril * (half + 0.005), tip + 0.02, half: 0.03, bend: -0.06, 0.011)),
        shade.scaled(0.85).faded(0.8))
    }
    canvas.paint(frame, head.on(Arch(0, tip + 0.035, half: half * 0.6, bend: 0.03, 0.012)), shade.scaled(0.8))
    canvas.paint(
      frame, head.on(Stroke(Point(0, -0.02), Point(0, tip - 0.08), 0.02)), Colour.white.faded(0.16), softness: 0.05)
  }

  private func drawMouth(_ canvas: inout Canvas, _ head: Head) {
    let frame = head.frame
    let red = head.skin.scaled(0.72).mixed(with: Colour(0.80, 0.22, 0.27), lips.red)
    let dark = Colour(0.32, 0.08, 0.10)
    let half = lips.half
    switch mouth {
    case .closed, .smile:
      let bend = mouth == .smile ? abs(lips.bend) + 0.04 : lips.bend * 0.4
      canvas.paint(frame, head.on(Arch(0, 0.575, half: half * 0.8, bend: bend + 0.015, 0.045, tip: 0.4)), red)
      for side in [Float(-1), 1] {
        canvas.paint(
          frame, head.on(Arch(side * half * 0.4, 0.535 + bend * 0.4, half: half * 0.45, bend: -0.02, 0.03, tip: 0.5)),
          red.scaled(0.92))
      }
      canvas.paint(frame, head.on(Arch(0, 0.55, half: half, bend: bend, 0.011)), red.scaled(0.5))
    case .laugh:
      let bowl = Overlap(Ellipse(0, 0.50, half + 0.05, 0.22), Block(0, 0.72, 1, 0.21))
      canvas.paint(frame, head.on(Grown(bowl, by: 0.028)), red)
      canvas.paint(frame, head.on(bowl), dark)
      canvas.paint(frame, head.on(Overlap(bowl, Block(0, 0.535, half, 0.045, corner: 0.02))), .white)
      canvas.paint(frame, head.on(Overlap(bowl, Ellipse(0, 0.71, half * 0.6, 0.07))), Colour(0.85, 0.40, 0.42))
    case .open:
      let hole = Ellipse(0, 0.58, half * 0.7, 0.05 + abs(lips.bend) * 0.8)
      canvas.paint(frame, head.on(Grown(hole, by: 0.04)), red)
      canvas.paint(frame, head.on(hole), dark)
      canvas.paint(frame, head.on(Overlap(hole, Block(0, 0.53, half * 0.45, 0.035, corner: 0.02))), .white)
    }
    canvas.paint(
      frame, head.on(Arch(0, 0.72, half: 0.1, bend: 0.02, 0.02)), head.skin.scaled(0.75).faded(0.35), softness: 0.05)
  }

  private func drawWrinkles(_ canvas: inout Canvas, _ head: Head) {
    let line = head.skin.scaled(0.68).faded(0.65 * head.age)
    let frame = head.frame
    guard head.age > 0.3 else { return }
    for row in 0..<3 {
      let v = -0.48 - 0.09 * Float(row)
      canvas.paint(frame, head.on(Arch(0, v, half: 0.3, bend: -0.03, 0.008)), line.faded(0.7), softness: 0.02)
    }
    for side in [Float(-1), 1] {
      let crease = Stroke(Point(side * 0.17, 0.3), Point(side * 0.29, 0.55), 0.009)
      canvas.paint(frame, head.on(crease), line, softness: 0.025)
      canvas.paint(frame, head.on(Arch(side * apart, 0.03, half: 0.13, bend: 0.04, 0.009)), line, softness: 0.025)
      for ray in 0..<3 {
        let spread = Float(ray - 1) * 0.05
        let from = Point(side * (apart + 0.17), -0.08 + spread * 0.4)
        canvas.paint(frame, head.on(Stroke(from, from + Point(side * 0.09, spread), 0.006)), line, softness: 0.02)
      }
    }
  }

  private func draw(_ beard: Beard, _ canvas: inout Canvas, _ head: Head) {
    let frame = head.frame
    let whiskers = head.hair.scaled(0.9)
    let jaw = Without(Ellipse(0, 0.50, 0.80, 0.58), Ellipse(0, 0.22, 0.56, 0.36))
    switch beard {
    case .stubble:
      canvas.paint(frame, head.over(jaw, margin: 0), whiskers.faded(0.22), softness: 0.12)
    case .moustache: break
    case .goatee:
      let chin = Without(Ellipse(0, 0.68, 0.29, 0.36), Ellipse(0, 0.55, 0.22, 0.13))
      canvas.paint(frame, head.over(chin, margin: 0.05), whiskers.faded(0.92), softness: 0.05)
    case .full:
      canvas.paint(frame, head.over(jaw, margin: 0.04), whiskers.faded(0.95), softness: 0.06)
    case .long:
      canvas.paint(frame, head.over(jaw, margin: 0.05), whiskers.faded(0.97), softness: 0.05)
      let tail = Overlap(Ellipse(head.turn.yaw.y * 0.5, 1.0, 0.46, 0.55), Block(0, 1.6, 2, 0.78))
      canvas.paint(frame, tail, whiskers, softness: 0.06)
    }
    if beard != .stubble {
      let lip = Arch(0, 0.46, half: 0.25, bend: -0.07, 0.055, tip: 0.35)
      canvas.paint(frame, head.on(lip), whiskers.faded(0.95), softness: 0.03)
    }
  }
}
