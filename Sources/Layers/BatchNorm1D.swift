import NunchiGraph

/// Batch normalisation of rows [n, channels]: every channel to mean 0 and variance 1, then scaled by `weight` and
/// shifted by `bias`, which are learned. Training measures the batch and keeps running statistics; inference uses those.
public struct BatchNorm1D: Layer {
  private let own: BatchNormParameters

  /// - Parameters:
  ///   - epsilon: added to the variance.
  ///   - momentum: the share of a new batch in the running statistics.
  public init(_ channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    own = BatchNormParameters(channels, epsilon: epsilon, momentum: momentum)
  }

  /// Channels that are normalised apart.
  public var channels: Int { own.channels }
  /// Added to the variance before its root is taken.
  public var epsilon: Float { own.epsilon }
  /// The share of a new batch in the running statistics.
  public var momentum: Float { own.momentum }
  public var parameters: [NamedParameter] { own.named }
  public var summary: String { "BatchNorm1D(\(channels))" }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.shape.rank == 2 else { return reject(x, "expects rows [n, channels], got shape \(x.shape)") }
    return own.normalize(x, in: self)
  }
}

extension BatchNorm1D: RebuildableLayer {
  static let kind = "BatchNorm1D"

  public var specification: LayerSpecification? { LayerSpecification(Self.kind, own.options) }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) { own = try BatchNormParameters(reader) }
}
