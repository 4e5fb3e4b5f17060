/// The turn of a head to its side and its nod, as of a ball of radius 1 seen from afar.
struct HeadTurn {
  /// Cosine and sine.
  let yaw: Point
  let nod: Point

  /// - Parameters: whole turns, to the right and downwards.
  init(yaw: Float, nod: Float) {
    self.yaw = Circle.point(yaw)
    self.nod = Circle.point(nod)
  }

  /// The point of the face that is seen at `point`.
  @inline(__always)
  func surface(_ point: Point) -> Point { Point(Self.undo(yaw, point.x), Self.undo(nod, point.y)) }

  /// Where the point of the face is seen; the inverse of `surface` on the visible side.
  func seen(_ point: Point) -> Point { Point(Self.apply(yaw, point.x), Self.apply(nod, point.y)) }

  /// What holds all that is seen of `bounds`.
  func seen(_ bounds: Bounds) -> Bounds {
    let (x, y) = (
      Self.range(yaw, bounds.low.x, bounds.high.x), Self.range(nod, bounds.low.y, bounds.high.y)
    )
    return Bounds(low: Point(x.0, y.0), high: Point(x.1, y.1))
  }

  // On the circle of radius 1, the place a = sin θ moves to sin(θ + φ) = a cos φ + √(1 - a²) sin φ. Beyond it, as if φ's
  // cosine alone counted, so that the map goes on without a jump.
  @inline(__always)
  private static func undo(_ angle: Point, _ place: Float) -> Float {
    place * angle.x - max(1 - place * place, 0).squareRoot() * angle.y
  }

  private static func apply(_ angle: Point, _ place: Float) -> Float {
    place * angle.x + max(1 - place * place, 0).squareRoot() * angle.y
  }

  private static func range(_ angle: Point, _ low: Float, _ high: Float) -> (Float, Float) {
    var (first, last) = (apply(angle, low), apply(angle, high))
    if high > angle.x { last = max(last, max(high, 1) / angle.x) }
    if low < -angle.x { first = min(first, min(low, -1) / angle.x) }
    return (first, last)
  }
}

/// A figure on the face of a turned head.
struct Turned<Base: Figure>: Figure {
  let base: Base
  let turn: HeadTurn

  init(_ base: Base, _ turn: HeadTurn) {
    self.base = base
    self.turn = turn
  }

  var bounds: Bounds { turn.seen(base.bounds) }

  @inline(__always)
  func distance(_ point: Point) -> Float { base.distance(turn.surface(point)) }
}
