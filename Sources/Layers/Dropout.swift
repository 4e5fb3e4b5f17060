import NunchiGraph

/// Inverted dropout: in training each element is zeroed with probability `rate` and the others are divided by
/// 1 − rate, so that the mean stays; in inference nothing happens.
public struct Dropout: Layer {
  /// The share of values that become 0 in training.
  public let rate: Float

  /// A dropout of this share.
  public init(_ rate: Float) {
    precondition((0..<1).contains(rate), "Dropout(\(rate)): the rate must lie in 0..<1")
    self.rate = rate
  }

  public var summary: String { "Dropout(\(rate))" }
  public func forward(_ x: Value) -> Value { dropout(x, rate: rate) }
}

extension Dropout: RebuildableLayer {
  static let kind = "Dropout"

  public var specification: LayerSpecification? { LayerSpecification(Self.kind, ["rate": .real(rate)]) }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    self.init(try reader.number("rate", in: 0...Float(1).nextDown))
  }
}
