import NunchiGraph

/// An exponential moving average of the weights in training, running statistics included: a ← k·a + (1 − k)·w after
/// every step t, with k = min(keep, (1 + t) / (10 + t)), so that the initial weights are soon forgotten.
struct WeightAverage {
  let keep: Float
  private(set) var weights: Weights

  init(keep: Float, of weights: Weights) {
    self.keep = keep
    self.weights = weights
  }

  /// - Parameter step: the number of steps so far, this one included.
  mutating func add(_ current: Weights, step: UInt64) {
    let share = 1 - min(keep, Float(1 + step) / Float(10 + step))
    weights.makeUnique()
    Self.mix(
      weights.parameters.floats, current.parameters.floats, share, count: current.layout.parameterCount)
    Self.mix(
      weights.statistics.floats, current.statistics.floats, share, count: current.layout.statisticCount)
  }

  private static func mix(
    _ average: UnsafeMutablePointer<Float>, _ current: UnsafeMutablePointer<Float>, _ share: Float, count: Int
  ) {
    for index in 0..<count { average[index] += (current[index] - average[index]) * share }
  }
}
