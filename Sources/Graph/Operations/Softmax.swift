import NunchiTensors

/// Over the last axis: y = e^(x − max) / Σ e^(x − max), or its logarithm.
package struct Softmax: OperationRule {
  package let logarithmic: Bool
  package init(logarithmic: Bool) { self.logarithmic = logarithmic }

  package var name: String { logarithmic ? "log-softmax" : "softmax" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    guard inputs[0].shape.rank > 0, inputs[0].shape.channels > 0 else {
      throw OperationError("\(name) needs at least one class, got shape \(inputs[0].shape)")
    }
    return inputs
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[0].batched && inputs[0].shape.rank == 1 }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    [record(.softmaxGradient(SoftmaxGradient(logarithmic: logarithmic)), context.gradient, context.outputs[0])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let logarithms = logSoftmaxRows(inputs[0])
    return [logarithmic ? logarithms : logarithms.map(T.exponential)]
  }
}

/// Inputs: dy, y. Softmax: dx = y · (dy − Σ dy·y); its logarithm: dx = dy − e^y · Σ dy.
package struct SoftmaxGradient: OperationRule {
  package let logarithmic: Bool
  package init(logarithmic: Bool) { self.logarithmic = logarithmic }

  package var name: String { (logarithmic ? "log-softmax" : "softmax") + "-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [inputs[0]] }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (dy, y) = (inputs[0], inputs[1])
    let columns = y.shape.channels
    var dx = y
    for start in stride(from: 0, to: y.values.count, by: columns) {
      let row = start..<start + columns
      let sum = row.reduce(T(0)) { $0 + dy.values[$1] * (logarithmic ? 1 : y.values[$1]) }
      for i in row {
        dx.values[i] =
          logarithmic ? dy.values[i] - T.exponential(y.values[i]) * sum : y.values[i] * (dy.values[i] - sum)
      }
    }
    return [dx]
  }
}

/// x − max − log Σ e^(x − max) over each row of the last axis.
func logSoftmaxRows<T: ReferenceScalar>(_ x: ReferenceArray<T>) -> ReferenceArray<T> {
  let columns = x.shape.channels
  var y = x
  for start in stride(from: 0, to: x.values.count, by: columns) {
    let row = start..<start + columns
    let largest = row.reduce(-T.infinity) { maximum($0, x.values[$1]) }
    let sum = row.reduce(T(0)) { $0 + T.exponential(x.values[$1] - largest) }
    for i in row { y.values[i] = x.values[i] - largest - T.logarithm(sum) }
  }
  return y
}

/// Probabilities over the last axis.
public func softmax(_ x: Value) -> Value { record(.softmax(Softmax(logarithmic: false)), x) }
/// The logarithms of probabilities over the last axis.
public func logSoftmax(_ x: Value) -> Value { record(.softmax(Softmax(logarithmic: true)), x) }
