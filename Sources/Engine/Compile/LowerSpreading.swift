import NunchiGraph
import NunchiKernels
import NunchiTensors

/// The gradient of a convolution's input, and the transposed convolution, which is the same sum.
extension Compiler {
  /// A tap of one phase: the rows and columns of dy that it reads, and its weights.
  struct PhaseTap {
    var row: Int
    var column: Int
    var tap: Int
  }

  /// The taps that reach image pixels ≡ `phase` modulo the stride along one axis, dy position ascending:
  /// h = s·h′ + phase gets tap i from dy row h′ + (phase + p − i·d) / s where that is whole.
  private static func axisTaps(_ phase: Int, stride: Int, kernel: Int, dilation: Int, before: Int) -> [(Int, Int)] {
    (0..<kernel).reversed().compactMap { i in
      let distance = phase + before - i * dilation
      return distance % stride == 0 ? (distance / stride, i) : nil
    }
  }

  mutating func lowerInputGradient(_ node: Graph.Node, _ rule: ConvolutionInputGradient) {
    addSpreading(rule.name, node, rule.window, rule.groups, Tail(result: node.outputs[0]))
  }

  /// The same sum as a forward operation, with a fused bias and ReLU.
  mutating func lowerTransposedConvolution(_ node: Graph.Node, _ rule: TransposedConvolution) {
    let tail = fusedTail(node.outputs[0], addends: false)
    addSpreading(rule.name + tail.suffix, node, rule.window, rule.groups, tail)
  }

  /// Adds each element of the first input, times the weights, to the window of the convolution that it is a result of.
  private mutating func addSpreading(
    _ name: String, _ node: Graph.Node, _ window: Window, _ groups: Int, _ tail: Tail
  ) {
    let (dyType, dxType) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    let batch = dxType.shape[0]
    let shape = convolutionShape(dxType.shape, dyType.shape, window, groups)
    if shape.isDepthwise { return addDepthwiseSpreading(name, node, shape, tail) }
    let panel = PackStep.panel
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let multiplyAdds = batch * shape.resultSize * kernelTaps * shape.groupChannels
    if let side = winogradSide(shape, gradient: true) {
      let weights = addWinogradWeights(
        slot(node.inputs[1]), side: side, rowStride: 1, columnStride: shape.outputs, depth: shape.outputs,
        columns: shape.channels, offsets: (0..<9).reversed().map { $0 * shape.channels * shape.outputs })
      let dy = gradient(node.inputs[0])
      return addWinograd(
        name, problem(.inputGradient, batch, shape), side: side, batch: batch, shape: shape.gradientTiles,
        reads: dy.reads, shared: dy.shared, source: { .gradient(dy.linked($0)) }, weights: weights, tail: tail,
        multiplyAdds: multiplyAdds)
    }
    let weights = addPack(
      slot(node.inputs[1]), rowStride: 1, columnStride: shape.outputs, depth: shape.groupOutputs,
      columns: shape.groupChannels, panel: panel,
      offsets: (0..<shape.groups).flatMap { group in
        (0..<kernelTaps).map { $0 * shape.groupChannels * shape.outputs + group * shape.groupOutputs }
      })
    let phases = Self.phases(window)
    let reach = Self.reach(phases, shape)
    let phaseRows = shape.height.dividedRoundingUp(by: window.strideHeight)
    let direct = reach.isInside && phaseRows <= shape.outHeight
    let rowBytes = reach.frame.frameRow * MemoryLayout<Float>.size
    let channelsPerPart = outputsPerPart(shape.groupChannels, depth: kernelTaps * shape.groupOutputs, shape.groups)
    let partCount = shape.groupChannels.dividedRoundingUp(by: channelsPerPart)
    let rows = bandRows(phaseRows, batch: batch * partCount, stride: 1, reach: reach.extra + 1, rowBytes: rowBytes)
    let bands = phaseRows.dividedRoundingUp(by: rows)
    let tapSize = PackStep.size(depth: shape.groupOutputs, columns: shape.groupChannels, panel: panel)
    let chunks = self.bands(tail.result, rows: rows * window.strideHeight)
    let epilogue =
      partCount > 1
      ? EpilogueDraft() : epilogue(tail.result, chunks, tasks: batch * bands)
    let (source, target, bias) = (gradient(node.inputs[0]), result(tail.result), tail.bias.map(slot))
    add(
      Draft(
        name, problem(.inputGradient, batch, shape),
        reads: source.reads + [weights] + (bias.map { [$0] } ?? []) + epilogue.reads,
        writes: [target] + epilogue.writes, tasks: partCount * batch * bands,
        scratch: direct && source.isPlain ? 0 : (rows + reach.extra) * rowBytes, multiplyAdds: multiplyAdds,
        rowwise: partCount > 1
          ? nil
          : rowwise(tail.result, shared: source.shared + [weights] + (bias.map { [$0] } ?? []) + epilogue.shared)
      ) { link in
        let table = phases.map { phase in
          GradientPhase(
            row: phase.row, column: phase.column, taps: phase.taps.count,
            resultOffsets: link.table(phase.taps.map { $0.row * reach.frame.frameRow + $0.column * shape.outputs }),
            weightOffsets: link.table(phase.taps.map { $0.tap * tapSize }))
        }
        return .convolutionInputGradient(
          ConvolutionInputGradientStep(
            shape: shape, gradient: source.linked(link), weights: link(weights), bias: bias.map { link($0) },
            dx: link(target), relu: tail.relu, panel: panel,
            phases: link.table(table), phaseCount: table.count, reach: reach, bands: bands, bandRows: rows,
            parts: OutputParts(outputs: channelsPerPart, tasksPerPart: batch * bands), epilogue: epilogue.make(link))
        )
      })
  }

  /// The image rows and columns of one phase, and the taps that reach them.
  typealias Phase = (row: Int, column: Int, taps: [PhaseTap])

  /// How far the phases reach beyond dy.
  static func reach(_ phases: [Phase], _ shape: ConvolutionShape) -> GradientReach {
    let taps = phases.flatMap(\.taps)
    let left = min(0, taps.map(\.column).min() ?? 0)
    let right = max(0, taps.map(\.column).max() ?? 0)
    let columns = shape.width.dividedRoundingUp(by: shape.window.strideWidth)
    return GradientReach(
      top: min(0, taps.map(\.row).min() ?? 0), bottom: max(0, taps.map(\.row).max() ?? 0),
      frame: Frame(
        height: shape.outHeight, width: shape.outWidth, channels: shape.outputs, before: -left,
        after: max(0, columns + right - shape.outWidth)))
  }

  static func phases(_ window: Window) -> [Phase] {
    (0..<window.strideHeight).flatMap { row in
      (0..<window.strideWidth).map { column in
        let rows = axisTaps(
          row, stride: window.strideHeight, kernel: window.kernelHeight, dilation: window.dilationHeight,
          before: window.top)
        let columns = axisTaps(
          column, stride: window.strideWidth, kernel: window.kernelWidth, dilation: window.dilationWidth,
          before: window.left)
        let taps = rows.flatMap { h in
          columns.map { PhaseTap(row: h.0, column: $0.0, tap: h.1 * window.kernelWidth + $0.1) }
        }
        return (row, column, taps)
      }
    }
  }
}
