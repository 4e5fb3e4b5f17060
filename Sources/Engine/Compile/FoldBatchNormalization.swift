import NunchiGraph
import NunchiTensors

/// Folds every inference batch normalisation that is the only consumer of a convolution or a matrix product, with or
/// without a bias, into the weights:
///   BN(x ∗ k + b) = x ∗ (k · s) + (β + (b − mean) · s),  s = γ / √(variance + ε).
/// The scaled weights depend on weights alone, so they are computed in the preparation.
func foldBatchNormalization(_ graph: Graph) -> Graph {
  guard graph.gradients.isEmpty,
    graph.nodes.contains(where: { if case .batchNormalizationInference = $0.operation { true } else { false } })
  else { return graph }
  let users = graph.users()
  let kept = Set(graph.outputs.map(\.value))
  var rewriter = Rewriter(graph)
  for node in graph.nodes {
    guard case .batchNormalizationInference(let rule) = node.operation,
      let (producer, bias) = foldable(node.inputs[0], graph, users, kept)
    else {
      rewriter.copy(node)
      continue
    }
    let (gamma, beta) = (rewriter[node.inputs[1]], rewriter[node.inputs[2]])
    let (mean, variance) = (rewriter[node.inputs[3]], rewriter[node.inputs[4]])
    let deviation = rewriter.add(
      .map(Map(.power(exponent: -0.5))),
      [rewriter.add(.map(Map(.affine(scale: 1, offset: rule.epsilon))), [variance])])
    let scale = rewriter.add(.binary(Binary(.multiply)), [gamma, deviation])
    let center = bias.map { rewriter.add(.binary(Binary(.subtract)), [mean, rewriter[$0]]) } ?? mean
    let shift = rewriter.add(
      .binary(Binary(.subtract)), [beta, rewriter.add(.binary(Binary(.multiply)), [center, scale])])
    // A transposed convolution's weights have its inputs last, and its outputs before them.
    var factor = scale
    if case .transposedConvolution = producer.operation {
      factor = rewriter.add(.reshape(Reshape(to: [graph.type(node.inputs[1]).shape[0], 1])), [scale])
    }
    let weights = rewriter.add(.binary(Binary(.multiply)), [rewriter[producer.inputs[1]], factor])
    let product = rewriter.add(producer.operation, [rewriter[producer.inputs[0]], weights])
    rewriter[node.outputs[0]] = rewriter.add(.binary(Binary(.add)), [product, shift])
  }
  return rewriter.finish()
}

/// The product that produces `value`, and the bias per channel added to it, where neither has another consumer.
private func foldable(
  _ value: ValueID, _ graph: Graph, _ users: [[Int]], _ kept: Set<ValueID>
) -> (producer: Graph.Node, bias: ValueID?)? {
  func isPrivate(_ value: ValueID) -> Bool { users[value].count == 1 && !kept.contains(value) }
  guard isPrivate(value), let producer = graph.producer(value) else { return nil }
  if isFoldable(producer.operation) { return (producer, nil) }
  guard case .binary(let rule) = producer.operation, rule.kind == .add, isPrivate(producer.inputs[0]),
    let product = graph.producer(producer.inputs[0]), isFoldable(product.operation),
    case .parameter? = graph.source(producer.inputs[1]),
    graph.type(producer.inputs[1]).shape == [graph.type(value).shape.channels]
  else { return nil }
  return (product, producer.inputs[1])
}

private func isFoldable(_ operation: Operation) -> Bool {
  switch operation {
  case .convolution: true
  case .transposedConvolution(let rule): rule.groups == 1
  case .matrixProduct(let rule): !rule.transposesRight
  default: false
  }
}

/// Copies a graph node by node; a pass may replace nodes.
private struct Rewriter {
  private let old: Graph
  private var new: Graph
  private var names: [ValueID: ValueID] = [:]
  private var path = ""

  init(_ graph: Graph) {
    old = graph
    new = Graph()
    for (id, entry) in graph.values.enumerated() {
      if case .node = entry.source { continue }
      names[id] = new.adopt(entry)
    }
  }

  /// The id in the new graph of a value of the old one.
  subscript(value: ValueID) -> ValueID {
    get { names[value]! }
    set { names[value] = newValue }
  }

  mutating func add(_ operation: Operation, _ inputs: [ValueID]) -> ValueID {
    new.append(operation, inputs, path: path)[0]
  }

  mutating func copy(_ node: Graph.Node) {
    path = node.path
    let outputs = new.append(node.operation, node.inputs.map { names[$0]! }, path: node.path)
    for (before, after) in zip(node.outputs, outputs) { names[before] = after }
  }

  func finish() -> Graph { new.renamed(from: old) { names[$0]! } }
}

extension Graph {
  /// Whether batch norms use the statistics of the batch, as in training.
  var normalizesBatches: Bool {
    nodes.contains { if case .batchNormalization = $0.operation { true } else { false } }
  }
}
