import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  /// Bytes of one worker's frame: a share of the second-level cache.
  private static let frameBytes = 256 << 10

  func convolutionShape(_ x: Shape, _ y: Shape, _ window: Window, _ groups: Int) -> ConvolutionShape {
    ConvolutionShape(
      height: x[1], width: x[2], channels: x[3], outHeight: y[1], outWidth: y[2], outputs: y[3], groups: groups,
      window: window)
  }

  func problem(_ direction: LayerProblem.Direction, _ batch: Int, _ shape: ConvolutionShape) -> String {
    let window = shape.window
    return ConvolutionProblem(
      batch: batch, channels: shape.channels, outputs: shape.outputs, height: shape.height, width: shape.width,
      kernelHeight: window.kernelHeight, kernelWidth: window.kernelWidth, stride: window.strideHeight,
      padding: window.top, dilation: window.dilationHeight, groups: shape.groups
    ).text(direction)
  }

  /// Rows of a band: a frame of `rowBytes` per row fits the cache, and small batches still make enough tasks.
  func bandRows(_ rows: Int, batch: Int, stride: Int, reach: Int, rowBytes: Int) -> Int {
    let fitting = max(1, (Self.frameBytes / max(rowBytes, 1) - reach) / stride + 1)
    let forTasks = batch >= 8 ? rows : max(1, rows / 8.dividedRoundingUp(by: max(batch, 1)))
    return max(1, min(rows, fitting, forTasks))
  }

  mutating func lowerConvolution(_ node: Graph.Node, _ rule: Convolution) {
    let shape = convolutionShape(
      graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape, rule.window, rule.groups)
    if shape.isDepthwise { return lowerDepthwise(node, rule, shape) }
    let tail = fusedTail(node.outputs[0])
    let y = tail.result
    let batch = graph.type(y).shape[0]
    let window = rule.window
    let panel = PackStep.panel
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let name = rule.name + tail.suffix
    let multiplyAdds = batch * shape.resultSize * kernelTaps * shape.groupChannels
    if let side = winogradSide(shape, gradient: false) {
      let weights = addWinogradWeights(
        slot(node.inputs[1]), side: side, rowStride: shape.outputs, columnStride: 1, depth: shape.channels,
        columns: shape.outputs, offsets: (0..<9).map { $0 * shape.channels * shape.outputs })
      let x = image(node.inputs[0])
      return addWinograd(
        name, problem(.forward, batch, shape), side: side, batch: batch, shape: shape.tiles, reads: x.reads,
        shared: x.shared, source: { .image(x.linked($0)) }, weights: weights, tail: tail, multiplyAdds: multiplyAdds)
    }
    let weights = addPack(
      slot(node.inputs[1]), rowStride: shape.outputs, columnStride: 1, depth: kernelTaps * shape.groupChannels,
      columns: shape.groupOutputs, panel: panel, offsets: (0..<shape.groups).map { $0 * shape.groupOutputs })
    let merged = shape.mergesColumns
    let depth = shape.groupChannels * (merged ? window.kernelWidth : 1)
    let taps = merged ? window.kernelHeight : kernelTaps
    let rowBytes = shape.frameRow * MemoryLayout<Float>.size
    let outputsPerPart = outputsPerPart(shape.groupOutputs, depth: kernelTaps * shape.groupChannels, shape.groups)
    let partCount = shape.groupOutputs.dividedRoundingUp(by: outputsPerPart)
    let rows = bandRows(
      shape.outHeight, batch: batch * partCount, stride: window.strideHeight, reach: window.reachHeight,
      rowBytes: rowBytes)
    let bands = shape.outHeight.dividedRoundingUp(by: rows)
    let (source, target) = (image(node.inputs[0]), result(y))
    let (bias, addend) = (tail.bias.map(slot), tail.addend.map(slot))
    let blocks = depthBlocks(taps: taps, depth: depth, rowPixels: shape.outWidth, rows: rows)
    let chunks = self.bands(y, rows: rows)
    let epilogue = partCount > 1 ? EpilogueDraft() : epilogue(y, chunks, tasks: batch * bands)
    add(
      Draft(
        name, problem(.forward, batch, shape),
        reads: source.reads + [weights] + [bias, addend].compactMap(\.self) + epilogue.reads,
        writes: [target] + epilogue.writes, tasks: partCount * batch * bands,
        scratch: shape.isPadded || !source.isPlain ? shape.imageRows(under: rows) * rowBytes : 0,
        multiplyAdds: multiplyAdds, inPlace: inPlace(addend, target, source.reads),
        rowwise: partCount > 1
          ? nil : rowwise(y, shared: source.shared + [weights] + [bias].compactMap(\.self) + epilogue.shared)
      ) { link in
        .convolution(
          ConvolutionStep(
            shape: shape, image: source.linked(link), weights: link(weights), bias: bias.map { link($0) },
            addend: addend.map { link($0) }, y: link(target), relu: tail.relu, panel: panel, taps: taps, depth: depth,
            imageOffsets: link.table(shape.tapOffsets),
            weightOffsets: link.table((0..<taps).map { $0 * depth * panel }),
            bands: bands, bandRows: rows, parts: OutputParts(outputs: outputsPerPart, tasksPerPart: batch * bands),
            blocks: UnsafeBufferPointer(start: link.table(blocks), count: blocks.count),
            epilogue: epilogue.make(link)))
      })
  }

  /// Pixels of a tile: narrower image rows make one tile each, which reads all weights.
  private static let tilePixels = 14
  /// Depth of the blocks into which the sums of such rows are split, so that the weights of two vectors of columns stay in
  /// the first-level cache from row to row.
  private static let cachedDepth = 256

  private func depthBlocks(taps: Int, depth: Int, rowPixels: Int, rows: Int) -> [DepthBlock] {
    guard rowPixels <= Self.tilePixels, rows > 1, taps * depth > 2 * Self.cachedDepth else {
      return [DepthBlock(tap: 0, taps: taps, first: 0, depth: depth, isFirst: true, isLast: true)]
    }
    return (0..<taps).flatMap { tap in
      stride(from: 0, to: depth, by: Self.cachedDepth).map { first in
        DepthBlock(
          tap: tap, taps: 1, first: first, depth: min(Self.cachedDepth, depth - first), isFirst: tap + first == 0,
          isLast: tap == taps - 1 && first + Self.cachedDepth >= depth)
      }
    }
  }

  /// Bytes of weights that stay in the second-level cache from one band to the next.
  private static let cachedWeightBytes = 1280 << 10

  /// Columns of a part, a multiple of two vectors: its weights stay in the cache.
  func outputsPerPart(_ outputs: Int, depth: Int, _ groups: Int) -> Int {
    let pairBytes = 32 * depth * MemoryLayout<Float>.size
    return groups > 1 ? outputs : max(1, Self.cachedWeightBytes / max(pairBytes, 1)) * 32
  }

  // MARK: Weight gradient

  /// Private copies of the weight gradient: enough for many cores, few enough to join cheaply.
  static let weightGradientCopies = 8

  mutating func lowerWeightGradient(_ node: Graph.Node, _ rule: ConvolutionWeightGradient) {
    let (x, dy) = (graph.type(node.inputs[0]).shape, graph.type(node.inputs[1]).shape)
    let window = rule.window
    let shape = convolutionShape(x, dy, window, rule.groups)
    if shape.isDepthwise { return lowerDepthwiseWeightGradient(node, shape) }
    let count = graph.type(node.outputs[0]).shape.count
    let batch = x[0]
    let multiplyAdds = batch * shape.resultSize * window.kernelHeight * window.kernelWidth * shape.groupChannels
    if let side = winogradSide(shape, gradient: false) {
      let gradient = WinogradGradient(
        name: rule.name, problem: problem(.weightGradient, batch, shape) + " F(\(side),3)", side: side, batch: batch,
        shape: shape.tiles,
        x: image(node.inputs[0]), dy: gradient(node.inputs[1]), target: result(node.outputs[0]),
        multiplyAdds: multiplyAdds)
      return addWinogradWeightGradient(
        gradient, rowwise: rowwise(node.inputs[0]), chunks: Self.weightGradientCopies)
    }
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let outputsPerPart = outputsPerPart(shape.groupOutputs, depth: kernelTaps * shape.groupChannels, shape.groups)
    let partCount = shape.groupOutputs.dividedRoundingUp(by: outputsPerPart)
    let imagesPerTask = max(1, batch.dividedRoundingUp(by: max(1, Self.weightGradientCopies / partCount)))
    let copies = max(1, batch.dividedRoundingUp(by: imagesPerTask))
    let target = result(node.outputs[0])
    let partials = copies == 1 ? target : buffer(floats: copies * count)
    let panel = PackStep.panel
    let floatBytes = MemoryLayout<Float>.size
    let bytesPerRow = (shape.frameRow * window.strideHeight + shape.outWidth * shape.outputs) * floatBytes
    let gradientProblem = problem(.weightGradient, batch, shape)
    let frameBytes = tuning.piece(2 * Self.frameBytes, of: gradientProblem)
    let rows = max(1, min(shape.outHeight, frameBytes / max(bytesPerRow, 1)))
    let (source, gradient) = (image(node.inputs[0]), gradient(node.inputs[1]))
    let frame = (shape.imageRows(under: rows) * shape.frameRow).roundedUp(toMultipleOf: 16)
    let imageScratch = shape.isPadded || !source.isPlain ? frame : 0
    let gradientScratch = gradient.isPlain ? 0 : rows * shape.outWidth * shape.outputs
    add(
      Draft(
        rule.name, gradientProblem, reads: source.reads + gradient.reads, writes: [partials],
        tasks: partCount * copies, scratch: (imageScratch + gradientScratch) * floatBytes, multiplyAdds: multiplyAdds,
        rowwise: partCount > 1
          ? nil
          : rowwise(
            node.inputs[0], shared: source.shared + gradient.shared + [partials], chunk: imagesPerTask),
        tunable: true
      ) { link in
        .convolutionWeightGradient(
          ConvolutionWeightGradientStep(
            shape: shape, image: source.linked(link), gradient: gradient.linked(link), partials: link(partials),
            imagesPerTask: imagesPerTask, parts: OutputParts(outputs: outputsPerPart, tasksPerPart: copies),
            bandRows: rows, gradientScratch: imageScratch, panel: panel,
            imageOffsets: link.table((0..<rows).map { $0 * window.strideHeight * shape.frameRow }),
            resultOffsets: link.table((0..<rows).map { $0 * shape.outWidth * shape.outputs })))
      })
    if copies > 1 { addPartialSum(partials, target, copies: copies, count: count, rowsPerCopy: imagesPerTask) }
  }

  /// Adds a step that sums the partial results of chunks of `rowsPerCopy` rows each.
  mutating func addPartialSum(_ partials: Slot, _ target: Slot, copies: Int, count: Int, rowsPerCopy: Int) {
    add(
      Draft(
        "partial-sum", "\(copies)x\(count)", reads: [partials], writes: [target],
        tasks: count.dividedRoundingUp(by: elementsPerTask)
      ) { link in
        .partialSum(
          PartialSumStep(
            partials: link(partials), y: link(target), count: count, copies: copies, rowsPerCopy: rowsPerCopy))
      })
  }
}
