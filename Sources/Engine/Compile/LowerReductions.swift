import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  /// One step for each group of neighbouring axes, the last group first.
  mutating func lowerReduce(_ node: Graph.Node, _ rule: Reduce) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    if isChannelSum(node), let (partials, chunks) = fusions.channelSums[x] {
      let (target, channels) = (result(y), graph.type(x).shape.channels)
      return add(
        Draft(rule.name, "join", reads: [partials], writes: [target]) { link in
          .channelJoin(ChannelJoinStep(partials: link(partials), y: link(target), chunks: chunks, channels: channels))
        })
    }
    var type = graph.type(x)
    var axes = rule.axes.filter { type.shape[$0] != 1 || (type.batched && $0 == 0) }
    guard !axes.isEmpty else { return alias(y, x) }
    var source = slot(x)
    while let last = axes.last {
      var first = last
      while axes.dropLast().last == first - 1 {
        axes.removeLast()
        first -= 1
      }
      axes.removeLast()
      let left = type.shape.count / type.shape.extents[first...last].reduce(1, *)
      let target = axes.isEmpty ? result(y) : buffer(floats: left)
      addReduction(rule, from: source, type, first...last, to: target)
      type.shape.extents.replaceSubrange(first...last, with: [Int](repeating: 1, count: last - first + 1))
      if first == 0 { type.batched = false }
      source = target
    }
  }

  private mutating func addReduction(
    _ rule: Reduce, from source: Slot, _ type: ValueType, _ axes: ClosedRange<Int>, to target: Slot
  ) {
    let extents = type.shape.extents
    let inner = extents[(axes.upperBound + 1)...].reduce(1, *)
    let middleCount = extents[axes].reduce(1, *)
    let outerCount = extents[..<axes.lowerBound].reduce(1, *)
    let overBatch = type.batched && axes.lowerBound == 0
    let batchedOuter = type.batched && !overBatch
    let outerExtent = batchedOuter ? Extent(perRow: outerCount / type.batch, fixed: 0) : .fixed(outerCount)
    let middle = overBatch ? Extent(perRow: middleCount / type.batch, fixed: 0) : .fixed(middleCount)
    if rule.kind == .sum, outerCount == 1, !batchedOuter, middleCount * inner > 2 * elementsPerTask {
      return addChunkedSum(rule.name, from: source, middle, middleCount, columns: inner, to: target)
    }
    let kind = rule.kind == .sum ? NK_SUM : rule.kind == .mean ? NK_MEAN : NK_MAXIMUM
    let size = max(1, elementsPerTask / max(middleCount * inner, 1))
    add(
      Draft(
        rule.name, reads: [source], writes: [target], tasks: max(1, outerCount.dividedRoundingUp(by: size))
      ) { link in
        .reduce(
          ReduceStep(
            kind: kind, x: link(source), y: link(target), outer: outerExtent, middle: middle, inner: inner,
            outerPerTask: size))
      })
  }

  /// A sum over many rows: chunks of rows in parallel, their results joined in order.
  mutating func addChunkedSum(
    _ name: String, from source: Slot, _ rows: Extent, _ rowCount: Int, columns: Int, to target: Slot
  ) {
    // One image per chunk where images are neither small nor large: the sum can then join a chain.
    let byImage = rows.perRow >= 8 && (1024...4 * elementsPerTask).contains(rows.perRow * columns)
    let size = byImage ? rows.perRow : rowsPerTask(columns)
    let chunks = rowCount.dividedRoundingUp(by: size)
    let partials = buffer(floats: chunks * columns)
    add(
      Draft(
        name, "chunks \(chunks)", reads: [source], writes: [partials], tasks: chunks,
        rowwise: byImage ? Rowwise() : nil
      ) { link in
        .columnSum(
          ColumnSumStep(x: link(source), partials: link(partials), rows: rows, columns: columns, rowsPerTask: size))
      })
    add(
      Draft(name, "join \(chunks)", reads: [partials], writes: [target]) { link in
        .reduce(
          ReduceStep(
            kind: NK_SUM, x: link(partials), y: link(target), outer: .fixed(1),
            middle: byImage ? Extent(perRow: 1, fixed: 0) : .fixed(chunks), inner: columns, outerPerTask: 1))
      })
  }

  mutating func lowerMaximumGradient(_ node: Graph.Node, _ rule: MaximumGradient) {
    guard let first = rule.axes.first, rule.axes == Array(first..<first + rule.axes.count) else {
      return lowerReference(node)
    }
    let type = graph.type(node.inputs[1])
    let middle = rule.axes.reduce(1) { $0 * type.shape[$1] }
    let inner = type.shape.extents[(first + rule.axes.count)...].reduce(1, *)
    let outerCount = type.shape.count / max(middle * inner, 1)
    let outer =
      type.batched && first > 0 ? Extent(perRow: outerCount / type.batch, fixed: 0) : .fixed(outerCount)
    let (dy, x, y) = (slot(node.inputs[0]), slot(node.inputs[1]), slot(node.inputs[2]))
    let dx = result(node.outputs[0])
    let size = max(1, elementsPerTask / max(middle * inner, 1))
    add(
      Draft(
        rule.name, reads: [dy, x, y], writes: [dx], tasks: max(1, outerCount.dividedRoundingUp(by: size))
      ) { link in
        .maximumGradient(
          MaximumGradientStep(
            dy: link(dy), x: link(x), y: link(y), dx: link(dx), outer: outer, middle: middle, inner: inner,
            outerPerTask: size))
      })
  }

  mutating func lowerSoftmax(_ node: Graph.Node, logarithmic: Bool) {
    let columns = graph.type(node.outputs[0]).shape.channels
    let (x, y) = (slot(node.inputs[0]), result(node.outputs[0]))
    let (rows, size) = (rows(node.outputs[0], columns: columns), rowsPerTask(columns))
    add(
      Draft("softmax", reads: [x], writes: [y], tasks: tasks(rows, of: size, batch: node.outputs[0])) { link in
        .softmax(
          SoftmaxStep(
            x: link(x), y: link(y), rows: rows, columns: columns, logarithmic: logarithmic, rowsPerTask: size))
      })
  }

  mutating func lowerSoftmaxGradient(_ node: Graph.Node, logarithmic: Bool) {
    let columns = graph.type(node.outputs[0]).shape.channels
    let (dy, y, dx) = (slot(node.inputs[0]), slot(node.inputs[1]), result(node.outputs[0]))
    let (rows, size) = (rows(node.outputs[0], columns: columns), rowsPerTask(columns))
    add(
      Draft(
        "softmax-gradient", reads: [dy, y], writes: [dx], tasks: tasks(rows, of: size, batch: node.outputs[0])
      ) { link in
        .softmaxGradient(
          SoftmaxGradientStep(
            dy: link(dy), y: link(y), dx: link(dx), rows: rows, columns: columns, logarithmic: logarithmic,
            rowsPerTask: size))
      })
  }
}
