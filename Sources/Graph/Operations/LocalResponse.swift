import NunchiTensors

/// Each channel divided by the size of its neighbours:
///   y[c] = x[c] · d[c]^−beta,  d[c] = bias + alpha / size · Σ x[j]² over j from c − size / 2 to c + (size − 1) / 2.
/// Outputs: y, d.
package struct LocalResponse: OperationRule {
  package let size: Int
  package let alpha: Float
  package let beta: Float
  package let bias: Float

  package init(size: Int, alpha: Float, beta: Float, bias: Float) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  package var name: String { "local-response" }
  package var preservesFlattening: Bool { false }
  package var outputCount: Int { 2 }
  /// Channels before and behind the one that is divided.
  package var before: Int { size / 2 }
  package var after: Int { (size - 1) / 2 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    guard inputs[0].shape.rank >= 2 else {
      throw OperationError("\(name) expects rows and channels, got shape \(inputs[0].shape)")
    }
    guard size > 0, alpha >= 0, bias > 0, [alpha, beta, bias].allSatisfy(\.isFinite) else {
      throw OperationError("\(name) expects a positive size and bias and an alpha that is not negative")
    }
    return [inputs[0], inputs[0]]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    guard let dy = context.outputGradients[0], context.outputGradients[1] == nil else {
      throw OperationError("\(name): its divisors are for its own gradient")
    }
    let rule = LocalResponseGradient(self)
    return [record(.localResponseGradient(rule), dy, context.inputs[0], context.outputs[0], context.outputs[1])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let channels = x.shape.channels
    var (y, d) = (x, x)
    for position in x.values.indices {
      let (row, c) = (position / channels * channels, position % channels)
      let near = max(0, c - before)...min(channels - 1, c + after)
      let squares = near.reduce(T(0)) { $0 + x.values[row + $1] * x.values[row + $1] }
      d.values[position] = T(bias) + T(alpha) / T(size) * squares
      y.values[position] = x.values[position] * T.power(d.values[position], -T(beta))
    }
    return [y, d]
  }
}

/// dx[c] = dy[c] · d[c]^−beta − 2 · beta · alpha / size · x[c] · Σ dy[j] · y[j] / d[j] over the j that c is a neighbour of.
/// Inputs: dy, x, y, d.
package struct LocalResponseGradient: OperationRule {
  package let forward: LocalResponse
  package init(_ forward: LocalResponse) { self.forward = forward }

  package var name: String { "local-response-gradient" }
  package var preservesFlattening: Bool { false }
  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [inputs[1]] }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (dy, x, y, d) = (inputs[0].values, inputs[1], inputs[2].values, inputs[3].values)
    let channels = x.shape.channels
    var dx = x
    for position in x.values.indices {
      let (row, c) = (position / channels * channels, position % channels)
      let near = max(0, c - forward.after)...min(channels - 1, c + forward.before)
      let sum = near.reduce(T(0)) { $0 + dy[row + $1] * y[row + $1] / d[row + $1] }
      let factor = 2 * T(forward.beta) * T(forward.alpha) / T(forward.size)
      dx.values[position] = dy[position] * T.power(d[position], -T(forward.beta)) - factor * x.values[position] * sum
    }
    return [dx]
  }
}

/// Each channel divided by the size of its `size` neighbours, PyTorch's convention: alpha is divided by the size.
public func localResponseNormalize(
  _ x: Value, size: Int, alpha: Float = 1e-4, beta: Float = 0.75, bias: Float = 1
) -> Value {
  x.tracer.add(.localResponse(LocalResponse(size: size, alpha: alpha, beta: beta, bias: bias)), [x])[0]
}
