import NunchiTensors

/// What stands behind a drawn face, out of focus.
struct FaceBackdrop {
  enum Scene: CaseIterable {
    case gradient, wall, wallpaper, shelves, lights, shapes, landscape, window, people
  }

  private let scene: Scene
  private let above: Colour
  private let below: Colour
  private let fabric: Fabric
  private let noise: Noise
  private let blur: Float
  private let details: RandomStream

  init(_ stream: inout RandomStream) {
    scene = stream.pick(Scene.allCases)
    above = stream.shade(of: Fabric.colours)
    below = stream.shade(of: Fabric.colours)
    fabric = Fabric(&stream, plain: 0)
    noise = Noise(&stream)
    blur = stream.uniform(0...0.02)
    details = stream
  }

  func draw(_ canvas: inout Canvas) {
    var stream = details
    let (above, below, noise) = (above, below, noise)
    switch scene {
    case .gradient: canvas.fill { above.mixed(with: below, $0.y) }
    case .wall: canvas.fill { above.scaled(0.82 + 0.3 * noise.cloud($0 * 6) - 0.1 * $0.y) }
    case .wallpaper:
      let fabric = fabric
      canvas.fill { fabric.colour($0).mixed(with: above, 0.35) }
    case .shelves: drawShelves(&canvas, &stream)
    case .lights: drawLights(&canvas, &stream)
    case .shapes: drawShapes(&canvas, &stream)
    case .landscape: drawLandscape(&canvas, &stream)
    case .window: drawWindow(&canvas, &stream)
    case .people: drawPeople(&canvas, &stream)
    }
    canvas.blur(blur * Float(canvas.size))
  }

  private func drawShelves(_ canvas: inout Canvas, _ stream: inout RandomStream) {
    let (wood, whole) = (above.mixed(with: Colour(0.55, 0.38, 0.25), 0.6), canvas.whole)
    canvas.fill { _ in wood.scaled(0.6) }
    for row in 0..<4 {
      let floor = 0.24 + 0.27 * Float(row)
      var x: Float = stream.uniform(-0.02...0.05)
      while x < 1 {
        let half = stream.uniform(0.012...0.035)
        let tall = stream.uniform(0.07...0.105)
        let cover = stream.shade(of: Fabric.colours)
        canvas.paint(whole, Block(x + half, floor - tall, half, tall, corner: 0.005), cover)
        canvas.paint(whole, Block(x + half, floor - tall * 1.4, half * 0.7, 0.006), cover.mixed(with: .white, 0.5))
        x += 2 * half + (stream.flip(0.12) ? 0.07 : 0.004)
      }
      canvas.paint(whole, Block(0.5, floor + 0.016, 0.6, 0.016), wood)
    }
  }

  private func drawLights(_ canvas: inout Canvas, _ stream: inout RandomStream) {
    let (above, below) = (above.scaled(0.5), below.scaled(0.35))
    canvas.fill { above.mixed(with: below, $0.y) }
    for _ in 0..<22 {
      let (x, y) = (stream.uniform(), stream.uniform())
      let radius = stream.uniform(0.02...0.09)
      let light = stream.shade(of: Fabric.colours).mixed(with: Colour(1, 0.9, 0.65), 0.4)
      canvas.paint(canvas.whole, Ellipse(x, y, radius, radius), light.faded(stream.uniform(0.2...0.6)), softness: 0.01)
    }
  }

  private func drawShapes(_ canvas: inout Canvas, _ stream: inout RandomStream) {
    let (above, below) = (above, below)
    canvas.fill { above.mixed(with: below, $0.x) }
    for _ in 0..<9 {
      let cloth = Fabric(&stream, plain: 0.6)
      let place = Point(stream.uniform(), stream.uniform())
      let half = stream.uniform(0.05...0.2)
      let frame = canvas.whole.inner(place, turns: stream.uniform())
      let opacity = stream.uniform(0.4...1)
      switch stream.integer(below: 3) {
      case 0: canvas.paint(frame, Ellipse(0, 0, half, half)) { cloth.colour($0).faded(opacity) }
      case 1: canvas.paint(frame, Block(0, 0, half, half * 0.6, corner: 0.03)) { cloth.colour($0).faded(opacity) }
      default:
        let corners = [Point(0, -half), Point(half, half * 0.7), Point(-half, half * 0.7)]
        canvas.paint(frame, Polygon(corners)) { cloth.colour($0).faded(opacity) }
      }
    }
  }

  private func drawLandscape(_ canvas: inout Canvas, _ stream: inout RandomStream) {
    let (noise, green) = (noise, below.mixed(with: Colour(0.40, 0.55, 0.30), 0.6))
    let sky = above.mixed(with: Colour(0.62, 0.80, 0.95), 0.6)
    let horizon = stream.uniform(0.4...0.65)
    canvas.fill { point in
      sky.mixed(with: .white, min(0.3 * point.y + max(noise.cloud(Point(point.x * 3, point.y * 7)) - 0.5, 0) * 2, 0.9))
    }
    for hill in 0..<3 {
      let base = horizon + 0.09 * Float(hill)
      let row = Float(hill) * 13
      canvas.paint(canvas.whole, Ground { base - 0.16 * noise.value(Point($0 * 3 + row, row)) }) {
        green.scaled(0.72 + 0.14 * Float(hill) + 0.1 * noise.value($0 * 24))
      }
    }
  }

  private func drawWindow(_ canvas: inout Canvas, _ stream: inout RandomStream) {
    let (above, below, whole) = (above, below, canvas.whole)
    canvas.fill { above.scaled(0.9 - 0.2 * $0.x) }
    let x = stream.uniform(0.15...0.85)
    let pane = below.mixed(with: Colour(0.80, 0.90, 0.98), 0.65)
    canvas.paint(whole, Block(x, 0.36, 0.26, 0.32, corner: 0.01), Colour.white.scaled(0.9))
    for (dx, dy) in [(-1, -1), (1, -1), (-1, 1), (1, 1)] as [(Float, Float)] {
      canvas.paint(whole, Block(x + 0.122 * dx, 0.36 + 0.15 * dy, 0.11, 0.135)) { pane.scaled(1.02 - 0.25 * $0.y) }
    }
    for _ in 0..<2 {
      let cloth = Fabric(&stream, plain: 0.3)
      let side: Float = stream.flip(0.5) ? 1 : -1
      canvas.paint(whole, Block(x + side * 0.33, 0.38, 0.08, 0.42, corner: 0.02)) { cloth.colour($0) }
    }
  }

  /// Others, some of them with something before the mouth: they say nothing about the one in front.
  private func drawPeople(_ canvas: inout Canvas, _ stream: inout RandomStream) {
    let (above, below, noise) = (above, below, noise)
    canvas.fill { above.mixed(with: below, $0.y).scaled(0.85 + 0.2 * noise.cloud($0 * 5)) }
    for _ in 0..<5 {
      let other = Head(&stream, size: canvas.size, variety: FaceVariety(.hard))
      let place = Point(stream.uniform(), stream.uniform(0.25...0.6)) * Float(canvas.size)
      let frame = Canvas.Frame(origin: place, unit: Float(canvas.size) * stream.uniform(0.06...0.12))
      let cloth = Fabric(&stream, plain: 0.7)
      let coverChance = stream.flip(0.5)
      canvas.paint(frame, Together(Ellipse(0, 2.0, 1.3, 0.7), Block(0, 5, 1.3, 3), blend: 0.2)) { cloth.colour($0) }
      canvas.paint(frame, Ellipse(0, -0.2, 0.85, 0.95), other.hair)
      canvas.paint(frame, Ellipse(0, 0.05, 0.68, 0.9), other.skin)
      canvas.paint(frame, Ellipse(-0.28, -0.05, 0.09, 0.06), .black)
      canvas.paint(frame, Ellipse(0.28, -0.05, 0.09, 0.06), .black)
      if coverChance {
        canvas.paint(frame, Block(0, 0.55, 0.62, 0.4, corner: 0.15), cloth.second)
      } else {
        canvas.paint(frame, Arch(0, 0.5, half: 0.2, bend: 0.06, 0.04), Colour(0.6, 0.25, 0.25))
      }
    }
    canvas.blur(0.008 * Float(canvas.size))
  }
}

/// All that lies below a line over the whole width.
struct Ground: Figure {
  let line: (Float) -> Float

  init(_ line: @escaping (Float) -> Float) { self.line = line }

  var bounds: Bounds { Bounds(low: Point(0, 0), high: Point(1, 1)) }

  func distance(_ point: Point) -> Float { line(point.x) - point.y }
}
