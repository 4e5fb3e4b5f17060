import NunchiTensors

/// Runs any graph, forward and backward nodes alike, one plain loop an operation. The oracle of every kernel and plan.
public struct ReferenceExecutor<T: ReferenceScalar>: Sendable {
  /// The inputs of the graph by name.
  public var inputs: [String: ReferenceArray<T>]
  /// The value of each parameter.
  public var parameters: [Parameter: ReferenceArray<T>]
  /// What is known of the run.
  public var context: RunState

  /// An executor for these inputs and parameters.
  public init(
    inputs: [String: ReferenceArray<T>], parameters: [Parameter: ReferenceArray<T>],
    context: RunState = RunState()
  ) {
    self.inputs = inputs
    self.parameters = parameters
    self.context = context
  }

  /// An executor for tensors and weights.
  public init(inputs: [String: Tensor], weights: Weights, context: RunState = RunState()) {
    self.init(
      inputs: inputs.mapValues(ReferenceArray.init), parameters: weights.reference(), context: context)
  }

  /// What a run leaves.
  public struct Results: Sendable {
    /// Every value of the graph, by its index.
    package let values: [ReferenceArray<T>?]
    /// The outputs of the graph by name.
    public let outputs: [String: ReferenceArray<T>]
    /// The gradient of each parameter that the graph was differentiated for.
    public let gradients: [Parameter: ReferenceArray<T>]
    /// The new values of statistics.
    public let assignments: [Parameter: ReferenceArray<T>]
  }

  /// Computes every node of the graph in order.
  public func run(_ graph: Graph) -> Results {
    var values = [ReferenceArray<T>?](repeating: nil, count: graph.values.count)
    for (id, entry) in graph.values.enumerated() {
      switch entry.source {
      case .input(let name):
        guard let value = inputs[name] else { preconditionFailure("no input named \(name)") }
        precondition(value.shape == entry.type.shape, "input \(name): \(value.shape), expected \(entry.type.shape)")
        values[id] = value
      case .parameter(let parameter): values[id] = parameters[parameter]!
      case .constant(let tensor): values[id] = ReferenceArray(tensor)
      case .node: break
      }
    }
    for node in graph.nodes {
      let results = node.operation.rule.reference(node.inputs.map { values[$0]! }, context)
      for (id, result) in zip(node.outputs, results) {
        assert(result.shape == graph.type(id).shape, "\(node.operation.rule.name): \(result.shape)")
        values[id] = result
      }
    }
    func bound(_ list: [Graph.Bound]) -> [Parameter: ReferenceArray<T>] {
      Dictionary(uniqueKeysWithValues: list.map { ($0.parameter, values[$0.value]!) })
    }
    return Results(
      values: values, outputs: Dictionary(graph.outputs.map { ($0.name, values[$0.value]!) }) { $1 },
      gradients: bound(graph.gradients), assignments: bound(graph.assignments))
  }
}
