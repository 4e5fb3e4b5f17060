import NunchiTensors

/// The same elements in another shape.
///
/// The result is batched if the leading extent stays the same, or if `rowsPerImage` gives the number of result rows per row
/// of the batch: [n, height, width, c] as the rows [n · height · width, c] of all pixels, and back.
package struct Reshape: OperationRule {
  package let shape: Shape
  /// Result rows per row of the batch; nil: one, if the leading extent stays the same.
  package let rowsPerImage: Int?

  package init(to shape: Shape, rowsPerImage: Int? = nil) {
    self.shape = shape
    self.rowsPerImage = rowsPerImage
  }

  package var name: String { "reshape" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let source = inputs[0]
    guard source.shape.count == shape.count else {
      throw OperationError(
        "reshape: \(source.shape) has \(source.shape.count) elements, \(shape) would have \(shape.count)")
    }
    guard source.batched else { return [ValueType(shape, source.dataType)] }
    let rows = rowsPerImage ?? source.rowsPerImage
    let keeps =
      rowsPerImage == nil ? shape.extents.first == source.shape[0] : shape.extents.first == source.batch * rows
    guard keeps || rowsPerImage == nil, rows == 1 || shape.rank < 4 else {
      throw OperationError("reshape: a batch of \(source.batch) with \(rows) rows each does not make shape \(shape)")
    }
    return [ValueType(shape, source.dataType, batched: keeps, rowsPerImage: rows)]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool {
    inputs[0].batched && rowsPerImage == nil && shape.extents.first != inputs[0].shape[0]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let x = context.inputs[0].type
    let back = Reshape(to: x.shape, rowsPerImage: x.batched ? x.rowsPerImage : nil)
    return [record(.reshape(back), context.gradient)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [ReferenceArray(shape, inputs[0].values)] }
}

/// Axis i of the result is axis `permutation[i]` of the argument.
package struct Transpose: OperationRule {
  package let permutation: [Int]
  package init(_ permutation: [Int]) { self.permutation = permutation }

  package var name: String { "transpose" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    guard permutation.sorted() == Array(0..<inputs[0].shape.rank) else {
      throw OperationError("transpose: \(permutation) is no order of the \(inputs[0].shape.rank) axes")
    }
    let shape = Shape(permutation.map { inputs[0].shape[$0] })
    return [ValueType(shape, batchOf: inputs[0], where: permutation[0] == 0)]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[0].batched && permutation[0] != 0 }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    var inverse = permutation
    for (axis, source) in permutation.enumerated() { inverse[source] = axis }
    return [context.gradient.transposed(inverse)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let strides = x.shape.strides
    let shape = Shape(permutation.map { x.shape[$0] })
    let values = indices(of: shape).map { index in
      x.values[zip(permutation, index).reduce(0) { $0 + strides[$1.0] * $1.1 }]
    }
    return [ReferenceArray(shape, values)]
  }
}

/// Elements `start ..< start + count` of one axis.
package struct Slice: OperationRule {
  package let axis: Int
  package let start: Int
  package let count: Int

  package init(axis: Int, start: Int, count: Int) {
    self.axis = axis
    self.start = start
    self.count = count
  }

  package var name: String { "slice" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    var type = inputs[0]
    guard type.shape.extents.indices.contains(axis), start >= 0, count > 0, start + count <= type.shape[axis] else {
      throw OperationError("slice: elements \(start)..<\(start + count) of axis \(axis) of shape \(type.shape)")
    }
    type.shape[axis] = count
    type.batched = type.batched && axis != 0
    return [type]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[0].batched && axis == 0 }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    var before = [Int](repeating: 0, count: context.inputs[0].shape.rank)
    var after = before
    before[axis] = start
    after[axis] = context.inputs[0].shape[axis] - start - count
    return [context.gradient.padded(before: before, after: after)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    var shape = x.shape
    shape[axis] = count
    let strides = x.shape.strides
    let values = indices(of: shape).map { index in
      x.values[zip(strides, index).reduce(start * strides[axis]) { $0 + $1.0 * $1.1 }]
    }
    return [ReferenceArray(shape, values)]
  }
}

/// Surrounds a tensor with `value`.
package struct Pad: OperationRule {
  package let before: [Int]
  package let after: [Int]
  package let value: Float

  package init(before: [Int], after: [Int], value: Float) {
    self.before = before
    self.after = after
    self.value = value
  }

  package var name: String { "pad" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    var type = inputs[0]
    guard before.count == type.shape.rank, after.count == type.shape.rank, (before + after).allSatisfy({ $0 >= 0 })
    else { throw OperationError("pad: \(before) before and \(after) after the axes of shape \(type.shape)") }
    for axis in 0..<type.shape.rank { type.shape[axis] += before[axis] + after[axis] }
    type.batched = type.batched && before[0] == 0 && after[0] == 0
    return [type]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool {
    inputs[0].batched && before[0] + after[0] > 0
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let shape = context.inputs[0].shape
    var gradient = context.gradient
    for axis in 0..<shape.rank where before[axis] + after[axis] > 0 {
      gradient = gradient.sliced(axis: axis, from: before[axis], count: shape[axis])
    }
    return [gradient]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let shape = Shape(x.shape.extents.indices.map { x.shape[$0] + before[$0] + after[$0] })
    var y = ReferenceArray(shape, [T](repeating: T(value), count: shape.count))
    let strides = shape.strides
    for (position, index) in indices(of: x.shape).enumerated() {
      y.values[index.indices.reduce(0) { $0 + (index[$1] + before[$1]) * strides[$1] }] = x.values[position]
    }
    return [y]
  }
}

/// Tensors side by side along one axis.
package struct Concatenate: OperationRule {
  package let axis: Int
  package init(axis: Int) { self.axis = axis }

  package var name: String { "concatenate" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    guard var type = inputs.first else { throw OperationError("concatenate needs at least one tensor") }
    guard type.shape.extents.indices.contains(axis), inputs.allSatisfy({ $0.dataType == .float32 }) else {
      throw OperationError("concatenate: axis \(axis) of shape \(type.shape)")
    }
    for other in inputs.dropFirst() {
      var expected = other.shape
      guard other.shape.rank == type.shape.rank else {
        throw OperationError("concatenate: shapes \(type.shape) and \(other.shape) differ in rank")
      }
      expected[axis] = type.shape[axis]
      guard expected == type.shape else {
        throw OperationError("concatenate along axis \(axis): shapes \(type.shape) and \(other.shape) do not fit")
      }
      type.shape[axis] += other.shape[axis]
      if other.batched { (type.batched, type.rowsPerImage) = (true, other.rowsPerImage) }
    }
    type.batched = type.batched && axis != 0
    return [type]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { axis == 0 && inputs.contains(where: \.batched) }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    var start = 0
    return context.inputs.map { input in
      defer { start += input.shape[axis] }
      return context.gradient.sliced(axis: axis, from: start, count: input.shape[axis])
    }
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let shape = try! resultTypes(inputs.map { ValueType($0.shape) })[0].shape
    var y = ReferenceArray<T>(zeros: shape)
    let strides = shape.strides
    var start = 0
    for x in inputs {
      for (position, index) in indices(of: x.shape).enumerated() {
        y.values[zip(index, strides).reduce(start * strides[axis]) { $0 + $1.0 * $1.1 }] = x.values[position]
      }
      start += x.shape[axis]
    }
    return [y]
  }
}

extension Value {
  /// The same elements in the same order under another shape.
  public func reshaped(to shape: Shape) -> Value {
    shape == self.shape ? self : record(.reshape(Reshape(to: shape)), self)
  }
  /// Every axis but the first folded into one, channels innermost.
  public func flattened() -> Value {
    guard !isPoisoned, shape.rank > 0 else { return self }
    return reshaped(to: [shape[0], shape.extents.dropFirst().reduce(1, *)])
  }
  /// Each pixel a row of its own: [n, …, c] as [n · …, c]. A part of a batch gives the rows of its images.
  public func pixelRows() -> Value {
    guard !isPoisoned, shape.rank > 2 else { return self }
    let rows = shape.count / max(shape.channels, 1)
    return record(.reshape(Reshape(to: [rows, shape.channels], rowsPerImage: rowsPerImage(rows))), self)
  }
  /// The inverse of `pixelRows`: rows [n · …, c] as [n, …, c] with the given extents between n and c.
  public func imagesOfPixels(_ extents: [Int]) -> Value {
    guard !isPoisoned else { return self }
    let pixels = extents.reduce(1, *)
    guard shape.rank == 2, pixels > 0, shape[0] % pixels == 0 else {
      tracer.fail("rows of shape \(shape) are no images of \(extents.map(String.init).joined(separator: "x")) pixels")
      return tracer.poisoned()
    }
    let images = shape[0] / pixels
    let target = Shape([images] + extents + [shape.channels])
    return record(.reshape(Reshape(to: target, rowsPerImage: rowsPerImage(images))), self)
  }
  /// How many of `rows` rows belong to one row of the batch; nil without a batch, or where that is no whole number.
  private func rowsPerImage(_ rows: Int) -> Int? {
    type.batched && type.batch > 0 && rows % type.batch == 0 ? rows / type.batch : nil
  }
  /// The axes in another order: axis i of the result is axis `permutation[i]` of the value.
  public func transposed(_ permutation: [Int]) -> Value { record(.transpose(Transpose(permutation)), self) }
  /// A range of one axis.
  public func sliced(axis: Int, from start: Int, count: Int) -> Value {
    record(.slice(Slice(axis: axis, start: start, count: count)), self)
  }
  /// The value with a border of a constant before and behind each axis.
  public func padded(before: [Int], after: [Int], value: Float = 0) -> Value {
    record(.pad(Pad(before: before, after: after, value: value)), self)
  }
}

/// The values one behind the other along an axis; all other extents agree.
public func concatenate(_ values: [Value], axis: Int) -> Value {
  precondition(!values.isEmpty, "concatenate needs at least one tensor")
  return values[0].tracer.add(.concatenate(Concatenate(axis: axis)), values)[0]
}
