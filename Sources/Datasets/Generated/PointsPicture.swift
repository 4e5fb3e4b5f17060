import NunchiImages

/// Points in the plane, drawn.
struct PointsPicture {
  private let set: GeneratedPoints
  private let size: Int
  /// The part of the plane that is shown: its middle, and half its sides.
  private let middle: SIMD2<Double>
  private let half: SIMD2<Double>

  private static let colours = [
    Colour(0.12, 0.47, 0.71), Colour(0.90, 0.40, 0.12), Colour(0.20, 0.60, 0.30), Colour(0.65, 0.25, 0.60),
    Colour(0.80, 0.65, 0.10), Colour(0.15, 0.65, 0.70), Colour(0.80, 0.20, 0.30), Colour(0.45, 0.35, 0.25),
    Colour(0.40, 0.40, 0.45),
  ]

  init(_ set: GeneratedPoints, size: Int) {
    (self.set, self.size) = (set, size)
    let points = set.points.map { SIMD2($0.x, $0.y) }
    let low = points.reduce(points.first ?? SIMD2(-1, -1), pointwiseMin)
    let high = points.reduce(points.first ?? SIMD2(1, 1), pointwiseMax)
    middle = (low + high) / 2
    let reach = pointwiseMax((high - low) * 0.55, SIMD2(repeating: 0.1))
    // But for the line, both axes have one scale.
    half = set.form == .line ? reach : SIMD2(repeating: max(reach.x, reach.y))
  }

  func draw() -> Image {
    var canvas = Canvas(size: size, .white)
    let whole = canvas.whole
    let origin = place(0, 0)
    let gray = Colour(0.72, 0.72, 0.74)
    let thin = 0.75 / Float(size)
    canvas.paint(whole, Block(origin.x, 0.5, thin, 0.5), gray)
    canvas.paint(whole, Block(0.5, origin.y, 0.5, thin), gray)
    if set.form == .line {
      let (left, right) = (middle.x - half.x, middle.x + half.x)
      canvas.paint(
        whole, Stroke(place(left, 3 * left + 2), place(right, 3 * right + 2), 2 * thin), Colour(0.85, 0.3, 0.2))
    }
    let radius = max(min(0.012, 0.25 / Float(max(set.points.count, 1)).squareRoot()), 0.004)
    for point in set.points {
      let place = place(point.x, point.y)
      let dot = Ellipse(place.x, place.y, radius, radius)
      canvas.paint(whole, Grown(dot, by: thin), .white)
      canvas.paint(whole, dot, Self.colours[point.label % Self.colours.count].faded(0.85))
    }
    return canvas.image()
  }

  /// A point of the plane in units of the side, y upwards there and downwards here.
  private func place(_ x: Double, _ y: Double) -> Point {
    let share = (SIMD2(x, y) - middle) / half
    return Point(Float(0.5 + share.x / 2), Float(0.5 - share.y / 2))
  }
}
