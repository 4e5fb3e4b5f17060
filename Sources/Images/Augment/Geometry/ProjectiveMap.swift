import NunchiSystem

/// A place in a picture in pixels, (0, 0) the centre of its upper left pixel, y downwards.
package struct Point: Sendable, Hashable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// A map of the plane that keeps straight lines straight: (x, y) ↦ (x'/w, y'/w), where
/// x' = row x · (x, y, 1), y' = row y · (x, y, 1), w = row w · (x, y, 1).
///
/// It says where the points of a picture go. Turns by multiples of 90 degrees, flips and moves by whole pixels are exact,
/// also one after another.
package struct ProjectiveMap: Sendable, Hashable {
  package let x: SIMD3<Double>
  package let y: SIMD3<Double>
  /// (0, 0, 1) where parallels stay parallel.
  package let w: SIMD3<Double>

  package static let identity = ProjectiveMap(x: SIMD3(1, 0, 0), y: SIMD3(0, 1, 0))

  package init(x: SIMD3<Double>, y: SIMD3<Double>, w: SIMD3<Double> = SIMD3(0, 0, 1)) {
    (self.x, self.y, self.w) = (x, y, w)
  }

  /// A linear map about `centre`: the offsets from it are multiplied by the matrix (xx, xy; yx, yy).
  package init(_ xx: Double, _ xy: Double, _ yx: Double, _ yy: Double, about centre: Point) {
    self.init(
      x: SIMD3(xx, xy, centre.x - xx * centre.x - xy * centre.y),
      y: SIMD3(yx, yy, centre.y - yx * centre.x - yy * centre.y))
  }

  /// A clockwise turn about `centre`.
  package init(degrees: Double, about centre: Point) {
    let (cosine, sine) = Self.direction(degrees)
    self.init(cosine, -sine, sine, cosine, about: centre)
  }

  package init(moveX: Double, moveY: Double) { self.init(x: SIMD3(1, 0, moveX), y: SIMD3(0, 1, moveY)) }

  /// The map that takes four corners, no three on a line, to four others, both in the same order round.
  package init(corners: [Point], to moved: [Point]) {
    precondition(corners.count == 4 && moved.count == 4, "a projective map is given by four corners and their places")
    self = corners == moved ? .identity : Self(unitSquareTo: corners).inverse.then(Self(unitSquareTo: moved))
  }

  /// The map that takes (0, 0), (1, 0), (1, 1), (0, 1) to four corners.
  private init(unitSquareTo corners: [Point]) {
    let (a, b, c, d) = (corners[0], corners[1], corners[2], corners[3])
    let (sumX, sumY) = (a.x - b.x + c.x - d.x, a.y - b.y + c.y - d.y)
    let (rightX, rightY, lowerX, lowerY) = (b.x - c.x, b.y - c.y, d.x - c.x, d.y - c.y)
    let area = rightX * lowerY - lowerX * rightY
    let g = (sumX * lowerY - lowerX * sumY) / area
    let h = (rightX * sumY - sumX * rightY) / area
    self.init(
      x: SIMD3(b.x - a.x + g * b.x, d.x - a.x + h * d.x, a.x), y: SIMD3(b.y - a.y + g * b.y, d.y - a.y + h * d.y, a.y),
      w: SIMD3(g, h, 1))
  }

  /// Cosine and sine, exact for multiples of 90 degrees.
  private static func direction(_ degrees: Double) -> (cosine: Double, sine: Double) {
    let quarters = degrees / 90
    guard quarters == quarters.rounded() else {
      let angle = degrees * Double.pi / 180
      return (cos(angle), sin(angle))
    }
    let quarter = Int(quarters.truncatingRemainder(dividingBy: 4) + 4) % 4
    return ([1, 0, -1, 0][quarter], [0, 1, 0, -1][quarter])
  }

  package var isIdentity: Bool { self == .identity }
  package var isAffine: Bool { w == SIMD3(0, 0, 1) }

  /// This map, and `next` on its result.
  package func then(_ next: ProjectiveMap) -> ProjectiveMap {
    func row(_ factors: SIMD3<Double>) -> SIMD3<Double> { x * factors.x + y * factors.y + w * factors.z }
    return ProjectiveMap(x: row(next.x), y: row(next.y), w: row(next.w))
  }

  /// The way back.
  package var inverse: ProjectiveMap {
    func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
      SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
    let (first, second, third) = (cross(y, w), cross(w, x), cross(x, y))
    let size = isAffine ? third.z : 1
    precondition(size != 0, "a map that flattens the picture has no way back")
    return ProjectiveMap(
      x: SIMD3(first.x, second.x, third.x) / size, y: SIMD3(first.y, second.y, third.y) / size,
      w: isAffine ? SIMD3(0, 0, 1) : SIMD3(first.z, second.z, third.z))
  }

  /// Where a point goes.
  package func move(_ point: Point) -> Point {
    let moved = Point(x.x * point.x + x.y * point.y + x.z, y.x * point.x + y.y * point.y + y.z)
    if isAffine { return moved }
    let depth = w.x * point.x + w.y * point.y + w.z
    // On the horizon points go to infinity; very far is as good.
    let divisor = abs(depth) < 1e-9 ? 1e-9 : depth
    return Point(moved.x / divisor, moved.y / divisor)
  }

  /// Moves each of many points.
  func move(_ points: UnsafeMutableBufferPointer<Point>) {
    for index in points.indices { points[index] = move(points[index]) }
  }
}
