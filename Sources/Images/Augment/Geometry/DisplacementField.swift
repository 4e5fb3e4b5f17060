/// Vectors on a grid, bilinear between its nodes: a picture shows at p what lay at p + vector(p). Beyond the grid the
/// nearest vector counts.
package struct DisplacementField: Sendable, Hashable {
  /// Pixels between two nodes; the first one lies at (0, 0).
  package let spacing: Double
  package let columns: Int
  package let rows: Int
  /// In pixels, row by row.
  package let vectors: [SIMD2<Float>]

  package init(spacing: Double, columns: Int, rows: Int, vectors: [SIMD2<Float>]) {
    precondition(spacing > 0 && columns > 0 && rows > 0, "a field has at least one node")
    precondition(vectors.count == columns * rows, "a field of \(columns)x\(rows) nodes, got \(vectors.count) vectors")
    (self.spacing, self.columns, self.rows, self.vectors) = (spacing, columns, rows, vectors)
  }

  /// The vector at a point.
  package subscript(point: Point) -> SIMD2<Double> {
    vectors.withUnsafeBufferPointer { vector(at: point, in: $0.baseAddress!) }
  }

  /// Adds to each of many points its vector: from what a picture shows to where it lay.
  func displace(_ points: UnsafeMutableBufferPointer<Point>) {
    vectors.withUnsafeBufferPointer { vectors in
      for index in points.indices {
        let vector = vector(at: points[index], in: vectors.baseAddress!)
        points[index].x += vector.x
        points[index].y += vector.y
      }
    }
  }

  @inline(__always)
  private func vector(at point: Point, in vectors: UnsafePointer<SIMD2<Float>>) -> SIMD2<Double> {
    let x = min(max(point.x / spacing, 0), Double(columns - 1))
    let y = min(max(point.y / spacing, 0), Double(rows - 1))
    let (left, top) = (Int(x), Int(y))
    let (right, bottom) = (min(left + 1, columns - 1), min(top + 1, rows - 1))
    let (shareX, shareY) = (Float(x - Double(left)), Float(y - Double(top)))
    let above = vectors[top * columns + left] * (1 - shareX) + vectors[top * columns + right] * shareX
    let below = vectors[bottom * columns + left] * (1 - shareX) + vectors[bottom * columns + right] * shareX
    return SIMD2<Double>(above * (1 - shareY) + below * shareY)
  }

  /// Where a point of the picture before is seen after: the p with p + vector(p) = `point`, found by repetition, which
  /// converges where neighbouring vectors differ by less than their distance.
  package func move(_ point: Point) -> Point {
    var moved = point
    for _ in 0..<24 {
      let vector = self[moved]
      moved = Point(point.x - vector.x, point.y - vector.y)
    }
    return moved
  }
}
