import NunchiGraph
import NunchiKernels
import NunchiTensors

extension ConvolutionShape {
  /// Whether every channel has one kernel and one result of its own.
  var isDepthwise: Bool { groups == channels && outputs == channels && channels > 1 }
}

extension Compiler {
  mutating func lowerDepthwise(_ node: Graph.Node, _ rule: Convolution, _ shape: ConvolutionShape) {
    let tail = fusedTail(node.outputs[0])
    let y = tail.result
    let batch = graph.type(y).shape[0]
    let offsets = shape.tapOffsets
    let rowBytes = shape.frameRow * MemoryLayout<Float>.size
    let rows = bandRows(
      shape.outHeight, batch: batch, stride: shape.window.strideHeight, reach: shape.window.reachHeight,
      rowBytes: rowBytes)
    let bands = shape.outHeight.dividedRoundingUp(by: rows)
    let (source, weights, target) = (image(node.inputs[0]), slot(node.inputs[1]), result(y))
    let (bias, addend) = (tail.bias.map(slot), tail.addend.map(slot))
    let epilogue = epilogue(y, self.bands(y, rows: rows), tasks: batch * bands)
    add(
      Draft(
        "depthwise-" + rule.name + tail.suffix, problem(.forward, batch, shape),
        reads: source.reads + [weights] + [bias, addend].compactMap(\.self) + epilogue.reads,
        writes: [target] + epilogue.writes, tasks: batch * bands,
        scratch: shape.isPadded || !source.isPlain ? shape.imageRows(under: rows) * rowBytes : 0,
        multiplyAdds: batch * shape.resultSize * offsets.count, inPlace: inPlace(addend, target, source.reads)
      ) { link in
        .depthwise(
          DepthwiseStep(
            shape: shape, image: source.linked(link), weights: link(weights), bias: bias.map { link($0) },
            addend: addend.map { link($0) }, y: link(target), relu: tail.relu, taps: offsets.count,
            imageOffsets: link.table(offsets), weightOffsets: link.table(offsets.indices.map { $0 * shape.channels }),
            bands: bands, bandRows: rows, epilogue: epilogue.make(link)))
      })
  }

  mutating func addDepthwiseSpreading(_ name: String, _ node: Graph.Node, _ shape: ConvolutionShape, _ tail: Tail) {
    let dx = tail.result
    let batch = graph.type(dx).shape[0]
    let window = shape.window
    let phases = Self.phases(window)
    let reach = Self.reach(phases, shape)
    let phaseRows = shape.height.dividedRoundingUp(by: window.strideHeight)
    let rowBytes = reach.frame.frameRow * MemoryLayout<Float>.size
    let rows = bandRows(phaseRows, batch: batch, stride: 1, reach: reach.extra + 1, rowBytes: rowBytes)
    let bands = phaseRows.dividedRoundingUp(by: rows)
    let epilogue = epilogue(dx, self.bands(dx, rows: rows * window.strideHeight), tasks: batch * bands)
    let (source, weights, target) = (gradient(node.inputs[0]), slot(node.inputs[1]), result(dx))
    let bias = tail.bias.map(slot)
    add(
      Draft(
        "depthwise-" + name, problem(.inputGradient, batch, shape),
        reads: source.reads + [weights] + (bias.map { [$0] } ?? []) + epilogue.reads,
        writes: [target] + epilogue.writes, tasks: batch * bands,
        scratch: reach.isInside && phaseRows <= shape.outHeight && source.isPlain ? 0 : (rows + reach.extra) * rowBytes,
        multiplyAdds: batch * shape.resultSize * window.kernelHeight * window.kernelWidth
      ) { link in
        let table = phases.map { phase in
          GradientPhase(
            row: phase.row, column: phase.column, taps: phase.taps.count,
            resultOffsets: link.table(phase.taps.map { $0.row * reach.frame.frameRow + $0.column * shape.channels }),
            weightOffsets: link.table(phase.taps.map { $0.tap * shape.channels }))
        }
        return .depthwiseInputGradient(
          DepthwiseInputGradientStep(
            shape: shape, gradient: source.linked(link), weights: link(weights), bias: bias.map { link($0) },
            dx: link(target), relu: tail.relu,
            phases: UnsafeBufferPointer(start: link.table(table), count: table.count), reach: reach, bands: bands,
            bandRows: rows, epilogue: epilogue.make(link)))
      })
  }

  mutating func lowerDepthwiseWeightGradient(_ node: Graph.Node, _ shape: ConvolutionShape) {
    let batch = graph.type(node.inputs[0]).shape[0]
    let offsets = shape.tapOffsets
    let count = offsets.count * shape.channels
    let imagesPerTask = max(1, batch.dividedRoundingUp(by: Self.weightGradientCopies))
    let copies = max(1, batch.dividedRoundingUp(by: imagesPerTask))
    let target = result(node.outputs[0])
    let partials = copies == 1 ? target : buffer(floats: copies * count)
    let floatBytes = MemoryLayout<Float>.size
    let rows = bandRows(
      shape.outHeight, batch: batch, stride: shape.window.strideHeight, reach: shape.window.reachHeight,
      rowBytes: shape.frameRow * floatBytes)
    let (source, gradient) = (image(node.inputs[0]), gradient(node.inputs[1]))
    let frame = (shape.imageRows(under: rows) * shape.frameRow).roundedUp(toMultipleOf: 16)
    let imageScratch = shape.isPadded || !source.isPlain ? frame : 0
    let gradientScratch = gradient.isPlain ? 0 : rows * shape.outWidth * shape.channels
    add(
      Draft(
        "depthwise-convolution-weight-gradient", problem(.weightGradient, batch, shape),
        reads: source.reads + gradient.reads, writes: [partials], tasks: copies,
        scratch: (imageScratch + gradientScratch) * floatBytes, multiplyAdds: batch * shape.resultSize * offsets.count
      ) { link in
        .depthwiseWeightGradient(
          DepthwiseWeightGradientStep(
            shape: shape, image: source.linked(link), gradient: gradient.linked(link), partials: link(partials),
            imagesPerTask: imagesPerTask, taps: offsets.count, imageOffsets: link.table(offsets), bandRows: rows,
            gradientScratch: imageScratch))
      })
    if copies > 1 { addPartialSum(partials, target, copies: copies, count: count, rowsPerCopy: imagesPerTask) }
  }
}
