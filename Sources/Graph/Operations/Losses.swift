import NunchiTensors

/// Softmax cross-entropy of each row of logits against its target: an index, or probabilities.
///   t′ = (1 − smoothing) · t + smoothing / classes
///   loss = −Σ weight[c] · t′[c] · log softmax(x)[c]
/// A row with the ignored index has a loss and a gradient of 0.
/// Inputs: logits [n, …, classes], targets [n, …] (Int32) or [n, …, classes] (Float). Outputs: loss [n, …], softmax(x).
package struct CrossEntropy: OperationRule {
  package let smoothing: Float
  /// One weight a class, or none: all 1. Weights that average 1 over the training set keep the scale of the loss.
  package let weights: [Float]?
  /// The index that marks a row without a target.
  package let ignoring: Int32?

  package init(smoothing: Float, weights: [Float]?, ignoring: Int32? = nil) {
    self.smoothing = smoothing
    self.weights = weights
    self.ignoring = ignoring
  }

  package var name: String { "cross-entropy" }
  package var preservesFlattening: Bool { false }
  package var outputCount: Int { 2 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let (x, target) = (inputs[0], inputs[1])
    guard x.shape.rank >= 2, x.dataType == .float32 else {
      throw OperationError("cross-entropy expects logits [rows, classes], got \(x.shape)")
    }
    let rows = Shape(x.shape.extents.dropLast())
    let expected = target.dataType == .int32 ? rows : x.shape
    guard target.dataType != .uint8, target.shape == expected else {
      throw OperationError(
        "cross-entropy: targets \(target.shape) for logits \(x.shape); expected indices \(rows) or probabilities \(x.shape)"
      )
    }
    guard weights.map({ $0.count == x.shape.channels }) ?? true else {
      throw OperationError("cross-entropy: \(weights!.count) class weights for \(x.shape.channels) classes")
    }
    guard (0..<1).contains(smoothing) else {
      throw OperationError("cross-entropy: label smoothing must lie in 0..<1, got \(smoothing)")
    }
    guard ignoring == nil || target.dataType == .int32 else {
      throw OperationError("cross-entropy: an index to ignore needs targets that are indices")
    }
    return [ValueType(rows, batchOf: x), x]
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
    let classes = inputs[0].shape.channels
    let isIndex = inputs[1].shape.rank < inputs[0].shape.rank
    var loss = ReferenceArray<T>(zeros: Shape(inputs[0].shape.extents.dropLast()))
    for r in loss.values.indices where counts(inputs[1], r) {
      for c in 0..<classes {
        let t = weightedTarget(inputs[1], r, c, classes, isIndex: isIndex)
        if t != 0 { loss.values[r] -= t * logarithms.values[r * classes + c] }
      }
    }
    return [loss, logarithms.map(T.exponential)]
  }

  /// Whether row r has a target.
  func counts<T: ReferenceScalar>(_ target: ReferenceArray<T>, _ r: Int) -> Bool {
    ignoring.map { Int32(target.values[r]) != $0 } ?? true
  }

  /// weight[c] · t′[c] of row r.
  func weightedTarget<T: ReferenceScalar>(
    _ target: ReferenceArray<T>, _ r: Int, _ c: Int, _ classes: Int, isIndex: Bool
  ) -> T {
    let hard: T = isIndex ? (Int(target.values[r]) == c ? 1 : 0) : target.values[r * classes + c]
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
    let classes = probabilities.shape.channels
    let isIndex = target.shape.rank < probabilities.shape.rank
    var dx = ReferenceArray<T>(zeros: probabilities.shape)
    for r in 0..<probabilities.shape.rows where loss.counts(target, r) {
      let targets = (0..<classes).map { loss.weightedTarget(target, r, $0, classes, isIndex: isIndex) }
      let total = targets.reduce(0, +)
      for c in 0..<classes {
        dx.values[r * classes + c] = gradient.values[r] * (probabilities.values[r * classes + c] * total - targets[c])
      }
    }
    return [dx]
  }
}

/// Σ over the valid rows / their number: the only place where a loss depends on the size of the batch. When gradients are
/// accumulated, the number is that of all accumulated rows, given at run time. Each number of a row counts.
package struct BatchMean: OperationRule {
  /// The numbers of one row of the batch.
  package let perRow: Int
  package init(perRow: Int = 1) { self.perRow = perRow }

  package var name: String { "batch-mean" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    guard inputs[0].shape.rank > 0 else {
      throw OperationError("batch mean expects one number a row, got shape \(inputs[0].shape)")
    }
    return [ValueType(.scalar)]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let x = context.inputs[0].type
    return [record(.batchMeanGradient(BatchMeanGradient(x, perRow: perRow)), context.gradient)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let sum = inputs[0].values.reduce(0, +)
    return [ReferenceArray(.scalar, [sum / T(context.divisor.map { $0 * perRow } ?? inputs[0].values.count)])]
  }
}

/// dx[r] = dy / number of rows.
package struct BatchMeanGradient: OperationRule {
  package let type: ValueType
  package let perRow: Int

  package init(_ type: ValueType, perRow: Int) {
    self.type = type
    self.perRow = perRow
  }

  package var name: String { "batch-mean-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [type] }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let share = inputs[0].values[0] / T(context.divisor.map { $0 * perRow } ?? type.shape.count)
    return [ReferenceArray(type.shape, [T](repeating: share, count: type.shape.count))]
  }
}

/// 1 where an index is another than `value`, else 0.
package struct NotEqual: OperationRule {
  package let value: Int32
  package init(_ value: Int32) { self.value = value }

  package var name: String { "not-equal" }
  package var preservesFlattening: Bool { true }
  package var passesGradients: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .int32)
    return [ValueType(inputs[0].shape, batchOf: inputs[0])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [inputs[0].map { Int32($0) == value ? 0 : 1 }] }
}

extension Value {
  /// The mean over the valid rows, and over the numbers of each; what every loss ends in.
  public func batchMean() -> Value {
    record(.batchMean(BatchMean(perRow: type.batched ? type.elementsPerImage : 1)), self)
  }

  /// Σ over the valid rows / max(count, 1), so that a batch in which no row counts has a loss of 0. For accumulated
  /// gradients `count` is an input that holds the count of the whole batch, so that its parts add up exactly.
  public func batchSum(dividedBy count: Value) -> Value {
    sum(axes: Array(0..<shape.rank)) / clip(count, 1 ... .greatestFiniteMagnitude)
  }
}

/// 1 for each index that is not `value`, 0 for those that are.
public func notEqual(_ indices: Value, _ value: Int) -> Value {
  record(.notEqual(NotEqual(Int32(clamping: value))), indices)
}

/// How many of the indices are not `ignored`.
public func counted(_ indices: Value, ignoring ignored: Int) -> Value {
  notEqual(indices, ignored).sum(axes: Array(0..<indices.shape.rank))
}

/// The cross-entropy of each row and the probabilities. `targets` are indices (Int32) or probabilities; a row with the
/// index `ignoring` has a loss of 0.
public func crossEntropyRows(
  _ logits: Value, _ targets: Value, smoothing: Float = 0, weights: [Float]? = nil, ignoring: Int? = nil
) -> (losses: Value, probabilities: Value) {
  let rule = CrossEntropy(smoothing: smoothing, weights: weights, ignoring: ignoring.map { Int32(clamping: $0) })
  let results = logits.tracer.add(.crossEntropy(rule), [logits, targets])
  return (results[0], results[1])
}
