import NunchiTensors

/// The first elements of each row of the last axis in sorted order, and their indices. Equal elements keep their order;
/// NaN is larger than every number. Outputs: values [n, …, kept], indices (Int32).
package struct SortRows: OperationRule {
  package let kept: Int
  package let descending: Bool

  package init(kept: Int, descending: Bool) {
    self.kept = kept
    self.descending = descending
  }

  package var name: String { "sort-rows" }
  package var preservesFlattening: Bool { false }
  package var outputCount: Int { 2 }
  package var passesGradients: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    var shape = inputs[0].shape
    guard shape.rank > 0, (1...max(shape.channels, 1)).contains(kept), shape.channels <= Int(Int32.max) else {
      throw OperationError("\(name): the first \(kept) of rows of shape \(shape)")
    }
    shape[shape.rank - 1] = kept
    let keeps = shape.rank > 1
    return [
      ValueType(shape, batchOf: inputs[0], where: keeps), ValueType(shape, .int32, batchOf: inputs[0], where: keeps),
    ]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[0].batched && inputs[0].shape.rank == 1 }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (x, columns) = (inputs[0], inputs[0].shape.channels)
    var shape = x.shape
    shape[shape.rank - 1] = kept
    var (values, indices) = (ReferenceArray<T>(zeros: shape), ReferenceArray<T>(zeros: shape))
    for row in 0..<x.shape.rows {
      func stands(_ a: Int, before b: Int) -> Bool {
        let (left, right) = (x.values[row * columns + a], x.values[row * columns + b])
        let (first, second) = descending ? (right, left) : (left, right)
        if first < second || (second.isNaN && !first.isNaN) { return true }
        if second < first || (first.isNaN && !second.isNaN) { return false }
        return a < b
      }
      for (place, index) in (0..<columns).sorted(by: { stands($0, before: $1) }).prefix(kept).enumerated() {
        values.values[row * kept + place] = x.values[row * columns + index]
        indices.values[row * kept + place] = T(index)
      }
    }
    return [values, indices]
  }
}

/// Each row of the last axis in sorted order, and the indices of its elements; equal ones keep their order. No gradient
/// flows through.
public func sortRows(_ x: Value, descending: Bool = false) -> (values: Value, indices: Value) {
  let results = x.tracer.add(.sortRows(SortRows(kept: x.shape.channels, descending: descending)), [x])
  return (results[0], results[1])
}

/// The `count` largest (or smallest) elements of each row of the last axis in sorted order, and their indices. Of equal
/// ones the earlier comes first. No gradient flows through.
public func topRows(_ x: Value, _ count: Int, largest: Bool = true) -> (values: Value, indices: Value) {
  let results = x.tracer.add(.sortRows(SortRows(kept: count, descending: largest)), [x])
  return (results[0], results[1])
}
