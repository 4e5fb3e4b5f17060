import NunchiTensors

/// What a gradient rule sees of a node: symbolic inputs, outputs and the gradients that reached its outputs.
package struct GradientContext {
  package let inputs: [Value]
  package let outputs: [Value]
  /// nil where no gradient reached that output.
  package let outputGradients: [Value?]
  /// Which inputs depend on a parameter; the gradient of the others may be nil.
  package let needed: [Bool]

  /// The gradient of the first output, for the many operations that have one.
  package var gradient: Value { outputGradients[0]! }
  package var tracer: Tracer { inputs[0].tracer }
}

extension Tracer {
  /// Appends the backward nodes of `loss` to the graph and records the gradient of every parameter in `parameters`
  /// under `Graph.gradients`. A parameter that does not touch the loss gets a gradient of zeros.
  ///
  /// A reverse walk over the nodes: each operation's rule turns the gradients of its outputs into those of its inputs;
  /// the gradients of a value with several users are added in the order of the walk. Sums that are zero by definition are
  /// then replaced by zeros.
  public func differentiate(_ loss: Value, for parameters: [Parameter]) throws(TraceError) {
    if let error { throw error }
    guard loss.shape == .scalar else {
      throw TraceError("the loss must be a scalar, got shape \(loss.shape); reduce it, for example with a mean")
    }
    let forward = graph.nodes.indices
    let needs = valuesThatNeedGradients(parameters, forward)
    var gradients: [ValueID: Value] = [loss.id: constant(Tensor(1))]
    for index in forward.reversed() {
      let node = graph.nodes[index]
      let arrived = node.outputs.map { gradients[$0] }
      let needed = node.inputs.map { needs[$0] }
      guard arrived.contains(where: { $0 != nil }), needed.contains(true) else { continue }
      let context = GradientContext(
        inputs: node.inputs.map { Value(self, $0) }, outputs: node.outputs.map { Value(self, $0) },
        outputGradients: arrived, needed: needed)
      let answers = try rule(node, context)
      for (input, answer) in zip(node.inputs, answers) where needs[input] {
        guard let answer else { continue }
        gradients[input] = gradients[input].map { $0 + answer } ?? answer
      }
    }
    if let error { throw error }
    for parameter in parameters {
      let value = self.parameter(parameter)
      let gradient = gradients[value.id] ?? constant(Tensor(repeating: 0, parameter.shape))
      graph.gradients.append(.init(parameter: parameter, value: gradient.id))
    }
    graph.replaceChannelSumsOfNormalizationGradients()
  }

  /// Makes `value` the gradient of `parameter`, as differentiation does.
  package func bind(_ value: Value, gradientOf parameter: Parameter) {
    guard !value.isPoisoned else { return }
    graph.gradients.append(.init(parameter: parameter, value: value.id))
  }

  private func rule(_ node: Graph.Node, _ context: GradientContext) throws(TraceError) -> [Value?] {
    do {
      return try node.operation.rule.gradient(context)
    } catch {
      throw TraceError(error.message, chain: node.path.isEmpty ? [] : [node.path])
    }
  }

  private func valuesThatNeedGradients(_ parameters: [Parameter], _ nodes: Range<Int>) -> [Bool] {
    let leaves = Set(parameters.map { self.parameter($0).id })
    var needs = graph.values.indices.map(leaves.contains)
    for node in graph.nodes[nodes] where node.operation.rule.passesGradients {
      guard node.inputs.contains(where: { needs[$0] }) else { continue }
      for output in node.outputs where graph.type(output).dataType == .float32 { needs[output] = true }
    }
    return needs
  }
}
