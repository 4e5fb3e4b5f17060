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
      case .binary: return isSumOfImages(node)
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

  /// Whether the gradient of a batch normalisation alone reads the gradient `value`, perhaps behind a ReLU's.
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

  /// What the step that makes the gradient `value` in `chunks` does along with it: adds the other gradient of a fork,
  /// stops it at a ReLU, and what `epilogue` does.
  mutating func gradientEpilogue(_ value: ValueID, _ chunks: Chunks, tasks: Int) -> EpilogueDraft {
    var (value, addend, gate) = (value, Slot?.none, Slot?.none)
    if let user = soleUser(value), isSumOfImages(graph.nodes[user]) {
      let node = graph.nodes[user]
      let other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0]
      if isWritten(other, before: value) {
        fuse(user)
        addend = slot(other)
        value = node.outputs[0]
      }
    }
    if let user = soleUser(value), isPlainReLUGradient(user, of: value) {
      fuse(user)
      gate = slot(graph.nodes[user].inputs[1])
      value = graph.nodes[user].outputs[0]
    }
    var draft = epilogue(value, chunks, tasks: tasks)
    (draft.addend, draft.gate) = (addend, gate)
    draft.reads += [addend, gate].compactMap(\.self)
    return draft
  }

  /// Whether memory holds `value` before `other` is computed.
  private func isWritten(_ value: ValueID, before other: ValueID) -> Bool {
    guard case .node(let first, _)? = graph.source(value), case .node(let second, _)? = graph.source(other) else {
      return false
    }
    return first < second && isLowered(value) && fusions.gradients[value] == nil && fusions.images[value] == nil
  }

  /// Whether the node is the gradient of a ReLU at `value` that no batch normalisation takes in.
  func isPlainReLUGradient(_ index: Int, of value: ValueID) -> Bool {
    let node = graph.nodes[index]
    guard case .mapGradient(let rule) = node.operation, rule.function == .relu else { return false }
    return node.inputs[0] == value && node.inputs[1] != value && gatedNormalization(index) == nil
  }

  /// What the step that writes `value` in `chunks` computes along with it: sums for the steps that read the value next.
  mutating func epilogue(_ value: ValueID, _ chunks: Chunks, tasks: Int) -> EpilogueDraft {
    let channels = graph.type(value).shape.channels
    var draft = EpilogueDraft(value: value, written: result(value), chunks: chunks, channels: channels)
    for user in users(value) where graph.nodes[user].inputs[0] == value {
      let node = graph.nodes[user]
      switch node.operation {
      case .batchNormalization: addMoments(value, tasks, to: &draft)
      case .batchNormalizationGradient: addSums(node, gated: false, tasks, to: &draft)
      case .mapGradient:
        if let gated = gatedNormalization(user) { addSums(graph.nodes[gated], gated: true, tasks, to: &draft) }
      case .reduce: if isChannelSum(node) { addChannelSums(value, tasks, to: &draft) }
      default: break
      }
    }
    return draft
  }

  /// Where each task writes but a part of the channels of its pixels, it sums none.
  mutating func noEpilogue(_ value: ValueID, _ chunks: Chunks) -> EpilogueDraft {
    EpilogueDraft(value: value, written: result(value), chunks: chunks, channels: graph.type(value).shape.channels)
  }

  private mutating func addMoments(_ value: ValueID, _ tasks: Int, to draft: inout EpilogueDraft) {
    guard fusions.moments[value] == nil else { return }
    let (partials, x) = (buffer(floats: tasks * 2 * draft.channels), draft.written)
    let (chunks, channels) = (draft.chunks, draft.channels)
    fusions.moments[value] = (partials, chunks)
    draft.writes.append(partials)
    draft.sums.append { link in
      .moments(MomentsStep(x: link(x), partials: link(partials), chunks: chunks, channels: channels))
    }
  }

  private mutating func addSums(_ node: Graph.Node, gated: Bool, _ tasks: Int, to draft: inout EpilogueDraft) {
    let partials = buffer(floats: tasks * 2 * draft.channels)
    fusions.gradientSums[node.inputs[3]] = (partials, draft.chunks)
    let sums = sums(GradientOperand(dy: draft.written), node, gated: gated, partials, draft.chunks)
    draft.reads += sums.reads.filter { $0 != draft.written }
    draft.writes.append(partials)
    draft.sums.append { .normalization(sums.make($0)) }
  }

  private mutating func addChannelSums(_ value: ValueID, _ tasks: Int, to draft: inout EpilogueDraft) {
    guard fusions.channelSums[value] == nil else { return }
    let (partials, x) = (buffer(floats: tasks * draft.channels), draft.written)
    let (chunks, channels) = (draft.chunks, draft.channels)
    fusions.channelSums[value] = (partials, chunks)
    draft.writes.append(partials)
    draft.sums.append { link in
      .channels(ChannelSumStep(x: link(x), partials: link(partials), chunks: chunks, channels: channels))
    }
  }

  /// Whether the node sums each channel of images.
  func isChannelSum(_ node: Graph.Node) -> Bool {
    guard case .reduce(let rule) = node.operation, rule.kind == .sum else { return false }
    let rank = graph.type(node.inputs[0]).shape.rank
    return rank == 4 && rule.axes == Array(0..<rank - 1)
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
