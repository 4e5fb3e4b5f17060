import NunchiGraph

// Functions x · gate(x) and their gates: they own no parameters.

/// min(max(x / 6 + 1/2, 0), 1)
public struct HardSigmoid: Layer, RebuildableLayer {
  static let kind = "HardSigmoid"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { hardSigmoid(x) }
}

/// x · min(max(x / 6 + 1/2, 0), 1)
public struct HardSwish: Layer, RebuildableLayer {
  static let kind = "HardSwish"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { hardSwish(x) }
}

/// x / (1 + e⁻ˣ)
public struct SiLU: Layer, RebuildableLayer {
  static let kind = "SiLU"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { silu(x) }
}

/// x · tanh(log(1 + eˣ))
public struct Mish: Layer, RebuildableLayer {
  static let kind = "Mish"

  /// The function, which has nothing to set.
  public init() {}
  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {}

  public var specification: LayerSpecification? { LayerSpecification(Self.kind) }
  public func forward(_ x: Value) -> Value { mish(x) }
}

/// x · (1 + erf(x / √2)) / 2, or with tanh in the place of the error function.
public struct GELU: Layer, RebuildableLayer {
  static let kind = "GELU"
  /// Whether the tanh form stands for the exact one.
  public let approximate: Bool

  /// - Parameter approximate: by tanh, as some networks were trained.
  public init(approximate: Bool = false) { self.approximate = approximate }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    approximate = try reader.flag("approximate", default: false)
  }

  public var summary: String { approximate ? "GELU(approximate)" : "GELU" }
  public var specification: LayerSpecification? { LayerSpecification(Self.kind, ["approximate": .flag(approximate)]) }
  public func forward(_ x: Value) -> Value { gelu(x, approximate: approximate) }
}

/// min(max(x, low), high); no gradient flows outside. `Clip.relu6` is that from 0 to 6.
public struct Clip: Layer, RebuildableLayer {
  static let kind = "Clip"
  /// What values are clipped to.
  public let range: ClosedRange<Float>

  /// max(0, min(x, 6))
  public static let relu6 = Clip(0...6)

  /// A layer that clips to this range.
  public init(_ range: ClosedRange<Float>) { self.range = range }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let low = try reader.number("low", in: -1e30...1e30)
    range = low...(try reader.number("high", in: low...1e30))
  }

  public var summary: String { "Clip(\(range.lowerBound) to \(range.upperBound))" }
  public var specification: LayerSpecification? {
    LayerSpecification(Self.kind, ["low": .real(range.lowerBound), "high": .real(range.upperBound)])
  }
  public func forward(_ x: Value) -> Value { clip(x, range) }
}
