import NunchiGraph
import NunchiTensors

/// The last axes to mean 0 and variance 1, by themselves in each row; then scaled by `weight` and shifted by `bias`, one
/// number an element of those axes: [channels], or [height, width, channels] over whole images.
public struct LayerNorm: Layer, RebuildableLayer {
  static let kind = "LayerNorm"
  /// The axes that are normalised together.
  public let shape: [Int]
  /// Added to the variance before its root is taken.
  public let epsilon: Float
  /// The scale of each feature.
  public let weight: Parameter
  /// The shift of each feature.
  public let bias: Parameter

  /// - Parameter epsilon: added to the variance.
  public init(_ shape: [Int], epsilon: Float = 1e-5) {
    precondition(
      !shape.isEmpty && shape.allSatisfy { $0 > 0 } && epsilon > 0, "LayerNorm: extents and epsilon must be positive")
    (self.shape, self.epsilon) = (shape, epsilon)
    let layout = shape.count == 3 ? Parameter.Layout.image : .plain
    weight = Parameter(Shape(shape), role: .normalization, layout: layout, initializer: .ones)
    bias = Parameter(Shape(shape), role: .normalization, layout: layout, initializer: .zeros)
  }

  /// A norm over the last axis, of so many features.
  public init(_ features: Int, epsilon: Float = 1e-5) { self.init([features], epsilon: epsilon) }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let shape = try reader.extents("shape", 1...3, in: 1...LayerSpecification.largestExtent)
    try reader.checkWeights(shape)
    self.init(shape, epsilon: try reader.number("epsilon", in: Float.leastNormalMagnitude...1, default: 1e-5))
  }

  public var parameters: [NamedParameter] { [("weight", weight), ("bias", bias)] }
  public var summary: String { "LayerNorm(\(shape.map(String.init).joined(separator: "x")))" }
  public var specification: LayerSpecification? {
    LayerSpecification(Self.kind, ["shape": .numbers(shape.map(Double.init)), "epsilon": .real(epsilon)])
  }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.shape.rank > shape.count, Array(x.shape.extents.suffix(shape.count)) == shape else {
      return reject(x, "expects rows of shape \(shape), got shape \(x.shape)")
    }
    return layerNormalize(x, axes: shape.count, scale: weight, shift: bias, epsilon: epsilon)
  }
}
