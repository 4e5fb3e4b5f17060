import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Which results are never written, because every reader can make them from what is there. Rules of graph and shapes
/// alone.
extension Compiler {
  /// What a step reads for the image `value`.
  func image(_ value: ValueID) -> ImageOperand { fusions.images[value] ?? ImageOperand(x: slot(value)) }

  /// What a step reads for the gradient `value`.
  func gradient(_ value: ValueID) -> GradientOperand {
    fusions.gradients[value] ?? GradientOperand(dy: slot(value))
  }

  /// Whether all readers of a batch normalisation's result `y`, or of the ReLU's behind it, normalise on the way.
  func normalizesOnTheWay(_ y: ValueID) -> Bool {
    guard !isKept(y) else { return false }
    return users(y).allSatisfy { index in
      let node = graph.nodes[index]
      guard node.inputs.filter({ $0 == y }).count == 1 else { return false }
      switch node.operation {
      case .convolution, .convolutionWeightGradient: return node.inputs[0] == y
      case .pool(let rule): return rule.kind != .average
      case .mapGradient: return gatedNormalization(index) != nil
      default: return false
      }
    }
  }

  /// Whether all readers of the gradient `value` make it on the way.
  func isMadeOnTheWay(_ value: ValueID) -> Bool {
    guard !isKept(value) else { return false }
    return users(value).allSatisfy { index in
      let node = graph.nodes[index]
      guard node.inputs.filter({ $0 == value }).count == 1 else { return false }
      switch node.operation {
      case .convolutionInputGradient: return node.inputs[0] == value
      case .convolutionWeightGradient: return node.inputs[1] == value
      default: return false
      }
    }
  }

  /// The gradient of a batch normalisation that takes in node `index`, the gradient of the ReLU behind that
  /// normalisation: it finds out by itself where the ReLU was positive.
  func gatedNormalization(_ index: Int) -> Int? {
    let node = graph.nodes[index]
    guard case .mapGradient(let rule) = node.operation, rule.function == .relu,
      let user = soleUser(node.outputs[0]), case .batchNormalizationGradient = graph.nodes[user].operation,
      graph.nodes[user].inputs[0] == node.outputs[0],
      let relu = graph.producer(node.inputs[1]), case .map(let map) = relu.operation, map.function == .relu,
      let normalization = graph.producer(graph.nodes[user].inputs[3]), normalization.outputs[0] == relu.inputs[0],
      normalization.inputs[0] == graph.nodes[user].inputs[1]
    else { return nil }
    return user
  }

  /// Whether the gradient `value` of a ReLU is left to the gradient of a batch normalisation that reads it.
  func isGated(_ value: ValueID) -> Bool {
    guard case .node(let index, _)? = graph.source(value) else { return false }
    return gatedNormalization(index) != nil
  }

  /// The gradient of a batch normalisation that alone reads the gradient `value`, and whether a ReLU stands between.
  func normalizationGradient(of value: ValueID) -> (node: Graph.Node, gated: Bool)? {
    guard let user = soleUser(value) else { return nil }
    if graph.nodes[user].inputs[0] == value, let gated = gatedNormalization(user) { return (graph.nodes[gated], true) }
    guard case .batchNormalizationGradient = graph.nodes[user].operation, graph.nodes[user].inputs[0] == value else {
      return nil
    }
    return (graph.nodes[user], false)
  }

  // MARK: Chunks

  /// The pixels of a whole batch in chunks of about 256 KiB, which are read twice while in the cache.
  func chunks(_ value: ValueID) -> Chunks {
    let shape = graph.type(value).shape
    return Chunks(
      pixels: rows(value, columns: shape.channels), pixelsPerBlock: shape.count / shape.channels,
      pixelsPerChunk: max(1, 65_536 / shape.channels))
  }

  /// The pixels of images in bands of `rows` rows.
  func bands(_ value: ValueID, rows bandRows: Int) -> Chunks {
    let shape = graph.type(value).shape
    return Chunks(
      pixels: rows(value, columns: shape.channels), pixelsPerBlock: shape[1] * shape[2],
      pixelsPerChunk: min(bandRows, shape[1]) * shape[2])
  }

  /// The pixels of so many images together.
  func images(_ value: ValueID, _ count: Int) -> Chunks {
    let shape = graph.type(value).shape
    let pixels = shape[1] * shape[2]
    return Chunks(
      pixels: rows(value, columns: shape.channels), pixelsPerBlock: count * pixels, pixelsPerChunk: count * pixels)
  }

  // MARK: Epilogues

  /// What the step that writes `value` in `chunks` computes along with it.
  mutating func epilogue(_ value: ValueID, _ chunks: Chunks, tasks: Int) -> EpilogueDraft {
    let isNormalized = users(value).contains { index in
      guard case .batchNormalization = graph.nodes[index].operation else { return false }
      return graph.nodes[index].inputs[0] == value
    }
    if isNormalized { return momentsEpilogue(value, chunks, tasks: tasks) }
    if let (node, gated) = normalizationGradient(of: value) {
      return sumsEpilogue(value, node, gated: gated, chunks, tasks: tasks)
    }
    return EpilogueDraft()
  }

  private mutating func momentsEpilogue(_ value: ValueID, _ chunks: Chunks, tasks: Int) -> EpilogueDraft {
    let channels = graph.type(value).shape.channels
    let partials = buffer(floats: tasks * 2 * channels)
    let x = result(value)
    fusions.moments[value] = (partials, chunks)
    return EpilogueDraft(writes: [partials]) { link in
      .moments(MomentsStep(x: link(x), partials: link(partials), chunks: chunks, channels: channels))
    }
  }

  private mutating func sumsEpilogue(
    _ value: ValueID, _ node: Graph.Node, gated: Bool, _ chunks: Chunks, tasks: Int
  ) -> EpilogueDraft {
    let partials = buffer(floats: tasks * 2 * graph.type(value).shape.channels)
    fusions.sums[value] = (partials, chunks)
    let draft = sums(GradientOperand(dy: result(value)), node, gated: gated, partials, chunks)
    return EpilogueDraft(reads: draft.reads, writes: [partials]) { .normalizationSums(draft.make($0)) }
  }

  /// The sums for the gradient `node` of a batch normalisation, where `dy` arrives.
  func sums(
    _ dy: GradientOperand, _ node: Graph.Node, gated: Bool, _ partials: Slot, _ chunks: Chunks
  ) -> (reads: [Slot], make: (Linker) -> NormalizationSumsStep) {
    let channels = graph.type(node.inputs[1]).shape.channels
    let (x, mean, rstd) = (slot(node.inputs[1]), slot(node.inputs[3]), slot(node.inputs[4]))
    let affine = gated ? fusions.affines[node.inputs[3]]! : nil
    let reads = dy.reads + [x, mean, rstd] + (affine.map { [$0.scale, $0.shift] } ?? [])
    return (
      reads,
      { link in
        let source = dy.linked(link)
        return NormalizationSumsStep(
          dy: source.dy, pool: source.pool, x: link(x), scale: affine.map { link($0.scale) },
          shift: affine.map { link($0.shift) }, mean: link(mean), rstd: link(rstd), partials: link(partials),
          chunks: chunks, channels: channels)
      }
    )
  }
}
