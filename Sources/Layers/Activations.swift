import NunchiGraph

// Functions of one number, and of one row: they own no parameters.

/// max(x, 0); the derivative at 0 is 0.
public struct ReLU: Layer, RebuildableLayer {
  static let kind = "ReLU"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { relu(x) }
}

/// 1 / (1 + e⁻ˣ)
public struct Sigmoid: Layer, RebuildableLayer {
  static let kind = "Sigmoid"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { sigmoid(x) }
}

/// The hyperbolic tangent.
public struct Tanh: Layer, RebuildableLayer {
  static let kind = "Tanh"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { tanh(x) }
}

/// Probabilities over the last axis. Networks that are trained with cross-entropy end in logits, without it.
public struct Softmax: Layer, RebuildableLayer {
  static let kind = "Softmax"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { softmax(x) }
}

/// The logarithms of the probabilities over the last axis.
public struct LogSoftmax: Layer, RebuildableLayer {
  static let kind = "LogSoftmax"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { logSoftmax(x) }
}

/// 1 where x > 0, else 0. Forward only: training through it is refused.
public struct Step: Layer, RebuildableLayer {
  static let kind = "Step"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { step(x) }
}

/// x where x > 0, else slope · x.
public struct LeakyReLU: Layer, RebuildableLayer {
  static let kind = "LeakyReLU"
  /// The slope below 0.
  public let slope: Float

  /// A leaky ReLU with this slope below 0.
  public init(slope: Float = 0.01) { self.slope = slope }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    slope = try reader.number("slope", in: -1e6...1e6, default: 0.01)
  }

  public var summary: String { "LeakyReLU(slope \(slope))" }
  public var specification: LayerSpecification? { LayerSpecification(Self.kind, ["slope": .real(slope)]) }
  public func forward(_ x: Value) -> Value { leakyReLU(x, slope: slope) }
}

/// x where x > 0, else alpha · (eˣ − 1).
public struct ELU: Layer, RebuildableLayer {
  static let kind = "ELU"
  /// Where the function tends for very negative x: −alpha.
  public let alpha: Float

  /// An ELU that tends to −alpha.
  public init(alpha: Float = 1) { self.alpha = alpha }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    alpha = try reader.number("alpha", in: -1e6...1e6, default: 1)
  }

  public var summary: String { "ELU(alpha \(alpha))" }
  public var specification: LayerSpecification? { LayerSpecification(Self.kind, ["alpha": .real(alpha)]) }
  public func forward(_ x: Value) -> Value { elu(x, alpha: alpha) }
}
