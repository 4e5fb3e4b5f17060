import NunchiGraph

/// The average of each channel over the whole image: [n, height, width, channels] to [n, channels].
public struct GlobalAveragePool: Layer, RebuildableLayer {
  static let kind = "GlobalAveragePool"

  /// The layer, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.shape.rank == 4 else {
      return reject(x, "expects images [n, height, width, channels], got shape \(x.shape)")
    }
    return x.mean(axes: [1, 2])
  }
}
