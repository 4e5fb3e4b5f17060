import NunchiTensors

/// Repeats a tensor along axes where its extent is 1, aligned on the right. With `batched` the new leading axis is the
/// batch, of which each row makes `rowsPerImage` indices.
package struct Broadcast: OperationRule {
  package let shape: Shape
  package let batched: Bool
  package let rowsPerImage: Int

  package init(to shape: Shape, batched: Bool) { self.init(to: ValueType(shape, batched: batched)) }

  package init(to type: ValueType) {
    (shape, batched, rowsPerImage) = (type.shape, type.batched, type.rowsPerImage)
  }

  package var name: String { "broadcast" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    let source = inputs[0].shape
    let offset = shape.rank - source.rank
    guard offset >= 0, (0..<source.rank).allSatisfy({ source[$0] == 1 || source[$0] == shape[$0 + offset] }) else {
      throw OperationError("broadcast: shape \(source) does not fit into \(shape)")
    }
    return [ValueType(shape, batched: batched, rowsPerImage: rowsPerImage)]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    [context.gradient.summed(to: context.inputs[0])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [inputs[0].broadcast(to: shape)] }
}
