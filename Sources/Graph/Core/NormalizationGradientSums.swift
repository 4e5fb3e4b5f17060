import NunchiTensors

extension Graph {
  /// Replaces every sum per channel of a batch norm's dx by zeros.
  ///
  /// Batch statistics cancel a constant per channel, so a bias in front of a batch norm has no effect: with
  /// dx = γ · rstd · (g − Σg/n − x̂ · Σ(g·x̂)/n) and Σx̂ = 0, its gradient Σdx is zero by definition. Computed, it would be
  /// rounding noise, which an optimizer that divides by the gradient's size would turn into full steps.
  mutating func replaceChannelSumsOfNormalizationGradients() {
    var zeros: [ValueID: ValueID] = [:]
    for node in nodes where isChannelSumOfNormalizationGradient(node) {
      let type = type(node.outputs[0])
      zeros[node.outputs[0]] = adopt(Entry(type: type, source: .constant(Tensor(repeating: 0, type.shape))))
    }
    guard !zeros.isEmpty else { return }
    for index in nodes.indices { nodes[index].inputs = nodes[index].inputs.map { zeros[$0] ?? $0 } }
    for index in gradients.indices { gradients[index].value = zeros[gradients[index].value] ?? gradients[index].value }
  }

  /// Whether the node sums the first output of a batch norm's gradient over all axes but the channels, or over these too.
  private func isChannelSumOfNormalizationGradient(_ node: Node) -> Bool {
    guard case .reduce(let rule) = node.operation, rule.kind == .sum,
      case .node(let index, output: 0) = values[node.inputs[0]].source,
      case .batchNormalizationGradient = nodes[index].operation
    else { return false }
    return rule.axes.starts(with: 0..<type(node.inputs[0]).shape.rank - 1)
  }
}
