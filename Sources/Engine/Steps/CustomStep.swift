import NunchiGraph
import NunchiTensors

/// An operation without a kernel, run by its reference. It allocates.
final class CustomCall: Sendable {
  let operation: Operation
  let inputs: [(location: Location, type: ValueType)]
  let outputs: [(location: Location, type: ValueType)]

  init(
    _ operation: Operation, inputs: [(location: Location, type: ValueType)],
    outputs: [(location: Location, type: ValueType)]
  ) {
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
  }

  func run(_ c: RunContext) {
    let arrays = inputs.map { location, type in
      let shape = Self.valid(type, c.rows)
      return ReferenceArray<Float>(shape, read(c, location, type.dataType, shape.count))
    }
    let context = RunState(
      seed: c.seed, step: c.step, microBatch: c.microBatch, divisor: Int(c.divisor))
    let results = operation.rule.reference(arrays, context)
    for ((location, type), result) in zip(outputs, results) {
      switch type.dataType {
      case .float32: c.floats(location).update(from: result.values, count: result.values.count)
      case .int32: c.integers(location).update(from: result.values.map { Int32($0) }, count: result.values.count)
      case .uint8: preconditionFailure("no operation makes bytes")
      }
    }
  }

  private static func valid(_ type: ValueType, _ rows: Int) -> Shape {
    var shape = type.shape
    if type.batched { shape[0] = min(rows * type.rowsPerImage, shape[0]) }
    return shape
  }

  private func read(_ c: RunContext, _ location: Location, _ dataType: DataType, _ count: Int) -> [Float] {
    switch dataType {
    case .float32: return Array(UnsafeBufferPointer(start: c.floats(location), count: count))
    case .int32: return UnsafeBufferPointer(start: c.integers(location), count: count).map { Float($0) }
    case .uint8:
      let bytes = c.raw(location).assumingMemoryBound(to: UInt8.self)
      return UnsafeBufferPointer(start: bytes, count: count).map { Float($0) }
    }
  }
}

struct CustomStep {
  /// Owned by the plan.
  let call: Unmanaged<CustomCall>

  func run(_ c: RunContext) { call._withUnsafeGuaranteedRef { $0.run(c) } }
}
