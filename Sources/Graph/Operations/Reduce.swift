import NunchiTensors

/// Sum, mean or maximum over axes, which disappear.
package struct Reduce: OperationRule {
  package enum Kind: String, Hashable, Sendable { case sum, mean, maximum }

  package let kind: Kind
  /// Ascending.
  package let axes: [Int]

  package init(_ kind: Kind, axes: [Int]) {
    self.kind = kind
    self.axes = axes.sorted()
  }

  package var name: String { "reduce-" + kind.rawValue }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    let shape = inputs[0].shape
    guard Set(axes).count == axes.count, axes.allSatisfy({ shape.extents.indices.contains($0) }) else {
      throw OperationError("\(name): axes \(axes) of a tensor of shape \(shape)")
    }
    guard axes.allSatisfy({ shape[$0] > 0 }) else { throw OperationError("\(name) over an axis of extent 0") }
    let left = (0..<shape.rank).filter { !axes.contains($0) }.map { shape[$0] }
    return [ValueType(Shape(left), batchOf: inputs[0], where: !axes.contains(0))]
  }

  /// A sum over the batch counts its valid rows; means and maxima over it need all rows.
  package func mixesBatch(_ inputs: [ValueType]) -> Bool { kind != .sum && inputs[0].batched && axes.contains(0) }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let x = context.inputs[0]
    switch kind {
    case .sum: return [context.gradient.repeated(along: axes, like: x)]
    case .mean:
      let count = axes.reduce(1) { $0 * x.shape[$1] }
      let divisor = context.tracer.constant(Tensor(Float(count)))
      return [(context.gradient / divisor).repeated(along: axes, like: x)]
    case .maximum:
      return [record(.maximumGradient(MaximumGradient(axes: axes)), context.gradient, x, context.outputs[0])]
    }
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let groups = ReductionGroups(x.shape, axes: axes)
    var result = ReferenceArray<T>(zeros: groups.result)
    if kind == .maximum { result.values = [T](repeating: -.infinity, count: result.values.count) }
    for (position, target) in groups.target.enumerated() {
      switch kind {
      case .sum, .mean: result.values[target] += x.values[position]
      case .maximum: result.values[target] = maximum(result.values[target], x.values[position])
      }
    }
    if kind == .mean { result = result.map { $0 / T(x.shape.count / max(groups.result.count, 1)) } }
    return [result]
  }
}

/// dx of a maximum: dy divided equally among the elements that equal it. Inputs: dy, x, y.
package struct MaximumGradient: OperationRule {
  package let axes: [Int]
  package init(axes: [Int]) { self.axes = axes }

  package var name: String { "reduce-maximum-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [inputs[1]] }
  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[1].batched && axes.contains(0) }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (dy, x, y) = (inputs[0], inputs[1], inputs[2])
    let groups = ReductionGroups(x.shape, axes: axes)
    var ties = [T](repeating: 0, count: y.values.count)
    for (position, target) in groups.target.enumerated() where x.values[position] == y.values[target] {
      ties[target] += 1
    }
    var dx = ReferenceArray<T>(zeros: x.shape)
    for (position, target) in groups.target.enumerated() where x.values[position] == y.values[target] {
      dx.values[position] = dy.values[target] / ties[target]
    }
    return [dx]
  }
}

/// Maps each element of a tensor to the element of its reduction.
private struct ReductionGroups {
  let result: Shape
  let target: [Int]

  init(_ shape: Shape, axes: [Int]) {
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    result = Shape(kept.map { shape[$0] })
    let strides = result.strides
    target = indices(of: shape).map { index in zip(kept, strides).reduce(0) { $0 + index[$1.0] * $1.1 } }
  }
}

func maximum<T: ReferenceScalar>(_ a: T, _ b: T) -> T { a.isNaN || a > b ? a : b }

extension Value {
  /// The sum over these axes, which disappear.
  public func sum(axes: [Int]) -> Value { record(.reduce(Reduce(.sum, axes: axes)), self) }
  /// The mean over these axes, which disappear.
  public func mean(axes: [Int]) -> Value { record(.reduce(Reduce(.mean, axes: axes)), self) }
  /// The largest value over these axes, which disappear.
  public func maximum(axes: [Int]) -> Value { record(.reduce(Reduce(.maximum, axes: axes)), self) }

  /// The inverse of the shape of a reduction over `axes` of `original`: every element repeated.
  func repeated(along axes: [Int], like original: Value) -> Value {
    var kept = original.shape
    for axis in axes { kept[axis] = 1 }
    return record(.broadcast(Broadcast(to: original.type)), reshaped(to: kept))
  }
}
