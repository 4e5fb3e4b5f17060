import NunchiGraph

/// Every axis but the first folded into one, channels innermost: [n, height, width, channels] to [n, features].
public struct Flatten: Layer, RebuildableLayer {
  static let kind = "Flatten"

  /// The layer, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { x.flattened() }
}
