import NunchiSystem
import NunchiTensors

/// Distorts the picture as if it were drawn on rubber: every point moves by a random vector, and neighbours move alike.
///
/// The vectors are noise smoothed by a Gaussian of deviation `sigma` and scaled to the deviation `alpha` in x and in y, both
/// in pixels. They are made on a grid of half a sigma; a small sigma costs more.
package struct Elastic: Transform {
  package static let name = "elastic"
  package static let summary = "moves points by alpha pixels (deviation), alike within sigma pixels"
  package static let amounts = Amounts.positive
  package static let parameters = [
    TransformParameter("alpha", \Elastic.alpha, 0...64), TransformParameter("sigma", \Elastic.sigma, 1...64),
  ]

  package var alpha: Float = 3
  package var sigma: Float = 12

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    amount * alpha == 0 ? .none : .displacement(field(deviation: amount * alpha, &stream, shape))
  }

  private func field(deviation: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> DisplacementField {
    let spacing = max(1, (sigma / 2).rounded(.down))
    let kernel = Self.kernel(deviation: sigma / spacing)
    let columns = Int((Float(shape.width - 1) / spacing).rounded(.up)) + 1
    let rows = Int((Float(shape.height - 1) / spacing).rounded(.up)) + 1
    // A margin as wide as the kernel's reach, so that the field is as lively at the edges as inside.
    let (wide, high) = (columns + kernel.count - 1, rows + kernel.count - 1)
    let noise = (0..<wide * high).map { _ in SIMD2(stream.uniform(-1...1), stream.uniform(-1...1)) }
    var across = [SIMD2<Float>](repeating: SIMD2(), count: columns * high)
    for y in 0..<high {
      for x in 0..<columns {
        for (tap, weight) in kernel.enumerated() { across[y * columns + x] += weight * noise[y * wide + x + tap] }
      }
    }
    // Noise uniform in ±1 has the variance 1/3; weights w divide it by Σw² along each axis.
    let scale = deviation * Float(3).squareRoot() / kernel.reduce(0) { $0 + $1 * $1 }
    var vectors = [SIMD2<Float>](repeating: SIMD2(), count: columns * rows)
    for y in 0..<rows {
      for (tap, weight) in kernel.enumerated() {
        for x in 0..<columns { vectors[y * columns + x] += (scale * weight) * across[(y + tap) * columns + x] }
      }
    }
    return DisplacementField(spacing: Double(spacing), columns: columns, rows: rows, vectors: vectors)
  }

  /// A Gaussian cut off at three deviations, its weights summing to 1.
  private static func kernel(deviation: Float) -> [Float] {
    let reach = Int((3 * deviation).rounded(.up))
    let weights = (-reach...reach).map { exp(-Float($0 * $0) / (2 * deviation * deviation)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
