import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  /// Bytes of one worker's frame: a share of the second-level cache.
  private static let frameBytes = 256 << 10

  private func convolutionShape(_ x: Shape, _ y: Shape, _ window: Window, _ groups: Int) -> ConvolutionShape {
    ConvolutionShape(
      height: x[1], width: x[2], channels: x[3], outHeight: y[1], outWidth: y[2], outputs: y[3], groups: groups,
      window: window)
  }

  private func problem(_ name: String, _ batch: Int, _ shape: ConvolutionShape) -> String {
    let window = shape.window
    var text = "\(name) mb\(batch) ic\(shape.channels) oc\(shape.outputs) ih\(shape.height)"
    if shape.width != shape.height { text += " iw\(shape.width)" }
    text += " kh\(window.kernelHeight)"
    if window.kernelWidth != window.kernelHeight { text += " kw\(window.kernelWidth)" }
    text += " s\(window.strideHeight) p\(window.top)"
    if window.dilationHeight != 1 { text += " d\(window.dilationHeight)" }
    if shape.groups != 1 { text += " g\(shape.groups)" }
    return text + " f32"
  }

  /// Rows a band, so that a frame of `rowBytes` a row fits the cache and small batches still make tasks for many cores.
  private func bandRows(_ rows: Int, batch: Int, stride: Int, reach: Int, rowBytes: Int) -> Int {
    let fitting = max(1, (Self.frameBytes / max(rowBytes, 1) - reach) / stride + 1)
    let forTasks = batch >= 8 ? rows : max(1, rows / 8.dividedRoundingUp(by: max(batch, 1)))
    return max(1, min(rows, fitting, forTasks))
  }

  mutating func lowerConvolution(_ node: Graph.Node, _ rule: Convolution) {
    let (y, bias, relu) = fusedBias(node.outputs[0])
    let batch = graph.type(y).shape[0]
    let shape = convolutionShape(graph.type(node.inputs[0]).shape, graph.type(y).shape, rule.window, rule.groups)
    let window = rule.window
    let panel = panelWidth(shape.groupOutputs)
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let weights = addPack(
      slot(node.inputs[1]), rowStride: shape.outputs, columnStride: 1, depth: kernelTaps * shape.groupChannels,
      columns: shape.groupOutputs, panel: panel, offsets: (0..<shape.groups).map { $0 * shape.groupOutputs })
    let merged = shape.mergesColumns
    let depth = shape.groupChannels * (merged ? window.kernelWidth : 1)
    let taps = merged ? window.kernelHeight : kernelTaps
    let imageOffsets = (0..<window.kernelHeight).flatMap { i in
      (0..<(merged ? 1 : window.kernelWidth)).map { j in
        i * window.dilationHeight * shape.frameRow + j * window.dilationWidth * shape.channels
      }
    }
    let rowBytes = shape.frameRow * MemoryLayout<Float>.size
    let rows = bandRows(
      shape.outHeight, batch: batch, stride: window.strideHeight, reach: window.reachHeight, rowBytes: rowBytes)
    let bands = shape.outHeight.dividedRoundingUp(by: rows)
    let (source, target, biasSlot) = (slot(node.inputs[0]), result(y), bias.map(slot))
    add(
      Draft(
        rule.name + (bias == nil ? "" : "+bias") + (relu ? "+relu" : ""), problem("conv", batch, shape),
        reads: [source, weights] + (biasSlot.map { [$0] } ?? []), writes: [target], tasks: batch * bands,
        scratch: shape.isPadded ? shape.imageRows(under: rows) * rowBytes : 0,
        multiplyAdds: batch * shape.resultSize * kernelTaps * shape.groupChannels,
        rowwise: rowwise(y, shared: [weights] + (biasSlot.map { [$0] } ?? []))
      ) { link in
        .convolution(
          ConvolutionStep(
            shape: shape, x: link(source), weights: link(weights), bias: biasSlot.map { link($0) }, y: link(target),
            relu: relu, panel: panel, taps: taps, depth: depth, imageOffsets: link.table(imageOffsets),
            weightOffsets: link.table((0..<taps).map { $0 * depth * panel }), bands: bands, bandRows: rows))
      })
  }

  // MARK: Input gradient

  /// A tap of one phase: which rows and columns of dy it reads, and where its weights are.
  private struct PhaseTap {
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
    let (dyType, dxType) = (graph.type(node.inputs[0]), graph.type(node.outputs[0]))
    let batch = dxType.shape[0]
    let window = rule.window
    let shape = convolutionShape(dxType.shape, dyType.shape, window, rule.groups)
    let panel = panelWidth(shape.groupChannels)
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let weights = addPack(
      slot(node.inputs[1]), rowStride: 1, columnStride: shape.outputs, depth: shape.groupOutputs,
      columns: shape.groupChannels, panel: panel,
      offsets: (0..<shape.groups).flatMap { group in
        (0..<kernelTaps).map { $0 * shape.groupChannels * shape.outputs + group * shape.groupOutputs }
      })
    let phases = Self.phases(window)
    let taps = phases.flatMap(\.taps)
    let top = min(0, taps.map(\.row).min() ?? 0)
    let bottom = max(0, taps.map(\.row).max() ?? 0)
    let left = min(0, taps.map(\.column).min() ?? 0)
    let right = max(0, taps.map(\.column).max() ?? 0)
    let phaseRows = shape.height.dividedRoundingUp(by: window.strideHeight)
    let phaseColumns = shape.width.dividedRoundingUp(by: window.strideWidth)
    let after = max(0, phaseColumns + right - shape.outWidth)
    let frameWidth = -left + shape.outWidth + after
    let direct = (top, bottom, left, after) == (0, 0, 0, 0) && phaseRows <= shape.outHeight
    let rowBytes = frameWidth * shape.outputs * MemoryLayout<Float>.size
    let rows = bandRows(phaseRows, batch: batch, stride: 1, reach: bottom - top + 1, rowBytes: rowBytes)
    let bands = phaseRows.dividedRoundingUp(by: rows)
    let tapSize = PackStep.size(depth: shape.groupOutputs, columns: shape.groupChannels, panel: panel)
    let (source, target) = (slot(node.inputs[0]), result(node.outputs[0]))
    add(
      Draft(
        rule.name, problem("conv-dx", batch, shape), reads: [source, weights], writes: [target], tasks: batch * bands,
        scratch: direct ? 0 : (rows + bottom - top) * rowBytes,
        multiplyAdds: batch * shape.resultSize * kernelTaps * shape.groupChannels,
        rowwise: rowwise(node.outputs[0], shared: [weights])
      ) { link in
        let table = phases.map { phase in
          GradientPhase(
            row: phase.row, column: phase.column, taps: phase.taps.count,
            resultOffsets: link.table(phase.taps.map { ($0.row * frameWidth + $0.column) * shape.outputs }),
            weightOffsets: link.table(phase.taps.map { $0.tap * tapSize }))
        }
        return .convolutionInputGradient(
          ConvolutionInputGradientStep(
            shape: shape, dy: link(source), weights: link(weights), dx: link(target), panel: panel,
            phases: link.table(table), phaseCount: table.count, reachTop: top, reachBottom: bottom, reachLeft: left,
            frameWidth: frameWidth, frameAfter: after, isDirect: direct, bands: bands,
            bandRows: rows))
      })
  }

  private static func phases(_ window: Window) -> [(row: Int, column: Int, taps: [PhaseTap])] {
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

  // MARK: Weight gradient

  /// The images of one private copy of a weight gradient: enough copies for many cores, few enough to join cheaply, and
  /// the same number of images for each where that can be.
  private static func imagesPerCopy(batch: Int, weights: Int) -> Int {
    let fewest = batch >= 64 && weights <= 16_384 ? 16 : 8
    return stride(from: fewest, through: 2 * fewest, by: fewest / 4).first { batch.isMultiple(of: $0) && batch > $0 }
      .map { batch / $0 } ?? max(1, batch.dividedRoundingUp(by: fewest))
  }

  mutating func lowerWeightGradient(_ node: Graph.Node, _ rule: ConvolutionWeightGradient) {
    let (x, dy) = (graph.type(node.inputs[0]).shape, graph.type(node.inputs[1]).shape)
    let window = rule.window
    let shape = convolutionShape(x, dy, window, rule.groups)
    let count = graph.type(node.outputs[0]).shape.count
    let batch = x[0]
    let imagesPerTask = Self.imagesPerCopy(batch: batch, weights: count)
    let copies = max(1, batch.dividedRoundingUp(by: imagesPerTask))
    let target = result(node.outputs[0])
    let partials = copies == 1 ? target : buffer(floats: copies * count)
    let panel = panelWidth(shape.groupOutputs)
    let floatBytes = MemoryLayout<Float>.size
    let bytesPerRow = (shape.frameRow * window.strideHeight + shape.outWidth * shape.outputs) * floatBytes
    let rows = max(1, min(shape.outHeight, 2 * Self.frameBytes / max(bytesPerRow, 1)))
    let (source, gradient) = (slot(node.inputs[0]), slot(node.inputs[1]))
    add(
      Draft(
        rule.name, problem("conv-dw", batch, shape), reads: [source, gradient], writes: [partials], tasks: copies,
        scratch: shape.isPadded ? shape.imageRows(under: rows) * shape.frameRow * floatBytes : 0,
        multiplyAdds: batch * shape.resultSize * window.kernelHeight * window.kernelWidth * shape.groupChannels,
        rowwise: rowwise(node.inputs[0], shared: [partials], chunk: imagesPerTask)
      ) { link in
        .convolutionWeightGradient(
          ConvolutionWeightGradientStep(
            shape: shape, x: link(source), dy: link(gradient), partials: link(partials), imagesPerTask: imagesPerTask,
            bandRows: rows, panel: panel,
            imageOffsets: link.table((0..<rows).map { $0 * window.strideHeight * shape.frameRow }),
            resultOffsets: link.table((0..<rows).map { $0 * shape.outWidth * shape.outputs })))
      })
    guard copies > 1 else { return }
    add(
      Draft(
        "partial-sum", "\(copies)x\(count)", reads: [partials], writes: [target],
        tasks: count.dividedRoundingUp(by: elementsPerTask)
      ) { link in
        .partialSum(
          PartialSumStep(
            partials: link(partials), y: link(target), count: count, copies: copies, rowsPerCopy: imagesPerTask))
      })
  }
}
