import NunchiTensors

/// A symbolic tensor: what `forward` computes with. Operations on it are recorded, not executed.
public struct Value {
  /// The trace that the value belongs to.
  public let tracer: Tracer
  package let id: ValueID

  static let poison = -1

  init(_ tracer: Tracer, _ id: ValueID) {
    self.tracer = tracer
    self.id = id
  }

  /// Whether an operation before this value failed; `Tracer.finish` throws its error.
  public var isPoisoned: Bool { id == Self.poison }

  package var type: ValueType { isPoisoned ? ValueType(.scalar) : tracer.graph.type(id) }
  /// Of a poisoned value: the scalar's.
  public var shape: Shape { type.shape }
  /// What the elements are.
  public var dataType: DataType { type.dataType }
}

/// Records an operation with one output.
func record(_ operation: Operation, _ inputs: Value...) -> Value { inputs[0].tracer.add(operation, inputs)[0] }
