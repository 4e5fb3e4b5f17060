import NunchiTensors

/// C = op(A)·op(B), where op transposes if asked. C is [rows, columns].
package struct MatrixProduct: OperationRule {
  package let transposesLeft: Bool
  package let transposesRight: Bool

  package init(transposesLeft: Bool = false, transposesRight: Bool = false) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
  }

  package var name: String { "matrix-product" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32, .float32)
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard a.rank == 2, b.rank == 2 else {
      throw OperationError("matrix product expects two matrices, got shapes \(a) and \(b)")
    }
    let (rows, depth) = transposesLeft ? (a[1], a[0]) : (a[0], a[1])
    let (otherDepth, columns) = transposesRight ? (b[1], b[0]) : (b[0], b[1])
    guard depth == otherDepth else {
      throw OperationError("matrix product of \(a) and \(b): inner extents \(depth) and \(otherDepth) differ")
    }
    return [ValueType([rows, columns], batchOf: inputs[0], where: !transposesLeft)]
  }

  /// AᵀB sums over the valid rows of a batch; any other product with the batch on the right needs all rows.
  package func mixesBatch(_ inputs: [ValueType]) -> Bool {
    if transposesLeft { return inputs[0].batched != inputs[1].batched || (inputs[0].batched && transposesRight) }
    return inputs[1].batched
  }

  package func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int {
    inputs[0].shape.count * outputs[0].shape[1]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let (a, b, dy) = (context.inputs[0], context.inputs[1], context.gradient)
    func product(_ x: Value, _ transposesX: Bool, _ y: Value, _ transposesY: Bool) -> Value {
      multiply(x, y, transposingLeft: transposesX, transposingRight: transposesY)
    }
    let da =
      !context.needed[0]
      ? nil
      : transposesLeft ? product(b, transposesRight, dy, true) : product(dy, false, b, !transposesRight)
    let db =
      !context.needed[1]
      ? nil
      : transposesRight ? product(dy, true, a, transposesLeft) : product(a, !transposesLeft, dy, false)
    return [da, db]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (a, b) = (inputs[0], inputs[1])
    let (rows, depth) = transposesLeft ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let columns = transposesRight ? b.shape[0] : b.shape[1]
    let (aWidth, bWidth) = (a.shape[1], b.shape[1])
    var c = ReferenceArray<T>(zeros: [rows, columns])
    for i in 0..<rows {
      for j in 0..<columns {
        var sum: T = 0
        for k in 0..<depth {
          let left = a.values[transposesLeft ? k * aWidth + i : i * aWidth + k]
          let right = b.values[transposesRight ? j * bWidth + k : k * bWidth + j]
          sum.addProduct(left, right)
        }
        c.values[i * columns + j] = sum
      }
    }
    return [c]
  }
}

/// The matrix product a·b, each transposed first if asked.
public func multiply(
  _ a: Value, _ b: Value, transposingLeft: Bool = false, transposingRight: Bool = false
) -> Value {
  record(.matrixProduct(MatrixProduct(transposesLeft: transposingLeft, transposesRight: transposingRight)), a, b)
}
