import NunchiGraph

/// Each channel divided by the size of its `size` neighbours: x / (bias + alpha / size · Σ x²)^beta.
public struct LocalResponseNorm: Layer, RebuildableLayer {
  static let kind = "LocalResponseNorm"
  /// Channels that are summed over.
  public let size: Int
  /// The weight of their sum.
  public let alpha: Float
  /// The exponent of the divisor.
  public let beta: Float
  /// What is added to the sum.
  public let bias: Float

  /// A norm over so many neighbouring channels.
  public init(_ size: Int, alpha: Float = 1e-4, beta: Float = 0.75, bias: Float = 1) {
    precondition(size > 0 && alpha >= 0 && bias > 0, "LocalResponseNorm: size and bias must be positive")
    (self.size, self.alpha, self.beta, self.bias) = (size, alpha, beta, bias)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    self.init(
      try reader.integer("size", in: 1...65536), alpha: try reader.number("alpha", in: 0...1e6, default: 1e-4),
      beta: try reader.number("beta", in: -1e3...1e3, default: 0.75),
      bias: try reader.number("bias", in: 1e-6...1e6, default: 1))
  }

  public var summary: String { "LocalResponseNorm(\(size))" }
  public var specification: LayerSpecification? {
    LayerSpecification(
      Self.kind, ["size": .integer(size), "alpha": .real(alpha), "beta": .real(beta), "bias": .real(bias)])
  }

  public func forward(_ x: Value) -> Value {
    localResponseNormalize(x, size: size, alpha: alpha, beta: beta, bias: bias)
  }
}
