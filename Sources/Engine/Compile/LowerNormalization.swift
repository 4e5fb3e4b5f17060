import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  mutating func lowerBatchNormalization(_ node: Graph.Node, _ rule: BatchNormalization) {
    let x = node.inputs[0]
    let channels = graph.type(x).shape.channels
    let (partials, chunks) = moments(rule.name, x)
    let parameters = node.inputs.dropFirst().map(slot)
    let results = node.outputs.dropFirst().map { result($0) }
    let (scale, shift) = (buffer(floats: channels), buffer(floats: channels))
    add(
      Draft(
        rule.name + "-statistics", reads: [partials] + parameters, writes: results + [scale, shift],
        tasks: channels.dividedRoundingUp(by: channelsPerTask)
      ) { link in
        .batchStatistics(
          BatchStatisticsStep(
            partials: link(partials), gamma: link(parameters[0]), beta: link(parameters[1]),
            oldMean: link(parameters[2]), oldVariance: link(parameters[3]), mean: link(results[0]),
            rstd: link(results[1]), scale: link(scale), shift: link(shift), newMean: link(results[2]),
            newVariance: link(results[3]), chunks: chunks, channels: channels, epsilon: rule.epsilon,
            momentum: rule.momentum))
      })
    fusions.affines[node.outputs[1]] = (scale, shift)
    let (y, relu) = fusedReLU(node.outputs[0])
    if canNormalizeLazily(y) {
      fusions.images[y] = ImageOperand(x: slot(x), affine: (scale, shift), relu: relu)
    } else {
      addAffine(rule.name + (relu ? "+relu" : ""), x, y, scale, shift, bytes: false, relu: relu)
    }
  }

  /// The moments of x per chunk: from the epilogue of the step that wrote x, or from a step of their own.
  private mutating func moments(_ name: String, _ x: ValueID) -> (partials: Slot, chunks: Chunks) {
    if let known = fusions.moments[x] { return known }
    let channels = graph.type(x).shape.channels
    let (source, chunks) = (slot(x), chunks(x))
    let partials = buffer(floats: chunks.chunksPerBlock * 2 * channels)
    add(
      Draft(
        name + "-moments", "chunks \(chunks.chunksPerBlock)", reads: [source], writes: [partials],
        tasks: chunks.chunksPerBlock
      ) { link in
        .moments(MomentsStep(x: link(source), partials: link(partials), chunks: chunks, channels: channels))
      })
    return (partials, chunks)
  }

  mutating func lowerInferenceNormalization(_ node: Graph.Node, _ rule: BatchNormalizationInference) {
    let channels = graph.type(node.inputs[0]).shape.channels
    let parameters = node.inputs.dropFirst().map(slot)
    let (scale, shift) = (buffer(floats: channels), buffer(floats: channels))
    add(
      Draft(rule.name + "-statistics", reads: parameters, writes: [scale, shift]) { link in
        .inferenceStatistics(
          InferenceStatisticsStep(
            gamma: link(parameters[0]), beta: link(parameters[1]), mean: link(parameters[2]),
            variance: link(parameters[3]), scale: link(scale), shift: link(shift), channels: channels,
            epsilon: rule.epsilon))
      })
    let (y, relu) = fusedReLU(node.outputs[0])
    addAffine(rule.name + (relu ? "+relu" : ""), node.inputs[0], y, scale, shift, bytes: false, relu: relu)
  }

  mutating func lowerBatchNormalizationGradient(_ node: Graph.Node) {
    let (x, channels) = (node.inputs[1], graph.type(node.inputs[1]).shape.channels)
    // A ReLU gradient in front is fused into this step.
    var dy = node.inputs[0]
    let gated = isGated(dy)
    if gated { dy = graph.producer(dy)!.inputs[0] }
    let name = "batch-normalization-gradient" + (gated ? "+relu" : "")
    let (partials, chunks) = sums(name, node, dy, gated: gated)
    let (gamma, mean, rstd) = (slot(node.inputs[2]), slot(node.inputs[3]), slot(node.inputs[4]))
    let (factors, pixels) = (buffer(floats: 3 * channels), rows(x, columns: channels))
    let (dGamma, dBeta) = (result(node.outputs[1]), result(node.outputs[2]))
    add(
      Draft(
        name + "-factors", reads: [partials, gamma, mean, rstd], writes: [dGamma, dBeta, factors],
        tasks: channels.dividedRoundingUp(by: channelsPerTask)
      ) { link in
        .normalizationFactors(
          NormalizationFactorsStep(
            partials: link(partials), gamma: link(gamma), mean: link(mean), rstd: link(rstd), dGamma: link(dGamma),
            dBeta: link(dBeta), factors: link(factors), chunks: chunks, pixels: pixels, channels: channels))
      })
    var operand = gradient(dy)
    operand.normalization = (slot(x), gated ? fusions.affines[node.inputs[3]]! : nil, factors)
    if canStayLazy(gradient: node.outputs[0]) {
      fusions.gradients[node.outputs[0]] = operand
    } else {
      addGradient(name, operand, node.outputs[0])
    }
  }

  /// The sums of the batch-norm gradient `node` per chunk of dy: from the epilogue of the step that wrote dy, or from a
  /// step of their own.
  private mutating func sums(
    _ name: String, _ node: Graph.Node, _ dy: ValueID, gated: Bool
  ) -> (partials: Slot, chunks: Chunks) {
    if let known = fusions.gradientSums[node.inputs[3]] { return known }
    if let pool = graph.producer(dy), let (_, _, chosen) = pooledNormalization(pool) {
      return chosenSums(name, node, pool.inputs[0], gated: gated, chosen)
    }
    let operand = gradient(dy)
    let shape = graph.type(dy).shape
    let chunks = operand.pool == nil ? chunks(dy) : poolBands(dy)
    let tasks = shape.count / shape.channels / chunks.pixelsPerBlock * chunks.chunksPerBlock
    let partials = buffer(floats: tasks * 2 * shape.channels)
    let draft = sums(operand, node, gated: gated, partials, chunks)
    add(
      Draft(
        name + "-sums", "chunks \(tasks)", reads: draft.reads, writes: [partials], tasks: tasks,
        scratch: operand.pool == nil ? 0 : chunks.pixelsPerChunk * shape.channels * MemoryLayout<Float>.size
      ) { .normalizationSums(draft.make($0)) })
    return (partials, chunks)
  }

  /// The sums of the batch-norm gradient `node` over the elements that the pool behind it chose; `dy` is the gradient of
  /// the pool's result.
  private mutating func chosenSums(
    _ name: String, _ node: Graph.Node, _ dy: ValueID, gated: Bool, _ chosen: Slot
  ) -> (partials: Slot, chunks: Chunks) {
    let (chunks, channels) = (chunks(dy), graph.type(dy).shape.channels)
    let partials = buffer(floats: chunks.chunksPerBlock * 2 * channels)
    let draft = sums(gradient(dy), node, gated: gated, partials, chunks, chosen)
    add(
      Draft(
        name + "-sums", "chunks \(chunks.chunksPerBlock) chosen", reads: draft.reads, writes: [partials],
        tasks: chunks.chunksPerBlock
      ) { .normalizationSums(draft.make($0)) })
    return (partials, chunks)
  }

  /// Bands of about 64 KiB.
  private func poolBands(_ value: ValueID) -> Chunks {
    let shape = graph.type(value).shape
    return bands(value, rows: max(1, 16_384 / (shape[2] * shape[3])))
  }

  /// Writes the gradient `value`, with its epilogue, to memory.
  mutating func addGradient(_ name: String, _ operand: GradientOperand, _ value: ValueID) {
    let shape = graph.type(value).shape
    let spreads = operand.pool != nil
    let chunks = spreads ? poolBands(value) : chunks(value)
    let frame =
      spreads
      ? Frame(height: shape[1], width: shape[2], channels: shape[3], before: 0, after: 0)
      : Frame(height: shape.count / shape.channels, width: 1, channels: shape.channels, before: 0, after: 0)
    let tasks = shape.count / shape.channels / chunks.pixelsPerBlock * chunks.chunksPerBlock
    let dx = result(value)
    let epilogue = epilogue(value, chunks, tasks: tasks)
    let takesOver = !spreads && !epilogue.reads.contains(operand.dy)
    add(
      Draft(
        name, reads: operand.reads + epilogue.reads, writes: [dx] + epilogue.writes, tasks: tasks,
        inPlace: takesOver ? (operand.dy, dx) : nil,
        rowwise: spreads ? rowwise(value, shared: operand.shared + epilogue.shared) : nil
      ) { link in
        .gradient(
          GradientStep(
            source: operand.linked(link), dx: link(dx), frame: frame, chunks: chunks, epilogue: epilogue.make(link)))
      })
  }

  // MARK: Pools

  mutating func lowerPool(_ node: Graph.Node, _ rule: Pool) {
    let (x, y) = (graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape)
    let pool = Self.kernelPool(rule, x, y)
    // Enough tasks for several cores even if the batch is small.
    let bands = min(y[1], max(1, 8 / max(x[0], 1)))
    let bandRows = y[1].dividedRoundingUp(by: bands)
    let source = image(node.inputs[0])
    let (target, raw) = poolTarget(node, source)
    var (index, place) = (Slot?.none, Slot?.none)
    if rule.kind != .average {
      let chosen = node.outputs[1]
      if Self.hasPlaces(rule), !users(chosen).isEmpty {
        place = buffer(y.count)
        fusions.places[chosen] = place
      }
      if isKept(chosen) || (place == nil && !users(chosen).isEmpty) { index = result(chosen) }
    }
    add(
      Draft(
        rule.name, reads: source.reads, writes: [target] + [index, place].compactMap(\.self), tasks: x[0] * bands,
        rowwise: rowwise(node.outputs[0], shared: source.shared)
      ) { link in
        .pool(
          PoolStep(
            pool: pool, kind: rule.kind, image: source.linked(link), y: link(target), raw: raw,
            index: index.map { link($0) }, place: place.map { link($0) }, bands: bands, bandRows: bandRows))
      })
  }

  /// Where a pool's result goes. If its consumers can normalise lazily, the pool stores the chosen elements before
  /// normalisation, which the sums of the batch-norm gradient need as well.
  private mutating func poolTarget(_ node: Graph.Node, _ source: ImageOperand) -> (slot: Slot, raw: Bool) {
    let y = node.outputs[0]
    guard !source.isPlain, canNormalizeLazily(y) else { return (result(y), false) }
    let chosen = buffer(floats: graph.type(y).shape.count)
    fusions.images[y] = ImageOperand(x: chosen, affine: source.affine, relu: source.relu)
    fusions.chosen[node.outputs[1]] = chosen
    return (chosen, true)
  }

  /// Whether the position in the window fits a byte.
  private static func hasPlaces(_ rule: Pool) -> Bool { rule.window.kernelHeight * rule.window.kernelWidth <= 256 }

  mutating func lowerPoolGradient(_ node: Graph.Node, _ rule: PoolGradient) {
    let (dy, dx) = (graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape)
    let pool = Self.kernelPool(rule.pool, dx, dy)
    let source = slot(node.inputs[0])
    guard rule.pool.kind != .average else {
      let target = result(node.outputs[0])
      return add(
        Draft(rule.name, reads: [source], writes: [target], tasks: dx[0], rowwise: rowwise(node.outputs[0])) { link in
          .averagePoolGradient(AveragePoolGradientStep(pool: pool, dy: link(source), dx: link(target)))
        })
    }
    guard let place = fusions.places[node.inputs[1]] else { return lowerReference(node) }
    let operand = GradientOperand(dy: source, pool: (pool, place))
    if isReadByNormalization(node.outputs[0]) || canStayLazy(gradient: node.outputs[0]) {
      fusions.gradients[node.outputs[0]] = operand
    } else {
      addGradient(rule.name, operand, node.outputs[0])
    }
  }

  private static func kernelPool(_ rule: Pool, _ x: Shape, _ y: Shape) -> nk_pool {
    let window = rule.window
    return nk_pool(
      in_height: Int64(x[1]), in_width: Int64(x[2]), channels: Int64(x[3]), out_height: Int64(y[1]),
      out_width: Int64(y[2]), kernel_h: Int64(window.kernelHeight), kernel_w: Int64(window.kernelWidth),
      stride_h: Int64(window.strideHeight), stride_w: Int64(window.strideWidth), pad_top: Int64(window.top),
      pad_left: Int64(window.left), pad_bottom: Int64(window.bottom), pad_right: Int64(window.right),
      counts_padding: rule.countsPadding ? 1 : 0)
  }
}
