import NunchiTensors

/// The static type of a value in a graph.
package struct ValueType: Hashable, Sendable {
  package var shape: Shape
  package var dataType: DataType
  /// Whether the leading axis is the batch, of which a run may use only the first rows.
  package var batched: Bool
  /// Leading indices per row of the batch: 1, or the number of pixels where each pixel of an image is a row of its own.
  package var rowsPerImage: Int

  package init(_ shape: Shape, _ dataType: DataType = .float32, batched: Bool = false) {
    self.init(shape, dataType, batched: batched, rowsPerImage: 1)
  }

  package init(_ shape: Shape, _ dataType: DataType = .float32, batched: Bool, rowsPerImage: Int) {
    self.shape = shape
    self.dataType = dataType
    self.batched = batched
    self.rowsPerImage = batched ? rowsPerImage : 1
  }

  /// A type with the batch of `other`, where `keeps` says that its leading axis is the same.
  package init(_ shape: Shape, _ dataType: DataType = .float32, batchOf other: ValueType, where keeps: Bool = true) {
    self.init(shape, dataType, batched: other.batched && keeps, rowsPerImage: other.rowsPerImage)
  }

  /// The rows of the batch that a batched value was traced with.
  package var batch: Int { shape[0] / rowsPerImage }
  /// The elements of one row of the batch.
  package var elementsPerImage: Int { shape.count / max(batch, 1) }
}

/// The index of a value in its graph.
package typealias ValueID = Int

/// A directed acyclic graph of operations in an order in which they can run. Values with several users, nodes with
/// several outputs; forward and backward nodes alike.
public struct Graph: Sendable {
  /// Where a value comes from.
  package enum Source: Sendable {
    case input(String)
    case parameter(Parameter)
    case constant(Tensor)
    case node(Int, output: Int)
  }

  package struct Entry: Sendable {
    package var type: ValueType
    package var source: Source
  }

  package struct Node: Sendable {
    package var operation: Operation
    package var inputs: [ValueID]
    package var outputs: [ValueID]
    /// The chain of layers that recorded the node, outermost first; empty for backward nodes outside any layer.
    package var path: String
  }

  package struct Named: Sendable {
    package var name: String
    package var value: ValueID
  }

  package struct Bound: Sendable {
    package var parameter: Parameter
    package var value: ValueID
  }

  package internal(set) var nodes: [Node] = []
  package internal(set) var values: [Entry] = []
  package internal(set) var inputs: [Named] = []
  package internal(set) var outputs: [Named] = []
  package internal(set) var parameters: [Bound] = []
  /// The gradient of the loss with respect to each parameter, where it was differentiated.
  package internal(set) var gradients: [Bound] = []
  /// New values of statistics, written back after a run.
  package internal(set) var assignments: [Bound] = []

  package init() {}

  /// Appends a node and returns its outputs; for the passes of the engine.
  package mutating func append(_ operation: Operation, _ inputs: [ValueID], path: String) -> [ValueID] {
    let types = try! operation.rule.resultTypes(inputs.map(type))
    let first = values.count
    values += types.indices.map { Entry(type: types[$0], source: .node(nodes.count, output: $0)) }
    let outputs = Array(first..<values.count)
    nodes.append(Node(operation: operation, inputs: inputs, outputs: outputs, path: path))
    return outputs
  }

  /// Whether an operation mixes the batch axis so that only all rows together make sense; such a graph cannot run on
  /// a part of its batch and is traced anew for the exact number of rows.
  public var needsExactBatch: Bool {
    nodes.contains { node in node.operation.rule.mixesBatch(node.inputs.map { values[$0].type }) }
  }

  package func type(_ value: ValueID) -> ValueType { values[value].type }

  /// The node that makes `value`, or nil for a leaf.
  package func producer(_ value: ValueID) -> Node? {
    if case .node(let index, _) = values[value].source { return nodes[index] }
    return nil
  }

  package func source(_ value: ValueID) -> Source? { values.indices.contains(value) ? values[value].source : nil }

  package func output(named name: String) -> ValueID? { outputs.first { $0.name == name }?.value }

  /// For each value the indices of the nodes that read it.
  package func users() -> [[Int]] {
    var users = [[Int]](repeating: [], count: values.count)
    for (index, node) in nodes.enumerated() { for input in node.inputs { users[input].append(index) } }
    return users
  }

  /// Multiply-adds of one run of all nodes.
  public var multiplyAdds: Int {
    nodes.reduce(0) { sum, node in
      sum + node.operation.rule.multiplyAdds(node.inputs.map(type), node.outputs.map(type))
    }
  }
}

/// What passes over a graph need.
extension Graph {
  /// Appends a leaf and returns its id.
  package mutating func adopt(_ entry: Entry) -> ValueID {
    values.append(entry)
    return values.count - 1
  }

  /// This graph with the inputs, outputs and bindings of `original`, their ids mapped by `name`.
  package func renamed(from original: Graph, _ name: (ValueID) -> ValueID) -> Graph {
    var graph = self
    graph.inputs = original.inputs.map { Named(name: $0.name, value: name($0.value)) }
    graph.outputs = original.outputs.map { Named(name: $0.name, value: name($0.value)) }
    graph.parameters = original.parameters.map { Bound(parameter: $0.parameter, value: name($0.value)) }
    graph.gradients = original.gradients.map { Bound(parameter: $0.parameter, value: name($0.value)) }
    graph.assignments = original.assignments.map { Bound(parameter: $0.parameter, value: name($0.value)) }
    return graph
  }
}
