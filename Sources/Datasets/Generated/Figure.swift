/// A place in drawing coordinates: to the right, downwards.
typealias Point = SIMD2<Float>

/// A rectangle in drawing coordinates.
struct Bounds {
  var low: Point
  var high: Point

  init(low: Point, high: Point) {
    self.low = low
    self.high = high
  }

  init(around center: Point, _ half: Point) { self.init(low: center - half, high: center + half) }

  func grown(by margin: Float) -> Bounds { Bounds(low: low - margin, high: high + margin) }

  func joined(with other: Bounds) -> Bounds {
    Bounds(low: pointwiseMin(low, other.low), high: pointwiseMax(high, other.high))
  }
}

/// A figure as a signed distance to its edge, negative inside; exact or close to it near the edge.
protocol Figure {
  /// Outside of it the distance is positive.
  var bounds: Bounds { get }
  func distance(_ point: Point) -> Float
}

@inline(__always)
private func length(_ vector: Point) -> Float { (vector * vector).sum().squareRoot() }

struct Ellipse: Figure {
  var center: Point
  var radii: Point

  init(_ u: Float, _ v: Float, _ radiusU: Float, _ radiusV: Float) {
    center = Point(u, v)
    radii = Point(radiusU, radiusV)
  }

  var bounds: Bounds { Bounds(around: center, radii) }

  @inline(__always)
  func distance(_ point: Point) -> Float {
    let unit = (point - center) / radii
    let reach = length(unit)
    let gradient = length(unit / radii)
    return gradient == 0 ? -min(radii.x, radii.y) : reach * (reach - 1) / gradient
  }
}

/// A rectangle with round corners.
struct Block: Figure {
  var center: Point
  var half: Point
  var corner: Float

  init(_ u: Float, _ v: Float, _ halfU: Float, _ halfV: Float, corner: Float = 0) {
    center = Point(u, v)
    half = Point(halfU, halfV)
    self.corner = min(corner, min(halfU, halfV))
  }

  var bounds: Bounds { Bounds(around: center, half) }

  @inline(__always)
  func distance(_ point: Point) -> Float {
    let offset = point - center
    let over = Point(abs(offset.x), abs(offset.y)) - half + corner
    return length(pointwiseMax(over, .zero)) + min(max(over.x, over.y), 0) - corner
  }
}

/// A line with round ends, from one thickness to another.
struct Stroke: Figure {
  var from: Point
  var to: Point
  var radius: Float
  var endRadius: Float

  init(_ from: Point, _ to: Point, _ radius: Float, to endRadius: Float? = nil) {
    self.from = from
    self.to = to
    self.radius = radius
    self.endRadius = endRadius ?? radius
  }

  var bounds: Bounds {
    Bounds(low: pointwiseMin(from, to), high: pointwiseMax(from, to)).grown(by: max(radius, endRadius))
  }

  @inline(__always)
  func distance(_ point: Point) -> Float {
    let line = to - from
    let share = min(max(((point - from) * line).sum() / max((line * line).sum(), 1e-9), 0), 1)
    return length(point - from - line * share) - radius - (endRadius - radius) * share
  }
}

/// The arch v = v0 + bend·(1 - (u - u0)² / half²) from side to side, with round ends that taper to `tip` of the radius.
struct Arch: Figure {
  var center: Point
  var half: Float
  var bend: Float
  var radius: Float
  var tip: Float

  init(_ u: Float, _ v: Float, half: Float, bend: Float, _ radius: Float, tip: Float = 1) {
    center = Point(u, v)
    self.half = half
    self.bend = bend
    self.radius = radius
    self.tip = tip
  }

  var bounds: Bounds {
    Bounds(
      low: Point(center.x - half, center.y + min(bend, 0)), high: Point(center.x + half, center.y + max(bend, 0))
    ).grown(by: radius)
  }

  @inline(__always)
  func distance(_ point: Point) -> Float {
    let offset = point - center
    let x = min(max(offset.x, -half), half)
    let share = x * x / (half * half)
    let slope = 2 * bend * x / (half * half)
    let across = (offset.y - bend * (1 - share)) / (1 + slope * slope).squareRoot()
    let beyond = max(abs(offset.x) - half, 0)
    return length(Point(across, beyond)) - radius * (1 - (1 - tip) * share)
  }
}

/// A polygon with straight edges; corners in order, either way round.
struct Polygon: Figure {
  let corners: [Point]
  let bounds: Bounds

  init(_ corners: [Point]) {
    precondition(corners.count >= 3, "a polygon has three corners or more, got \(corners.count)")
    self.corners = corners
    bounds = corners.dropFirst().reduce(Bounds(low: corners[0], high: corners[0])) {
      $0.joined(with: Bounds(low: $1, high: $1))
    }
  }

  func distance(_ point: Point) -> Float {
    var nearest = Float.infinity
    var inside = false
    var previous = corners[corners.count - 1]
    for corner in corners {
      let line = previous - corner
      let offset = point - corner
      let share = min(max((offset * line).sum() / max((line * line).sum(), 1e-9), 0), 1)
      let gap = offset - line * share
      nearest = min(nearest, (gap * gap).sum())
      if (corner.y > point.y) != (previous.y > point.y) {
        let crossing = corner.x + line.x * (point.y - corner.y) / line.y
        if point.x < crossing { inside.toggle() }
      }
      previous = corner
    }
    return inside ? -nearest.squareRoot() : nearest.squareRoot()
  }
}

// MARK: - Figures from figures

/// What lies in both.
struct Overlap<First: Figure, Second: Figure>: Figure {
  let first: First
  let second: Second

  init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  var bounds: Bounds {
    let (one, two) = (first.bounds, second.bounds)
    return Bounds(low: pointwiseMax(one.low, two.low), high: pointwiseMin(one.high, two.high))
  }

  @inline(__always)
  func distance(_ point: Point) -> Float { max(first.distance(point), second.distance(point)) }
}

/// What lies in the first and not in the second.
struct Without<First: Figure, Second: Figure>: Figure {
  let first: First
  let second: Second

  init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  var bounds: Bounds { first.bounds }

  @inline(__always)
  func distance(_ point: Point) -> Float { max(first.distance(point), -second.distance(point)) }
}

/// What lies in either, the notch between them filled with a curve about `blend` wide.
struct Together<First: Figure, Second: Figure>: Figure {
  let first: First
  let second: Second
  let blend: Float

  init(_ first: First, _ second: Second, blend: Float = 1e-4) {
    self.first = first
    self.second = second
    self.blend = blend
  }

  var bounds: Bounds { first.bounds.joined(with: second.bounds).grown(by: blend / 4) }

  @inline(__always)
  func distance(_ point: Point) -> Float {
    let (one, two) = (first.distance(point), second.distance(point))
    let notch = max(blend - abs(one - two), 0) / blend
    return min(one, two) - notch * notch * blend / 4
  }
}

/// A figure with its edge moved outwards.
struct Grown<Base: Figure>: Figure {
  let base: Base
  let margin: Float

  init(_ base: Base, by margin: Float) {
    self.base = base
    self.margin = margin
  }

  var bounds: Bounds { base.bounds.grown(by: margin) }

  @inline(__always)
  func distance(_ point: Point) -> Float { base.distance(point) - margin }
}

/// A line of half width `radius` along a figure's edge.
struct Rim<Base: Figure>: Figure {
  let base: Base
  let radius: Float

  init(_ base: Base, _ radius: Float) {
    self.base = base
    self.radius = radius
  }

  var bounds: Bounds { base.bounds.grown(by: radius) }

  @inline(__always)
  func distance(_ point: Point) -> Float { abs(base.distance(point)) - radius }
}
