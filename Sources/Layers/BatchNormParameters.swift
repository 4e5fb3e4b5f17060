import NunchiGraph
import NunchiTensors

/// What both batch norms own: y = γ · (x − mean) / √(variance + ε) + β over all axes but the last.
///
/// In training mean and variance are the batch's, and the running ones move by `momentum` towards them (the variance
/// unbiased, PyTorch's convention); in inference they are the running ones, so a result never depends on batch mates.
struct BatchNormParameters: Sendable {
  let channels: Int
  let epsilon: Float
  let momentum: Float
  let weight: Parameter
  let bias: Parameter
  let runningMean: Parameter
  let runningVariance: Parameter

  init(_ channels: Int, epsilon: Float, momentum: Float) {
    precondition(channels > 0 && epsilon > 0, "a batch norm needs channels and a positive epsilon")
    (self.channels, self.epsilon, self.momentum) = (channels, epsilon, momentum)
    weight = Parameter([channels], role: .normalization, initializer: .ones)
    bias = Parameter([channels], role: .normalization, initializer: .zeros)
    runningMean = Parameter([channels], role: .statistic, initializer: .zeros)
    runningVariance = Parameter([channels], role: .statistic, initializer: .ones)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    self.init(
      try reader.integer("channels", in: 1...LayerSpecification.largestExtent),
      epsilon: try reader.number("epsilon", in: Float.leastNormalMagnitude...1, default: 1e-5),
      momentum: try reader.number("momentum", in: 0...1, default: 0.1))
  }

  var named: [NamedParameter] {
    [("weight", weight), ("bias", bias), ("running_mean", runningMean), ("running_var", runningVariance)]
  }

  var options: [String: LayerSpecification.Option] {
    ["channels": .integer(channels), "epsilon": .real(epsilon), "momentum": .real(momentum)]
  }

  func normalize(_ x: Value, in layer: some Layer) -> Value {
    guard x.shape.channels == channels else {
      return layer.reject(x, "expects \(channels) channels, got \(x.shape.channels) (input shape \(x.shape))")
    }
    guard x.tracer.mode == .inference || x.shape.rows > 1 else {
      return layer.reject(
        x, "cannot train on a batch of one value a channel, whose variance is zero (input shape \(x.shape))")
    }
    return batchNormalize(
      x, scale: weight, shift: bias, mean: runningMean, variance: runningVariance, epsilon: epsilon, momentum: momentum)
  }
}
