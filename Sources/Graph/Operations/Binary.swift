import NunchiTensors

/// y = a ∘ b, element by element; shapes are aligned on the right and extents of 1 repeat (broadcasting).
package struct Binary: OperationRule {
  package enum Kind: String, Hashable, Sendable {
    case add, subtract, multiply, divide
    /// max(a, 0) − a·b + log(1 + e^−|a|): the cross-entropy of logit a against the target b in [0, 1].
    case logisticLoss = "logistic-loss"
  }

  package let kind: Kind
  package init(_ kind: Kind) { self.kind = kind }

  package var name: String { kind.rawValue }
  package var preservesFlattening: Bool { true }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32, .float32)
    let (a, b) = (inputs[0], inputs[1])
    let rank = max(a.shape.rank, b.shape.rank)
    var shape = Shape([Int](repeating: 1, count: rank))
    for axis in 0..<rank {
      let left = extent(a.shape, axis, rank)
      let right = extent(b.shape, axis, rank)
      guard left == right || left == 1 || right == 1 else {
        throw OperationError("\(name): shapes \(a.shape) and \(b.shape) do not fit (extents \(left) and \(right))")
      }
      shape[axis] = left == 1 ? right : left
    }
    let leading = [a, b].filter { $0.batched && $0.shape.rank == rank }
    guard let batch = leading.first(where: { $0.shape[0] == shape[0] }) ?? leading.first else {
      return [ValueType(shape)]
    }
    return [ValueType(shape, batchOf: batch)]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool {
    // A batch axis that would be aligned with another axis of a tensor of higher rank.
    let rank = inputs.map(\.shape.rank).max()!
    return inputs.contains { $0.batched && $0.shape.rank != rank }
  }

  private func extent(_ shape: Shape, _ axis: Int, _ rank: Int) -> Int {
    let own = axis - (rank - shape.rank)
    return own < 0 ? 1 : shape[own]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let (a, b, dy) = (context.inputs[0], context.inputs[1], context.gradient)
    // Only gradients that are needed are built: dead nodes would still cost compile time.
    func answer(_ input: Int, _ gradient: () -> Value) -> Value? {
      guard context.needed[input] else { return nil }
      return gradient().summed(to: context.inputs[input])
    }
    switch kind {
    case .add: return [answer(0) { dy }, answer(1) { dy }]
    case .subtract: return [answer(0) { dy }, answer(1) { dy.scaled(by: -1) }]
    case .multiply: return [answer(0) { dy * b }, answer(1) { dy * a }]
    case .divide: return [answer(0) { dy / b }, answer(1) { (dy * context.outputs[0] / b).scaled(by: -1) }]
    case .logisticLoss: return [answer(0) { dy * (sigmoid(a) - b) }, answer(1) { (dy * a).scaled(by: -1) }]
    }
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let types = inputs.map { ValueType($0.shape) }
    let shape = try! resultTypes(types)[0].shape
    let (a, b) = (inputs[0].broadcast(to: shape), inputs[1].broadcast(to: shape))
    return [ReferenceArray(shape, zip(a.values, b.values).map(value))]
  }

  private func value<T: ReferenceScalar>(_ a: T, _ b: T) -> T {
    switch kind {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .logisticLoss: (a < 0 ? 0 : a) - a * b + T.logarithm(1 + T.exponential(a < 0 ? a : -a))
    }
  }
}

extension Value {
  /// The sum of two values, element by element; a smaller one is repeated along missing axes and axes of 1.
  public static func + (a: Value, b: Value) -> Value { record(.binary(Binary(.add)), a, b) }
  /// The difference of two values, element by element, repeated as sums are.
  public static func - (a: Value, b: Value) -> Value { record(.binary(Binary(.subtract)), a, b) }
  /// The product of two values, element by element, repeated as sums are.
  public static func * (a: Value, b: Value) -> Value { record(.binary(Binary(.multiply)), a, b) }
  /// The quotient of two values, element by element, repeated as sums are.
  public static func / (a: Value, b: Value) -> Value { record(.binary(Binary(.divide)), a, b) }

  /// The sum over what broadcasting repeated, so that the result has the shape of `target`.
  func summed(to target: Value) -> Value {
    guard shape != target.shape else { return self }
    let offset = shape.rank - target.shape.rank
    let axes = (0..<shape.rank).filter { $0 < offset || (target.shape[$0 - offset] == 1 && shape[$0] != 1) }
    let sum = axes.isEmpty ? self : self.sum(axes: axes)
    return sum.shape == target.shape ? sum : sum.reshaped(to: target.shape)
  }
}
