import NunchiTensors

/// Batch normalisation over all axes but the last, with the statistics of the batch:
///   y = γ · (x − mean) · rstd + β,  rstd = 1 / √(variance + ε), variance biased (÷ n).
/// Inputs: x, γ, β, running mean, running variance. Outputs: y, mean, rstd, new running mean, new running variance;
/// running ← (1 − momentum) · running + momentum · measured, the variance unbiased (÷ (n − 1)), PyTorch's convention.
package struct BatchNormalization: OperationRule {
  package let epsilon: Float
  package let momentum: Float

  package init(epsilon: Float, momentum: Float) {
    self.epsilon = epsilon
    self.momentum = momentum
  }

  package var name: String { "batch-normalization" }
  package var preservesFlattening: Bool { true }
  package var outputCount: Int { 5 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try validateNormalization(name, inputs)
    let statistic = ValueType([inputs[0].shape.channels])
    return [inputs[0], statistic, statistic, statistic, statistic]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let gradients = context.tracer.add(
      .batchNormalizationGradient(BatchNormalizationGradient()),
      [context.gradient, context.inputs[0], context.inputs[1], context.outputs[1], context.outputs[2]])
    return [gradients[0], gradients[1], gradients[2], nil, nil]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let channels = x.shape.channels
    let rows = T(x.shape.rows)
    var mean = ReferenceArray<T>(zeros: [channels])
    var squares = mean
    for (i, value) in x.values.enumerated() { mean.values[i % channels] += value / rows }
    for (i, value) in x.values.enumerated() {
      let distance = value - mean.values[i % channels]
      squares.values[i % channels] += distance * distance
    }
    let rstd = squares.map { 1 / ($0 / rows + T(epsilon)).squareRoot() }
    var y = x
    for i in y.values.indices {
      let c = i % channels
      y.values[i] = (x.values[i] - mean.values[c]) * rstd.values[c] * inputs[1].values[c] + inputs[2].values[c]
    }
    let m = T(momentum)
    // One row has no unbiased variance: its measured variance of zero is taken.
    let unbiased = squares.map { $0 / (rows > 1 ? rows - 1 : 1) }
    let newMean = zip(inputs[3].values, mean.values).map { (1 - m) * $0 + m * $1 }
    let newVariance = zip(inputs[4].values, unbiased.values).map { (1 - m) * $0 + m * $1 }
    return [y, mean, rstd, ReferenceArray([channels], newMean), ReferenceArray([channels], newVariance)]
  }
}

/// With g = dy and x̂ = (x − mean) · rstd: dβ = Σ g, dγ = Σ g·x̂, dx = γ · rstd · (g − dβ/n − x̂ · dγ/n).
/// Inputs: dy, x, γ, mean, rstd. Outputs: dx, dγ, dβ.
package struct BatchNormalizationGradient: OperationRule {
  package init() {}

  package var name: String { "batch-normalization-gradient" }
  package var preservesFlattening: Bool { true }
  package var outputCount: Int { 3 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    [inputs[1], inputs[2], inputs[2]]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (dy, x, gamma, mean, rstd) = (inputs[0], inputs[1], inputs[2].values, inputs[3].values, inputs[4].values)
    let channels = x.shape.channels
    let rows = T(x.shape.rows)
    var dGamma = ReferenceArray<T>(zeros: [channels])
    var dBeta = dGamma
    for i in x.values.indices {
      let c = i % channels
      dBeta.values[c] += dy.values[i]
      dGamma.values[c] += dy.values[i] * (x.values[i] - mean[c]) * rstd[c]
    }
    var dx = x
    for i in x.values.indices {
      let c = i % channels
      let normalized = (x.values[i] - mean[c]) * rstd[c]
      dx.values[i] =
        gamma[c] * rstd[c] * (dy.values[i] - dBeta.values[c] / rows - normalized * dGamma.values[c] / rows)
    }
    return [dx, dGamma, dBeta]
  }
}

/// Batch normalisation with given statistics: y = γ · (x − mean) / √(variance + ε) + β.
/// Inputs: x, γ, β, mean, variance.
package struct BatchNormalizationInference: OperationRule {
  package let epsilon: Float
  package init(epsilon: Float) { self.epsilon = epsilon }

  package var name: String { "batch-normalization-inference" }
  package var preservesFlattening: Bool { true }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try validateNormalization(name, inputs)
    return [inputs[0]]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let (x, gamma, beta) = (context.inputs[0], context.inputs[1], context.inputs[2])
    let (mean, variance, dy) = (context.inputs[3], context.inputs[4], context.gradient)
    let rstd = power(variance.scaled(by: 1, plus: epsilon), -0.5)
    return [
      context.needed[0] ? dy * (gamma * rstd) : nil,
      context.needed[1] ? (dy * ((x - mean) * rstd)).summed(to: gamma) : nil,
      context.needed[2] ? dy.summed(to: beta) : nil, nil, nil,
    ]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    var y = inputs[0]
    let channels = y.shape.channels
    for i in y.values.indices {
      let c = i % channels
      let rstd = 1 / (inputs[4].values[c] + T(epsilon)).squareRoot()
      y.values[i] = (y.values[i] - inputs[3].values[c]) * rstd * inputs[1].values[c] + inputs[2].values[c]
    }
    return [y]
  }
}

private func validateNormalization(_ name: String, _ inputs: [ValueType]) throws(OperationError) {
  let x = inputs[0].shape
  guard x.rank >= 2 else { throw OperationError("\(name) expects rows and channels, got shape \(x)") }
  for other in inputs.dropFirst() where other.shape != [x.channels] {
    throw OperationError("\(name) expects \(other.shape.count) channels, got \(x.channels) (input shape \(x))")
  }
}

/// Batch normalisation: in training with the statistics of the batch, updating `mean` and `variance`; in inference with
/// those.
public func batchNormalize(
  _ x: Value, scale: Parameter, shift: Parameter, mean: Parameter, variance: Parameter, epsilon: Float = 1e-5,
  momentum: Float = 0.1
) -> Value {
  let tracer = x.tracer
  let inputs = [x] + [scale, shift, mean, variance].map(tracer.parameter)
  switch tracer.mode {
  case .inference:
    return tracer.add(.batchNormalizationInference(BatchNormalizationInference(epsilon: epsilon)), inputs)[0]
  case .training:
    let rule = BatchNormalization(epsilon: epsilon, momentum: momentum)
    let results = tracer.add(.batchNormalization(rule), inputs)
    tracer.assign(results[3], to: mean)
    tracer.assign(results[4], to: variance)
    return results[0]
  }
}
