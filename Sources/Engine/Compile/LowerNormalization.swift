import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  /// Rows of one chunk of batch statistics: 256 KiB, read twice while in the cache.
  private func statisticsRows(_ channels: Int) -> Int { max(1, 65_536 / channels) }

  mutating func lowerBatchNormalization(_ node: Graph.Node, _ rule: BatchNormalization) {
    let x = node.inputs[0]
    let channels = graph.type(x).shape.channels
    let (source, rows, size) = (slot(x), rows(x, columns: channels), statisticsRows(channels))
    let chunks = tasks(rows, of: size, batch: x)
    let partials = buffer(floats: chunks * 2 * channels)
    add(
      Draft(rule.name + "-moments", "chunks \(chunks)", reads: [source], writes: [partials], tasks: chunks) { link in
        .moments(
          MomentsStep(x: link(source), partials: link(partials), rows: rows, channels: channels, rowsPerTask: size))
      })
    let parameters = node.inputs.dropFirst().map(slot)
    let results = node.outputs.dropFirst().map { result($0) }
    let (scale, shift) = (buffer(floats: channels), buffer(floats: channels))
    add(
      Draft(
        rule.name + "-statistics", reads: [partials] + parameters, writes: results + [scale, shift]
      ) { link in
        .batchStatistics(
          BatchStatisticsStep(
            partials: link(partials), gamma: link(parameters[0]), beta: link(parameters[1]),
            oldMean: link(parameters[2]), oldVariance: link(parameters[3]), mean: link(results[0]),
            rstd: link(results[1]), scale: link(scale), shift: link(shift), newMean: link(results[2]),
            newVariance: link(results[3]), rows: rows, channels: channels, rowsPerTask: size, epsilon: rule.epsilon,
            momentum: rule.momentum))
      })
    let (y, relu) = fusedReLU(node.outputs[0])
    addAffine(rule.name + (relu ? "+relu" : ""), x, y, scale, shift, bytes: false, relu: relu)
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
    let x = node.inputs[1]
    let channels = graph.type(x).shape.channels
    let (rows, size) = (rows(x, columns: channels), statisticsRows(channels))
    let chunks = tasks(rows, of: size, batch: x)
    // A ReLU gradient in front was left to this step: its result decides which gradients pass.
    var (dy, gate) = (node.inputs[0], ValueID?.none)
    if !isLowered(dy), let relu = graph.producer(dy) { (dy, gate) = (relu.inputs[0], relu.inputs[1]) }
    let (gradient, source, y) = (slot(dy), slot(x), gate.map(slot))
    let (gamma, mean, rstd) = (slot(node.inputs[2]), slot(node.inputs[3]), slot(node.inputs[4]))
    let partials = buffer(floats: chunks * 2 * channels)
    let factors = buffer(floats: 3 * channels)
    let name = "batch-normalization-gradient" + (gate == nil ? "" : "+relu")
    let gated = y.map { [$0] } ?? []
    add(
      Draft(
        name + "-sums", "chunks \(chunks)", reads: [gradient, source, mean, rstd] + gated, writes: [partials],
        tasks: chunks
      ) { link in
        .normalizationSums(
          NormalizationSumsStep(
            dy: link(gradient), x: link(source), y: y.map { link($0) }, mean: link(mean), rstd: link(rstd),
            partials: link(partials), rows: rows, channels: channels, rowsPerTask: size))
      })
    let (dGamma, dBeta) = (result(node.outputs[1]), result(node.outputs[2]))
    add(
      Draft(name + "-factors", reads: [partials, gamma, mean, rstd], writes: [dGamma, dBeta, factors]) { link in
        .normalizationFactors(
          NormalizationFactorsStep(
            partials: link(partials), gamma: link(gamma), mean: link(mean), rstd: link(rstd), dGamma: link(dGamma),
            dBeta: link(dBeta), factors: link(factors), rows: rows, channels: channels, rowsPerTask: size))
      })
    let dx = result(node.outputs[0])
    add(
      Draft(
        name, reads: [gradient, source, factors] + gated, writes: [dx], tasks: chunks, inPlace: (gradient, dx)
      ) { link in
        .normalizationGradient(
          NormalizationGradientStep(
            dy: link(gradient), x: link(source), y: y.map { link($0) }, factors: link(factors), dx: link(dx),
            rows: rows, channels: channels, rowsPerTask: size))
      })
  }

  // MARK: Pools

  mutating func lowerPool(_ node: Graph.Node, _ rule: Pool) {
    let (x, y) = (graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape)
    let pool = Self.kernelPool(rule, x, y)
    // Enough tasks for several cores also where the batch is small.
    let bands = min(y[1], max(1, 8 / max(x[0], 1)))
    let bandRows = y[1].dividedRoundingUp(by: bands)
    let results = node.outputs.map { result($0) }
    let source = slot(node.inputs[0])
    add(
      Draft(rule.name, reads: [source], writes: results, tasks: x[0] * bands, rowwise: rowwise(node.outputs[0])) {
        link in
        .pool(
          PoolStep(
            pool: pool, kind: rule.kind, x: link(source), y: link(results[0]), index: link(results.last!),
            bands: bands, bandRows: bandRows))
      })
  }

  mutating func lowerPoolGradient(_ node: Graph.Node, _ rule: PoolGradient) {
    let (dy, dx) = (graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape)
    let pool = Self.kernelPool(rule.pool, dx, dy)
    let sources = node.inputs.map(slot)
    let target = result(node.outputs[0])
    add(
      Draft(rule.name, reads: sources, writes: [target], tasks: dx[0], rowwise: rowwise(node.outputs[0])) { link in
        .poolGradient(
          PoolGradientStep(
            pool: pool, kind: rule.pool.kind, dy: link(sources[0]), index: link(sources.last!), dx: link(target)))
      })
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
