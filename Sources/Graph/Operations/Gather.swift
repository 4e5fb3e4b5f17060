import NunchiTensors

/// Slices of one axis in the order of constant indices: y[…, i, …] = x[…, indices[i], …].
package struct Gather: OperationRule {
  package let axis: Int
  package let indices: [Int]

  package init(axis: Int, indices: [Int]) {
    self.axis = axis
    self.indices = indices
  }

  package var name: String { "gather" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    var shape = inputs[0].shape
    guard shape.extents.indices.contains(axis) else { throw OperationError("gather: axis \(axis) of shape \(shape)") }
    let wrong = indices.first { !(0..<shape[axis]).contains($0) }
    guard !indices.isEmpty, wrong == nil else {
      let found = wrong.map(String.init) ?? "none"
      throw OperationError("gather expects indices in 0..<\(shape[axis]) along axis \(axis) of \(shape), got \(found)")
    }
    shape[axis] = indices.count
    return [ValueType(shape, batchOf: inputs[0], where: axis != 0)]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[0].batched && axis == 0 }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    [record(.gatherGradient(GatherGradient(self, like: context.inputs[0].type)), context.gradient)]
  }

  package func taps(_ extent: Int) -> AxisTaps {
    AxisTaps(inputs: extent, taps: indices.map { [AxisTaps.Tap(index: $0, weight: 1)] })
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [blended(inputs[0], axis, taps(inputs[0].shape[axis]))] }
}

/// dx of a gather: each slice collects those that were taken from it, in their order; 0 where none was. Input: dy.
package struct GatherGradient: OperationRule {
  package let gather: Gather
  package let type: ValueType

  package init(_ gather: Gather, like type: ValueType) {
    self.gather = gather
    self.type = type
  }

  package var name: String { "gather-gradient" }
  package var preservesFlattening: Bool { false }
  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [type] }
  package func mixesBatch(_ inputs: [ValueType]) -> Bool { type.batched && gather.axis == 0 }
  package var taps: AxisTaps { gather.taps(type.shape[gather.axis]).transposed }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [blended(inputs[0], gather.axis, taps)] }
}

private func blended<T: ReferenceScalar>(_ x: ReferenceArray<T>, _ axis: Int, _ taps: AxisTaps) -> ReferenceArray<T> {
  var shape = x.shape
  shape[axis] = taps.taps.count
  let inner = shape.extents[(axis + 1)...].reduce(1, *)
  var y = ReferenceArray<T>(zeros: shape)
  for outer in 0..<shape.extents[..<axis].reduce(1, *) {
    for (output, list) in taps.taps.enumerated() {
      for tap in list {
        for i in 0..<inner {
          y.values[(outer * taps.taps.count + output) * inner + i].addProduct(
            T(tap.weight), x.values[(outer * taps.inputs + tap.index) * inner + i])
        }
      }
    }
  }
  return y
}

extension Value {
  /// The slices of one axis with these indices, in their order; an index may come several times.
  public func gathered(axis: Int, _ indices: [Int]) -> Value {
    record(.gather(Gather(axis: axis, indices: indices)), self)
  }
}
