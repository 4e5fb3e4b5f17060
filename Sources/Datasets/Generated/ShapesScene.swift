import NunchiImages
import NunchiTensors

/// Coloured shapes on a textured ground, with all that is known of each: its class, its box and its mask.
package struct ShapesScene: Sendable {
  /// Where a shape is seen, in whole pixels; the far edges are not included.
  package struct Box: Sendable, Hashable {
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int
  }

  package struct Object: Sendable, Hashable {
    /// The number of its class in `GeneratedShapes.classes`.
    package let label: Int
    /// The smallest box round its visible pixels.
    package let box: Box
  }

  package let image: Image
  /// In the order in which they were painted: later ones may hide parts of earlier ones.
  package let objects: [Object]
  /// For each pixel, rows from the top, the object that is seen there, counted from 1; 0 is the ground.
  package let instances: [UInt8]

  /// Whether the object with this number, counted from 0, is seen at each pixel.
  package func mask(of object: Int) -> [Bool] { instances.map { Int($0) == object + 1 } }

  /// For each pixel the class that is seen there, counted from 1; 0 is the ground.
  package var classMap: [UInt8] { instances.map { $0 == 0 ? 0 : UInt8(objects[Int($0) - 1].label + 1) } }

  /// - Parameter labels: the classes of the objects to paint, at most 255.
  init(labels: [Int], size: Int, stream: inout RandomStream) {
    precondition(labels.count <= 255, "a scene has at most 255 objects, got \(labels.count)")
    let side = Float(size)
    var canvas = Canvas(size: size)
    let ground = ShapesGround(&stream)
    canvas.fill { ground.colour($0) }
    var instances = [UInt8](repeating: 0, count: size * size)
    var taken: [(place: Point, reach: Float)] = []
    for (number, label) in labels.enumerated() {
      let reach = stream.uniform(0.16...0.36) / (labels.count > 1 ? 1 + 0.25 * Float(labels.count) : 1)
      let place = Self.freePlace(reach, taken, &stream)
      taken.append((place, reach))
      let frame = Canvas.Frame(origin: place * side, unit: reach * side, turns: stream.uniform())
      let paint = ground.contrasting(&stream)
      let figure = ShapeFigure(label: label, &stream)
      var shadow = frame
      shadow.origin += 0.012 * side
      canvas.paint(shadow, figure, Colour.black.faded(0.3), softness: 0.12)
      canvas.paint(frame, figure) { paint.colour($0) }
      let cover = canvas.coverage(frame, figure)
      for (pixel, share) in cover.enumerated() where share >= 0.5 { instances[pixel] = UInt8(number + 1) }
    }
    canvas.adjust { _, sample in
      let bits = stream.next32()
      let grain = SIMD4(Float(bits & 0xFF), Float(bits >> 8 & 0xFF), Float(bits >> 16 & 0xFF), 0) - 127.5
      return sample + grain * 0.0002
    }
    image = canvas.image()
    (objects, self.instances) = Self.seen(labels, instances, size)
  }

  /// A place for a shape that reaches so far, clear of the others where one is found in a few throws.
  private static func freePlace(
    _ reach: Float, _ taken: [(place: Point, reach: Float)], _ stream: inout RandomStream
  ) -> Point {
    var best = (place: Point(0.5, 0.5), room: -Float.infinity)
    for _ in 0..<12 {
      let place = Point(stream.uniform(), stream.uniform()) * (1 - 2 * reach) + reach
      let room = taken.reduce(Float(1)) { room, other in
        let gap = place - other.place
        return min(room, (gap * gap).sum().squareRoot() - reach - other.reach)
      }
      if room > 0 { return place }
      if room > best.room { best = (place, room) }
    }
    return best.place
  }

  /// The objects of which something is seen, and the pixels with their new numbers.
  private static func seen(_ labels: [Int], _ instances: [UInt8], _ size: Int) -> ([Object], [UInt8]) {
    var low = [(x: Int, y: Int)](repeating: (size, size), count: labels.count)
    var high = [(x: Int, y: Int)](repeating: (-1, -1), count: labels.count)
    for (pixel, instance) in instances.enumerated() where instance > 0 {
      let (number, x, y) = (Int(instance) - 1, pixel % size, pixel / size)
      low[number] = (min(low[number].x, x), min(low[number].y, y))
      high[number] = (max(high[number].x, x), max(high[number].y, y))
    }
    var numbers = [UInt8](repeating: 0, count: labels.count + 1)
    var objects: [Object] = []
    for number in labels.indices where high[number].x >= 0 {
      let (first, last) = (low[number], high[number])
      let box = Box(x: first.x, y: first.y, width: last.x - first.x + 1, height: last.y - first.y + 1)
      objects.append(Object(label: labels[number], box: box))
      numbers[number + 1] = UInt8(objects.count)
    }
    return (objects, instances.map { numbers[Int($0)] })
  }
}

/// The ground of a scene, and colours that stand out from it.
private struct ShapesGround {
  private let fabric: Fabric
  private let noise: Noise
  private let isCloudy: Bool

  init(_ stream: inout RandomStream) {
    fabric = Fabric(&stream, plain: 0.35)
    noise = Noise(&stream)
    isCloudy = stream.flip(0.5)
  }

  /// Paler than the shapes.
  func colour(_ place: Point) -> Colour {
    let base = fabric.colour(place).mixed(with: fabric.base, 0.6)
    return isCloudy ? base.scaled(0.8 + 0.35 * noise.cloud(place * 7)) : base.scaled(1.05 - 0.15 * place.y)
  }

  /// Cloth whose colour is far from the ground's.
  func contrasting(_ stream: inout RandomStream) -> Fabric {
    var best = Fabric(&stream, plain: 0.6)
    for _ in 0..<6 where distance(best) < 0.45 {
      let next = Fabric(&stream, plain: 0.6)
      if distance(next) > distance(best) { best = next }
    }
    return best
  }

  private func distance(_ other: Fabric) -> Float {
    let gap = other.base.samples - fabric.base.samples
    return (gap * gap).sum().squareRoot()
  }
}

/// A shape of each class, within the circle of radius 1.
private enum ShapeFigure: Figure {
  case round(Ellipse)
  case cornered(Polygon)

  init(label: Int, _ stream: inout RandomStream) {
    let slim = stream.uniform(0.9...1)
    switch GeneratedShapes.Shape.allCases[label] {
    case .circle: self = .round(Ellipse(0, 0, slim, slim))
    case .square: self = Self.regular(4)
    case .triangle: self = Self.regular(3)
    case .hexagon: self = Self.regular(6)
    case .star:
      let inner = stream.uniform(0.40...0.5)
      self = .cornered(Polygon((0..<10).map { Circle.point(Float($0) / 10) * ($0 & 1 == 0 ? 1 : inner) }))
    case .cross:
      let arm = stream.uniform(0.24...0.32)
      let side = Point(0.94, arm)
      // The corners of one arm, turned by quarters.
      let corners = (0..<4).flatMap { quarter -> [Point] in
        let turn = Circle.point(Float(quarter) / 4)
        return [Point(side.x, -side.y), Point(side.x, side.y), Point(side.y, side.y)].map {
          Point($0.x * turn.x - $0.y * turn.y, $0.x * turn.y + $0.y * turn.x)
        }
      }
      self = .cornered(Polygon(corners))
    }
  }

  private static func regular(_ corners: Int) -> ShapeFigure {
    .cornered(Polygon((0..<corners).map { Circle.point(Float($0) / Float(corners)) }))
  }

  var bounds: Bounds {
    switch self {
    case .round(let ellipse): ellipse.bounds
    case .cornered(let polygon): polygon.bounds
    }
  }

  func distance(_ point: Point) -> Float {
    switch self {
    case .round(let ellipse): ellipse.distance(point)
    case .cornered(let polygon): polygon.distance(point)
    }
  }
}
