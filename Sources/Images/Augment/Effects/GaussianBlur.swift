import NunchiTensors

/// A Gaussian over both axes, one after the other, with weights in 1/256: its mean is kept to half a level.
package struct GaussianBlur: Transform {
  package static let name = "gaussian-blur"
  package static let summary = "blurs with a Gaussian of up to sigma pixels"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("sigma", \.sigma, 0...16)] }

  package var sigma: Float = 2

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let weights = Self.weights(sigma: amount * sigma)
    return weights.count == 1 ? .none : .pixels { Self.blur($0, weights) }
  }

  /// The weight of the pixel itself, and those of the pixels at distance 1, 2, …; with the latter twice the sum is 256.
  static func weights(sigma: Float) -> [UInt16] {
    let row = FilterKernel.gaussianRow(sigma: sigma).weights
    var weights: [UInt16] = []
    // Sums from the outside in are rounded, not single weights, so that no error gathers in the middle.
    var (sum, rounded) = (Float(0), UInt16(0))
    for weight in row.prefix(row.count / 2) {
      sum += 256 * weight
      let next = UInt16(sum.rounded())
      if next > 0 { weights.append(next - rounded) }
      rounded = next
    }
    return [256 - 2 * rounded] + weights.reversed()
  }

  private static func blur(_ pixels: Pixels, _ weights: [UInt16]) {
    let (shape, channels, margin) = (pixels.shape, pixels.shape.channels, weights.count - 1)
    let line = shape.width * channels
    withMargin(margin, round: pixels.samples, shape) { inside, row in
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: row) { sums in
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: row) { column in
          for y in 0..<shape.height {
            sum(inside + y * row - margin * channels, step: row, weights, row, sums.baseAddress!)
            for index in 0..<row { column[index] = UInt8(truncatingIfNeeded: (sums[index] &+ 128) >> 8) }
            sum(column.baseAddress! + margin * channels, step: channels, weights, line, sums.baseAddress!)
            let target = pixels.samples + y * line
            for index in 0..<line { target[index] = UInt8(truncatingIfNeeded: (sums[index] &+ 128) >> 8) }
          }
        }
      }
    }
  }

  /// Σ w(k) · (v(k steps before) + v(k steps behind)) for each of `count` samples, times 256.
  private static func sum(
    _ source: UnsafePointer<UInt8>, step: Int, _ weights: [UInt16], _ count: Int, _ sums: UnsafeMutablePointer<UInt16>
  ) {
    let middle = weights[0]
    for index in 0..<count { sums[index] = UInt16(source[index]) &* middle }
    for distance in 1..<weights.count {
      let (before, behind, weight) = (source - distance * step, source + distance * step, weights[distance])
      for index in 0..<count {
        sums[index] = sums[index] &+ (UInt16(before[index]) &+ UInt16(behind[index])) &* weight
      }
    }
  }
}
