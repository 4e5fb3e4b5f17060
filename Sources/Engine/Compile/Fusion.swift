import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Which values stay lazy: never written, because every consumer can compute them from its operands as it reads. The
/// rules depend on the graph and its shapes alone.
extension Compiler {
  /// The operand that a step reads for the image `value`.
  func image(_ value: ValueID) -> ImageOperand { fusions.images[value] ?? ImageOperand(x: slot(value)) }

  /// The operand that a step reads for the gradient `value`.
  func gradient(_ value: ValueID) -> GradientOperand {
    fusions.gradients[value] ?? GradientOperand(dy: slot(value))
  }

  /// Whether a batch norm's result `y`, or that of the ReLU behind it, can stay lazy: all consumers can normalise as they
  /// read.
  func canNormalizeLazily(_ y: ValueID) -> Bool {
    guard !isKept(y) else { return false }
    return users(y).allSatisfy { index in
      let node = graph.nodes[index]
      guard node.inputs.filter({ $0 == y }).count == 1 else { return false }
      switch node.operation {
      case .convolution, .convolutionWeightGradient: return node.inputs[0] == y
      case .pool(let rule): return rule.kind != .average
      case .mapGradient: return gatedNormalization(index) != nil
      case .binary: return isSumOfImages(node)
      default: return false
      }
    }
  }

  /// Whether all consumers of the image `value` are convolutions and their weight gradients.
  func isReadByConvolutions(_ value: ValueID) -> Bool {
    guard !isKept(value) else { return false }
    return users(value).allSatisfy { index in
      let node = graph.nodes[index]
      switch node.operation {
      case .convolution, .convolutionWeightGradient:
        return node.inputs[0] == value && node.inputs.filter { $0 == value }.count == 1
      default: return false
      }
    }
  }

  /// Whether the gradient `value` can stay lazy: all consumers are gradients of convolutions.
  func canStayLazy(gradient value: ValueID) -> Bool {
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

  /// The batch-norm gradient that node `index` is fused into, where that is the gradient of the ReLU behind the batch
  /// norm. The fused step recomputes the ReLU's gate from x · scale + shift.
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

  /// Whether the ReLU gradient `value` is fused into the batch-norm gradient that consumes it.
  func isGated(_ value: ValueID) -> Bool {
    guard case .node(let index, _)? = graph.source(value) else { return false }
    return gatedNormalization(index) != nil
  }

  /// Whether a batch-norm gradient, perhaps behind a fused ReLU gradient, is the only consumer of the gradient `value`.
  func isReadByNormalization(_ value: ValueID) -> Bool {
    guard let user = soleUser(value), graph.nodes[user].inputs[0] == value else { return false }
    if case .batchNormalizationGradient = graph.nodes[user].operation { return true }
    return gatedNormalization(user) != nil
  }

  /// Whether the node adds two values of the same shape.
  func isSumOfImages(_ node: Graph.Node) -> Bool {
    guard case .binary(let rule) = node.operation, rule.kind == .add else { return false }
    return node.inputs[0] != node.inputs[1] && graph.type(node.inputs[0]).shape == graph.type(node.inputs[1]).shape
  }

  // MARK: Chunks

  /// The pixels of a whole batch in chunks of about 256 KiB, so that a second pass reads them from the cache.
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

  /// The pixels of `count` images as one chunk.
  func images(_ value: ValueID, _ count: Int) -> Chunks {
    let shape = graph.type(value).shape
    let pixels = shape[1] * shape[2]
    return Chunks(
      pixels: rows(value, columns: shape.channels), pixelsPerBlock: count * pixels, pixelsPerChunk: count * pixels)
  }

  // MARK: Epilogues

  /// The epilogue of the step that writes `value` in `chunks`. A gradient is added to the other gradient of a fork and
  /// gated by a ReLU; then come the partial sums that consumers need. The result overwrites `value`.
  mutating func epilogue(_ value: ValueID, _ chunks: Chunks, tasks: Int) -> EpilogueDraft {
    let written = result(value)
    let (final, addend, gate) = fusedSumAndGate(value)
    if final != value { alias(final, value) }
    let channels = graph.type(value).shape.channels
    var draft = EpilogueDraft(
      .init(written: written, chunks: chunks, channels: channels, addend: addend, gate: gate))
    for user in users(final) where graph.nodes[user].inputs[0] == final {
      let node = graph.nodes[user]
      switch node.operation {
      case .batchNormalization: addMoments(final, chunks, tasks, to: &draft)
      case .batchNormalizationGradient: addSums(node, gated: false, final, chunks, tasks, to: &draft)
      case .mapGradient:
        if let gated = gatedNormalization(user) {
          addSums(graph.nodes[gated], gated: true, final, chunks, tasks, to: &draft)
        }
      case .poolGradient:
        if let (gradient, gated, chosen) = pooledNormalization(node) {
          addSums(gradient, gated: gated, final, chunks, tasks, chosen, to: &draft)
        }
      case .reduce: if isChannelSum(node) { addChannelSums(final, chunks, tasks, to: &draft) }
      default: break
      }
    }
    return draft
  }

  /// Fuses the sum with the other gradient of a fork, and the ReLU gradient behind it, into the producer of the gradient
  /// `value`. Gives the value that is then written, and the operands of the two.
  private mutating func fusedSumAndGate(_ value: ValueID) -> (result: ValueID, addend: Slot?, gate: Slot?) {
    var (result, addend, gate) = (value, Slot?.none, Slot?.none)
    guard isGradient(value) else { return (value, nil, nil) }
    if let user = soleUser(value), isSumOfImages(graph.nodes[user]), !isKept(graph.nodes[user].outputs[0]) {
      let node = graph.nodes[user]
      let other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0]
      if isWritten(other, before: value) {
        fuse(user)
        (result, addend) = (node.outputs[0], slot(other))
      }
    }
    if let user = soleUser(result), isPlainReLUGradient(user, of: result), !isKept(graph.nodes[user].outputs[0]) {
      fuse(user)
      (result, gate) = (graph.nodes[user].outputs[0], slot(graph.nodes[user].inputs[1]))
    }
    return (result, addend, gate)
  }

  /// Whether the value is a gradient whose producer supports an epilogue.
  private func isGradient(_ value: ValueID) -> Bool {
    switch graph.producer(value)?.operation {
    case .convolutionInputGradient?, .poolGradient?, .mapGradient?, .batchNormalizationGradient?: true
    default: false
    }
  }

  /// Whether `value` is in memory, not lazy, before `other` is computed.
  private func isWritten(_ value: ValueID, before other: ValueID) -> Bool {
    guard case .node(let first, _)? = graph.source(value), case .node(let second, _)? = graph.source(other) else {
      return false
    }
    return first < second && isLowered(value) && fusions.gradients[value] == nil && fusions.images[value] == nil
  }

  /// Whether the node is a ReLU gradient of `value` that is not fused into a batch-norm gradient.
  func isPlainReLUGradient(_ index: Int, of value: ValueID) -> Bool {
    let node = graph.nodes[index]
    guard case .mapGradient(let rule) = node.operation, rule.function == .relu else { return false }
    return node.inputs[0] == value && node.inputs[1] != value && gatedNormalization(index) == nil
  }

  private mutating func addMoments(_ value: ValueID, _ chunks: Chunks, _ tasks: Int, to draft: inout EpilogueDraft) {
    guard fusions.moments[value] == nil else { return }
    let channels = graph.type(value).shape.channels
    let (partials, x) = (buffer(floats: tasks * 2 * channels), slot(value))
    fusions.moments[value] = (partials, chunks)
    draft.add(writes: partials) { link in
      .moments(MomentsStep(x: link(x), partials: link(partials), chunks: chunks, channels: channels))
    }
  }

  private mutating func addSums(
    _ node: Graph.Node, gated: Bool, _ value: ValueID, _ chunks: Chunks, _ tasks: Int, _ chosen: Slot? = nil,
    to draft: inout EpilogueDraft
  ) {
    let dy = slot(value)
    let partials = buffer(floats: tasks * 2 * graph.type(value).shape.channels)
    fusions.gradientSums[node.inputs[3]] = (partials, chunks)
    let sums = sums(GradientOperand(dy: dy), node, gated: gated, partials, chunks, chosen)
    draft.add(reads: sums.reads.filter { $0 != dy }, shared: sums.shared, writes: partials) {
      .normalization(sums.make($0))
    }
  }

  private mutating func addChannelSums(
    _ value: ValueID, _ chunks: Chunks, _ tasks: Int, to draft: inout EpilogueDraft
  ) {
    guard fusions.channelSums[value] == nil else { return }
    let channels = graph.type(value).shape.channels
    let (partials, x) = (buffer(floats: tasks * channels), slot(value))
    fusions.channelSums[value] = (partials, chunks)
    draft.add(writes: partials) { link in
      .channels(ChannelSumStep(x: link(x), partials: link(partials), chunks: chunks, channels: channels))
    }
  }

  /// Whether the node sums each channel of images.
  func isChannelSum(_ node: Graph.Node) -> Bool {
    guard case .reduce(let rule) = node.operation, rule.kind == .sum else { return false }
    let rank = graph.type(node.inputs[0]).shape.rank
    return rank == 4 && rule.axes == Array(0..<rank - 1)
  }

  /// The batch-norm gradient that is the only consumer of the pool gradient `node`, whether a ReLU gradient stands between
  /// them, and the elements that the pool chose. All other elements of the gradient are zero, so its sums run over these.
  func pooledNormalization(_ node: Graph.Node) -> (gradient: Graph.Node, gated: Bool, chosen: Slot)? {
    guard case .poolGradient(let rule) = node.operation, rule.pool.kind != .average,
      let chosen = fusions.chosen[node.inputs[1]], let user = soleUser(node.outputs[0])
    else { return nil }
    if let gradient = gatedNormalization(user) { return (graph.nodes[gradient], true, chosen) }
    guard isReadByNormalization(node.outputs[0]) else { return nil }
    return (graph.nodes[user], false, chosen)
  }

  /// The step that computes the sums of the batch-norm gradient `node` from `dy`; behind a pool, over the `chosen`
  /// elements.
  func sums(
    _ dy: GradientOperand, _ node: Graph.Node, gated: Bool, _ partials: Slot, _ chunks: Chunks, _ chosen: Slot? = nil
  ) -> (reads: [Slot], shared: [Slot], make: (Linker) -> NormalizationSumsStep) {
    let channels = graph.type(node.inputs[1]).shape.channels
    let (x, mean, rstd) = (chosen ?? slot(node.inputs[1]), slot(node.inputs[3]), slot(node.inputs[4]))
    let affine = gated ? fusions.affines[node.inputs[3]]! : nil
    let shared = [mean, rstd] + (affine.map { [$0.scale, $0.shift] } ?? [])
    return (
      dy.reads + [x] + shared, shared,
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
