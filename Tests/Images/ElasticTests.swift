import NunchiImages
import NunchiTensors
import Testing

/// Against rubber that tears, or that moves more or less than it was told.
@Suite struct ElasticTests {
  private let shape = PictureShape(width: 96, height: 72, channels: 1)

  private func field(alpha: Float, sigma: Float, amount: Float = 1, seed: UInt64 = 3) -> DisplacementField? {
    var elastic = Elastic()
    (elastic.alpha, elastic.sigma) = (alpha, sigma)
    var stream = RandomStream(seed: seed, name: "elastic")
    if case .displacement(let field) = elastic.change(amount, &stream, shape) { return field }
    return nil
  }

  private func vectors(_ field: DisplacementField) -> [[SIMD2<Double>]] {
    (0..<shape.height).map { y in (0..<shape.width).map { x in field[Point(Double(x), Double(y))] } }
  }

  @Test func nothingWithoutAlpha() {
    #expect(field(alpha: 0, sigma: 5) == nil)
    #expect(field(alpha: 5, sigma: 5, amount: 0) == nil)
  }

  /// The deviation in each direction is alpha, and the same noise at twice the alpha moves twice as far.
  @Test(arguments: [1, 2.5, 6] as [Float]) func displacementScalesWithAlpha(sigma: Float) throws {
    var squares = 0.0
    for seed in 0..<30 {
      let rows = vectors(try #require(field(alpha: 2, sigma: sigma, seed: UInt64(seed))))
      for vector in rows.joined() { squares += (vector * vector).sum() / 2 }
    }
    let deviation = (squares / Double(30 * shape.width * shape.height)).squareRoot()
    // Between nodes the field is a mean of neighbours and a little weaker.
    #expect((1.6...2.1).contains(deviation))
    let one = vectors(try #require(field(alpha: 1.5, sigma: sigma))).joined()
    let two = vectors(try #require(field(alpha: 3, sigma: sigma))).joined()
    #expect(zip(one, two).allSatisfy { abs(2 * $0.x - $1.x) < 1e-4 && abs(2 * $0.y - $1.y) < 1e-4 })
  }

  @Test(arguments: [4, 8, 16] as [Float]) func neighboursMoveAlike(sigma: Float) throws {
    let rows = vectors(try #require(field(alpha: 2, sigma: sigma)))
    var (product, square, mean, count) = (0.0, 0.0, 0.0, 0.0)
    for row in rows {
      for (one, next) in zip(row, row.dropFirst()) {
        product += one.x * next.x
        square += (one.x * one.x + next.x * next.x) / 2
        mean += (one.x + next.x) / 2
        count += 1
      }
    }
    mean /= count
    #expect((product / count - mean * mean) / (square / count - mean * mean) > 0.9)
    #expect(Set(rows.joined().map(\.x)).count > 100)
  }

  /// At a point between nodes the vector is the bilinear mean, beyond the grid the nearest one.
  @Test func fieldIsBilinear() {
    let field = DisplacementField(
      spacing: 2, columns: 2, rows: 2, vectors: [SIMD2(0, 0), SIMD2(4, 0), SIMD2(0, 8), SIMD2(4, 8)])
    #expect(field[Point(1, 1)] == SIMD2(2, 4))
    #expect(field[Point(0.5, 2)] == SIMD2(1, 8))
    #expect(field[Point(9, -3)] == SIMD2(4, 0))
  }

  /// A constant displacement is a translation, the picture shows at p what lay at p + vector.
  @Test func constantFieldMoves() {
    let image = scene(width: 12, height: 9)
    let shape = PictureShape(width: 12, height: 9, channels: 3)
    let field = DisplacementField(
      spacing: 50, columns: 1, rows: 1, vectors: [SIMD2(2, -1)])
    var (pushed, moved) = (Augmentation.Draw(shape), Augmentation.Draw(shape))
    pushed.add(.displacement(field))
    moved.add(.projective(ProjectiveMap(moveX: -2, moveY: 1)))
    #expect(pushed.apply(to: image) == moved.apply(to: image))
    #expect(pushed.geometry.move(Point(5, 5)) == Point(3, 6))
  }
}
