import NunchiGraph

/// Preprocessing as the first layer: bytes to y = (scale · x − mean) / deviation, channel by channel.
///
/// The numbers come from the training images and never change. A channel whose deviation is (nearly) zero, which says
/// nothing, becomes 0.
public struct Normalization: Layer {
  /// What bytes are multiplied by first.
  public let scale: Float
  /// The mean of each channel.
  public let mean: [Float]
  /// The deviation of each channel.
  public let deviation: [Float]

  /// - Parameters:
  ///   - scale: what bytes are multiplied by first; 1/255 takes them to 0…1.
  ///   - mean: of each channel, after the scale.
  ///   - deviation: of each channel, after the scale.
  public init(scale: Float = 1 / 255, mean: [Float], deviation: [Float]) {
    precondition(
      mean.count == deviation.count && !mean.isEmpty, "\(mean.count) means for \(deviation.count) deviations")
    self.scale = scale
    self.mean = mean
    self.deviation = deviation
  }

  private static let smallestDeviation: Float = 1e-6

  public var summary: String { "Normalization(\(mean.count) channel\(mean.count == 1 ? "" : "s"))" }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.shape.rank > 0, x.shape.channels == mean.count else {
      return reject(x, "expects \(mean.count) channels, got \(x.shape.channels) (input shape \(x.shape))")
    }
    let factors = deviation.map { $0 < Self.smallestDeviation ? 0 : 1 / $0 }
    return normalize(x, scale: factors.map { $0 * scale }, shift: zip(factors, mean).map { -$0 * $1 })
  }
}

extension Normalization: RebuildableLayer {
  static let kind = "Normalization"

  public var specification: LayerSpecification? {
    LayerSpecification(
      Self.kind,
      [
        "scale": .real(scale), "mean": .numbers(mean.map(Double.init)),
        "deviation": .numbers(deviation.map(Double.init)),
      ])
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let mean = try reader.numbers("mean")
    let deviation = try reader.numbers("deviation")
    guard !mean.isEmpty, mean.count == deviation.count else {
      throw reader.error("deviation", "\(deviation.count) deviations for \(mean.count) means")
    }
    self.init(scale: try reader.number("scale", in: -1e6...1e6), mean: mean, deviation: deviation)
  }
}
