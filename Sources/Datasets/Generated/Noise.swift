import NunchiTensors

/// Smooth noise in 0...1: random values at whole coordinates, blended in between.
struct Noise {
  private let key: UInt32

  init(_ stream: inout RandomStream) { key = stream.next32() }

  func value(_ point: Point) -> Float {
    let corner = Point(point.x.rounded(.down), point.y.rounded(.down))
    let share = point - corner
    let weight = share * share * (3 - 2 * share)
    let (x, y) = (Int32(corner.x), Int32(corner.y))
    let above = at(x, y) + (at(x &+ 1, y) - at(x, y)) * weight.x
    let below = at(x, y &+ 1) + (at(x &+ 1, y &+ 1) - at(x, y &+ 1)) * weight.x
    return above + (below - above) * weight.y
  }

  /// Noise of three sizes, each half as large and half as strong as the one before.
  func cloud(_ point: Point) -> Float {
    (value(point) * 4 + value(point * 2 + 17) * 2 + value(point * 4 + 31)) / 7
  }

  /// The value at whole coordinates: a hash of them.
  func at(_ x: Int32, _ y: Int32) -> Float {
    var hash = key ^ (UInt32(bitPattern: x) &* 0x9E37_79B1) ^ (UInt32(bitPattern: y) &* 0x85EB_CA77)
    hash = (hash ^ (hash >> 15)) &* 0x2C1B_3C6D
    hash = (hash ^ (hash >> 12)) &* 0x297A_2D39
    return Float((hash ^ (hash >> 15)) >> 8) * 0x1p-24
  }
}
