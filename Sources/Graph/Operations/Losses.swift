import NunchiTensors

/// Softmax cross-entropy of each row of logits against its target: an index, or probabilities.
///   t′ = (1 − smoothing) · t + smoothing / classes
///   loss = −Σ weight[c] · t′[c] · log softmax(x)[c]
/// Inputs: logits [n, classes], targets [n] (Int32) or [n, classes] (Float). Outputs: loss [n], softmax(x).
package struct CrossEntropy: OperationRule {
  package let smoothing: Float
  /// One weight a class, or none: all 1. Weights that average 1 over the training set keep the scale of the loss.
  package let weights: [Float]?

  package init(smoothing: Float, weights: [Float]?) {
    self.smoothing = smoothing
    self.weights = weights
  }

  package var name: String { "cross-entropy" }
  package var preservesFlattening: Bool { false }
  package var outputCount: Int { 2 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let (x, target) = (inputs[0], inputs[1])
    guard x.shape.rank == 2, x.dataType == .float32 else {
      throw OperationError("cross-entropy expects logits [rows, classes], got \(x.shape)")
    }
    let expected: Shape = target.dataType == .int32 ? [x.shape[0]] : x.shape
    guard target.dataType != .uint8, target.shape == expected else {
      throw OperationError(
        "cross-entropy: targets \(target.shape) for logits \(x.shape); expected indices [\(x.shape[0])] or probabilities \(x.shape)"
      )
    }
    guard weights.map({ $0.count == x.shape[1] }) ?? true else {
      throw OperationError("cross-entropy: \(weights!.count) class weights for \(x.shape[1]) classes")
    }
    guard (0..<1).contains(smoothing) else {
      throw OperationError("cross-entropy: label smoothing must lie in 0..<1, got \(smoothing)")
    }
    return [ValueType([x.shape[0]], batched: x.batched), x]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    guard let arrived = context.outputGradients[0], context.outputGradients[1] == nil else {
      throw OperationError("cross-entropy: its probabilities are for reading; use softmax where gradients must flow")
    }
    if context.needed[1] { throw OperationError("cross-entropy has no gradient for its targets; stop it there") }
    return [
      record(.crossEntropyGradient(CrossEntropyGradient(self)), arrived, context.outputs[1], context.inputs[1]), nil,
    ]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let logarithms = logSoftmaxRows(inputs[0])
    let (rows, classes) = (inputs[0].shape[0], inputs[0].shape[1])
    var loss = ReferenceArray<T>(zeros: [rows])
    for r in 0..<rows {
      for c in 0..<classes {
        let t = weightedTarget(inputs[1], r, c, classes)
        if t != 0 { loss.values[r] -= t * logarithms.values[r * classes + c] }
      }
    }
    return [loss, logarithms.map(T.exponential)]
  }

  /// weight[c] · t′[c] of row r.
  func weightedTarget<T: ReferenceScalar>(_ target: ReferenceArray<T>, _ r: Int, _ c: Int, _ classes: Int) -> T {
    let hard: T = target.shape.rank == 1 ? (Int(target.values[r]) == c ? 1 : 0) : target.values[r * classes + c]
    let smooth = (1 - T(smoothing)) * hard + T(smoothing) / T(classes)
    return smooth * (weights.map { T($0[c]) } ?? 1)
  }
}

/// dx[r, c] = dloss[r] · (p[c] · Σ weight·t′ − weight[c]·t′[c]). Inputs: dloss, probabilities, targets.
package struct CrossEntropyGradient: OperationRule {
  package let loss: CrossEntropy
  package init(_ loss: CrossEntropy) { self.loss = loss }

  package var name: String { "cross-entropy-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [inputs[1]] }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (gradient, probabilities, target) = (inputs[0], inputs[1], inputs[2])
    let (rows, classes) = (probabilities.shape[0], probabilities.shape[1])
    var dx = probabilities
    for r in 0..<rows {
      let targets = (0..<classes).map { loss.weightedTarget(target, r, $0, classes) }
      let total = targets.reduce(0, +)
      for c in 0..<classes {
        dx.values[r * classes + c] = gradient.values[r] * (probabilities.values[r * classes + c] * total - targets[c])
      }
    }
    return [dx]
  }
}

/// Σ over the valid rows / their number: the one place where a loss meets the size of the batch. When gradients are
/// accumulated, the number is that of all rows accumulated, given at run time.
package struct BatchMean: OperationRule {
  package init() {}

  package var name: String { "batch-mean" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    guard inputs[0].shape.rank == 1 else {
      throw OperationError("batch mean expects one number a row, got shape \(inputs[0].shape)")
    }
    return [ValueType(.scalar)]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let x = context.inputs[0].type
    return [record(.batchMeanGradient(BatchMeanGradient(rows: x.shape[0], batched: x.batched)), context.gradient)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let sum = inputs[0].values.reduce(0, +)
    return [ReferenceArray(.scalar, [sum / T(context.divisor ?? inputs[0].values.count)])]
  }
}

/// dx[r] = dy / number of rows.
package struct BatchMeanGradient: OperationRule {
  package let rows: Int
  package let batched: Bool

  package init(rows: Int, batched: Bool) {
    self.rows = rows
    self.batched = batched
  }

  package var name: String { "batch-mean-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    [ValueType([rows], batched: batched)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let share = inputs[0].values[0] / T(context.divisor ?? rows)
    return [ReferenceArray([rows], [T](repeating: share, count: rows))]
  }
}

extension Value {
  /// The mean over the valid rows of one number a row; what every loss ends in.
  public func batchMean() -> Value { record(.batchMean(BatchMean()), self) }
}

/// The cross-entropy of each row and the probabilities. `targets` are indices (Int32) or probabilities.
package func crossEntropyRows(
  _ logits: Value, _ targets: Value, smoothing: Float = 0, weights: [Float]? = nil
) -> (losses: Value, probabilities: Value) {
  let results = logits.tracer.add(
    .crossEntropy(CrossEntropy(smoothing: smoothing, weights: weights)), [logits, targets])
  return (results[0], results[1])
}
