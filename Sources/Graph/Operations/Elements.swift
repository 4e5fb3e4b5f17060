import NunchiTensors

/// Bytes (or floats) to standardised floats: y[…, c] = x[…, c] · scale[c] + shift[c].
package struct Normalize: OperationRule {
  package let scale: [Float]
  package let shift: [Float]

  package init(scale: [Float], shift: [Float]) {
    self.scale = scale
    self.shift = shift
  }

  package var name: String { "normalize" }
  package var preservesFlattening: Bool { true }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let x = inputs[0]
    guard x.dataType != .int32 else { throw OperationError("normalize expects bytes or floats, got \(x.dataType)") }
    guard x.shape.rank > 0, x.shape.channels == scale.count, scale.count == shift.count else {
      throw OperationError("normalize has \(scale.count) channels, got \(x.shape.channels) (input shape \(x.shape))")
    }
    return [ValueType(x.shape, batchOf: x)]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    [context.gradient * context.tracer.constant(Tensor([scale.count], scale))]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let channels = scale.count
    let values = inputs[0].values.enumerated().map { T(scale[$0 % channels]) * $1 + T(shift[$0 % channels]) }
    return [ReferenceArray(inputs[0].shape, values)]
  }
}

/// Indices to rows of zeros with a one.
package struct OneHot: OperationRule {
  package let classes: Int
  package init(classes: Int) { self.classes = classes }

  package var name: String { "one-hot" }
  package var preservesFlattening: Bool { false }
  package var passesGradients: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .int32)
    return [ValueType(Shape(inputs[0].shape.extents + [classes]), batchOf: inputs[0])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    var y = ReferenceArray<T>(zeros: Shape(inputs[0].shape.extents + [classes]))
    for (row, index) in inputs[0].values.enumerated() where (0..<classes).contains(Int(index)) {
      y.values[row * classes + Int(index)] = 1
    }
    return [y]
  }
}

/// The argument itself; no gradient flows through.
package struct StopGradient: OperationRule {
  package init() {}
  package var name: String { "stop-gradient" }
  package var preservesFlattening: Bool { true }
  package var passesGradients: Bool { false }
  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { inputs }
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { inputs }
}

/// Inverted dropout: each element is dropped with probability `rate`, the others are divided by 1 − rate. The mask is a
/// function of (seed, step, micro-batch, stream, element), so the gradient draws it again instead of storing it.
package struct Dropout: OperationRule {
  package let rate: Float
  /// The random stream of the layer: a hash of its path.
  package let stream: UInt64

  package init(rate: Float, stream: UInt64) {
    self.rate = rate
    self.stream = stream
  }

  package var name: String { "dropout" }
  package var preservesFlattening: Bool { true }

  /// An element is dropped where its random word is below this.
  package var threshold: UInt32 { UInt32(min(Double(rate) * 0x1p32, 0xFFFF_FFFF)) }
  package var scale: Float { 1 / (1 - rate) }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    guard (0..<1).contains(rate) else { throw OperationError("dropout: the rate must lie in 0..<1, got \(rate)") }
    return inputs
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    [record(.dropout(self), context.gradient)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let key = Philox.key(seed: context.seed, stream: stream)
    let high = UInt32(truncatingIfNeeded: context.step >> 32)
    let low = UInt32(truncatingIfNeeded: context.step)
    var y = inputs[0]
    for i in y.values.indices {
      let block = Philox.block(SIMD4(UInt32(i / 4), context.microBatch, low, high), key: key)
      y.values[i] = block[i % 4] < threshold ? 0 : y.values[i] * T(scale)
    }
    return [y]
  }
}

/// A user's own operation with one output of floats, computed by plain Swift on every machine.
public protocol CustomOperation: Sendable {
  /// What plans and errors call it.
  var name: String { get }
  /// Whether rows of the batch are mixed; then every batch size gets a plan of its own.
  var mixesBatch: Bool { get }
  /// The shape of the result, or an error that says who expected what and got what.
  func resultShape(_ inputs: [Shape]) throws -> Shape
  /// The elements of the result.
  func evaluate(_ inputs: [(shape: Shape, values: [Double])]) -> [Double]
  /// The gradients of the inputs as values, nil for those that need none.
  func gradient(inputs: [Value], output: Value, outputGradient: Value) -> [Value?]
}

extension CustomOperation {
  /// By default rows of the batch do not meet.
  public var mixesBatch: Bool { false }
}

package struct Custom: OperationRule {
  package let operation: any CustomOperation
  package init(_ operation: any CustomOperation) { self.operation = operation }

  package var name: String { operation.name }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    do {
      let shape = try operation.resultShape(inputs.map(\.shape))
      let batch = inputs.first { $0.batched && $0.shape[0] == shape.extents.first }
      return [batch.map { ValueType(shape, batchOf: $0, where: !operation.mixesBatch) } ?? ValueType(shape)]
    } catch {
      throw OperationError("\(name): \(error)")
    }
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool {
    operation.mixesBatch && inputs.contains(where: \.batched)
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let answers = operation.gradient(
      inputs: context.inputs, output: context.outputs[0], outputGradient: context.gradient)
    guard answers.count == context.inputs.count else {
      throw OperationError("\(name): \(answers.count) gradients for \(context.inputs.count) inputs")
    }
    return answers
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let shape = try! operation.resultShape(inputs.map(\.shape))
    let values = operation.evaluate(inputs.map { ($0.shape, $0.values.map { Double($0) }) })
    return [ReferenceArray(shape, values.map { T($0) })]
  }
}

/// Scales and shifts each channel, from bytes or floats.
public func normalize(_ x: Value, scale: [Float], shift: [Float]) -> Value {
  record(.normalize(Normalize(scale: scale, shift: shift)), x)
}

/// 1 at the place that an index names and 0 elsewhere, along a new last axis.
public func oneHot(_ indices: Value, classes: Int) -> Value { record(.oneHot(OneHot(classes: classes)), indices) }

/// The same value, through which no gradient flows.
public func stopGradient(_ x: Value) -> Value { record(.stopGradient(StopGradient()), x) }

/// Inverted dropout in training, the argument itself in inference. The mask is keyed by the layer's path.
public func dropout(_ x: Value, rate: Float) -> Value {
  guard x.tracer.mode == .training, rate != 0 else { return x }
  return record(.dropout(Dropout(rate: rate, stream: Philox.stream(x.tracer.path))), x)
}

/// An operation of one's own on these inputs.
public func custom(_ operation: any CustomOperation, _ inputs: [Value]) -> Value {
  precondition(!inputs.isEmpty, "a custom operation needs an input")
  return inputs[0].tracer.add(.custom(Custom(operation)), inputs)[0]
}
