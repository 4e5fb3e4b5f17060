/// A curve over thresholds: points from left to right, each with its threshold.
package struct Curve: Hashable, Sendable {
  package struct Point: Hashable, Sendable {
    package let x: Double
    package let y: Double
    /// The score from which on images are accepted; `nil` where nothing is accepted.
    package let score: Float?
  }

  package let points: [Point]

  /// At most `limit` of the points, chosen where the line bends most (Douglas and Peucker); both ends stay. Each
  /// dropped point lies within `tolerance` of the line, unless the limit is reached first. Cost: limit · points.
  package func thinned(to limit: Int = 200, tolerance: Double = 0.001) -> Curve {
    precondition(limit >= 2, "a line has two ends, got a limit of \(limit) points")
    guard points.count > 2 else { return self }
    var pieces = [piece(0, points.count - 1)]
    while pieces.count + 1 < limit, let worst = pieces.indices.max(by: { pieces[$0].distance < pieces[$1].distance }),
      pieces[worst].distance > tolerance
    {
      let (first, far, last) = (pieces[worst].first, pieces[worst].far, pieces[worst].last)
      pieces[worst] = piece(first, far)
      pieces.append(piece(far, last))
    }
    return Curve(points: (pieces.map(\.first).sorted() + [points.count - 1]).map { points[$0] })
  }

  /// A straight piece of the line, and the dropped point farthest from it.
  private struct Piece {
    let first: Int
    let last: Int
    var far = 0
    var distance = 0.0
  }

  private func piece(_ first: Int, _ last: Int) -> Piece {
    var piece = Piece(first: first, last: last)
    let (a, b) = (points[first], points[last])
    let (width, height) = (b.x - a.x, b.y - a.y)
    let square = width * width + height * height
    for index in first..<last where index > first {
      let (dx, dy) = (points[index].x - a.x, points[index].y - a.y)
      let along = square == 0 ? 0 : min(max((dx * width + dy * height) / square, 0), 1)
      let (offX, offY) = (dx - along * width, dy - along * height)
      let distance = (offX * offX + offY * offY).squareRoot()
      if distance > piece.distance { (piece.far, piece.distance) = (index, distance) }
    }
    return piece
  }
}

extension Ranking {
  /// The ROC curve from (0, 0) to (1, 1): x is the false positive rate, y the recall. `nil` without images of the class
  /// or without others.
  package var rocCurve: Curve? {
    guard positives > 0, negatives > 0 else { return nil }
    let start = Curve.Point(x: 0, y: 0, score: nil)
    return Curve(
      points: [start]
        + thresholds.map {
          .init(x: ratio($0.falsePositives, negatives), y: ratio($0.truePositives, positives), score: $0.score)
        })
  }

  /// The precision-recall curve: x is the recall, y the precision. It begins at (0, 1), which is a convention and not
  /// measured. `nil` without images of the class.
  package var precisionRecallCurve: Curve? {
    guard positives > 0 else { return nil }
    let start = Curve.Point(x: 0, y: 1, score: nil)
    return Curve(
      points: [start]
        + thresholds.map {
          .init(
            x: ratio($0.truePositives, positives), y: ratio($0.truePositives, $0.truePositives + $0.falsePositives),
            score: $0.score)
        })
  }
}
