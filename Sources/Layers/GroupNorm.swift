import NunchiGraph
import NunchiTensors

/// Each picture's channels, in groups, to mean 0 and variance 1 over all pixels of a group; then scaled by `weight` and
/// shifted by `bias`, one number a channel. A result never depends on batch mates.
public struct GroupNorm: Layer, RebuildableLayer {
  static let kind = "GroupNorm"
  /// Parts of the channels that are normalised together.
  public let groups: Int
  /// Channels of the image.
  public let channels: Int
  /// Added to the variance before its root is taken.
  public let epsilon: Float
  /// The scale of each channel.
  public let weight: Parameter
  /// The shift of each channel.
  public let bias: Parameter

  /// - Parameter epsilon: added to the variance.
  public init(_ groups: Int, _ channels: Int, epsilon: Float = 1e-5) {
    precondition(
      groups > 0 && channels > 0 && channels % groups == 0 && epsilon > 0,
      "GroupNorm: \(channels) channels in \(groups) groups, and a positive epsilon")
    (self.groups, self.channels, self.epsilon) = (groups, channels, epsilon)
    weight = Parameter([channels], role: .normalization, initializer: .ones)
    bias = Parameter([channels], role: .normalization, initializer: .zeros)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let channels = try reader.integer("channels", in: 1...LayerSpecification.largestExtent)
    let groups = try reader.integer("groups", in: 1...LayerSpecification.largestExtent)
    guard channels % groups == 0 else {
      throw reader.error("groups", "must divide \(channels) channels, got \(groups)")
    }
    self.init(
      groups, channels, epsilon: try reader.number("epsilon", in: Float.leastNormalMagnitude...1, default: 1e-5))
  }

  public var parameters: [NamedParameter] { [("weight", weight), ("bias", bias)] }
  public var summary: String { "GroupNorm(\(channels) in \(groups) groups)" }
  public var specification: LayerSpecification? {
    LayerSpecification(
      Self.kind, ["groups": .integer(groups), "channels": .integer(channels), "epsilon": .real(epsilon)])
  }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.shape.rank >= 2, x.shape.channels == channels else {
      return reject(x, "expects \(channels) channels, got shape \(x.shape)")
    }
    return groupNormalize(x, groups: groups, scale: weight, shift: bias, epsilon: epsilon)
  }
}
