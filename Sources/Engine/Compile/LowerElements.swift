import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  mutating func lowerMap(_ node: Graph.Node, _ rule: Map) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    if case .affine(let scale, let offset) = rule.function, scale == 1, offset == 0 { return alias(y, x) }
    let (from, to, count) = (slot(x), result(y), extent(y))
    let function = KernelFunction(rule.function)
    add(
      Draft(
        rule.name, reads: [from], writes: [to], tasks: tasks(count, of: elementsPerTask, batch: y), inPlace: (from, to),
        rowwise: rowwise(y)
      ) { .map(MapStep(function: function, x: $0(from), y: $0(to), extent: count)) })
  }

  mutating func lowerMapGradient(_ index: Int, _ rule: MapGradient) {
    let node = graph.nodes[index]
    // The ReLU gradient is fused into the batch-norm gradient.
    guard gatedNormalization(index) == nil else { return }
    if isPlainReLUGradient(index, of: node.inputs[0]), graph.type(node.outputs[0]).shape.rank == 4 {
      let operand = GradientOperand(dy: slot(node.inputs[0]), gate: slot(node.inputs[1]))
      return addGradient(rule.name, operand, node.outputs[0])
    }
    let (dy, saved, dx) = (slot(node.inputs[0]), slot(node.inputs[1]), result(node.outputs[0]))
    let count = extent(node.outputs[0])
    let function = KernelFunction(rule.function)
    add(
      Draft(
        rule.name, reads: [dy, saved], writes: [dx], tasks: tasks(count, of: elementsPerTask, batch: node.outputs[0]),
        inPlace: (dy, dx), rowwise: rowwise(node.outputs[0])
      ) { link in
        .mapGradient(MapGradientStep(function: function, dy: link(dy), saved: link(saved), dx: link(dx), extent: count))
      })
  }

  mutating func lowerDropout(_ node: Graph.Node, _ rule: Dropout) {
    let (x, y, count) = (slot(node.inputs[0]), result(node.outputs[0]), extent(node.outputs[0]))
    add(
      Draft(
        rule.name, reads: [x], writes: [y], tasks: tasks(count, of: elementsPerTask, batch: node.outputs[0]),
        dependsOnRun: true, inPlace: (x, y), rowwise: count.perRow.isMultiple(of: 4) ? rowwise(node.outputs[0]) : nil
      ) { link in
        .dropout(
          DropoutStep(
            x: link(x), y: link(y), extent: count, stream: rule.stream, threshold: rule.threshold, scale: rule.scale))
      })
  }

  // MARK: Binary

  /// How an operand broadcasts over the result, seen as a matrix.
  private enum Operand {
    /// Every element of the result.
    case full
    /// One row of so many columns, repeated for all rows.
    case row(Int)
    /// One number per row, repeated over so many columns.
    case column(Int)
    case scalar
    /// Any other broadcast.
    case scattered
  }

  private func operand(_ shape: Shape, in result: Shape) -> Operand {
    if shape.count == result.count { return .full }
    if shape.count == 1 { return .scalar }
    let padded = [Int](repeating: 1, count: result.rank - shape.rank) + shape.extents
    let leading = padded.prefix { $0 == 1 }.count
    if Array(padded[leading...]) == Array(result.extents[leading...]) {
      return .row(padded[leading...].reduce(1, *))
    }
    let kept = padded.indices.last { padded[$0] != 1 }! + 1
    if Array(padded[..<kept]) == Array(result.extents[..<kept]) {
      return .column(result.extents[kept...].reduce(1, *))
    }
    return .scattered
  }

  mutating func lowerBinary(_ node: Graph.Node, _ rule: Binary) {
    let y = node.outputs[0]
    if node.inputs.contains(where: { fusions.images[$0] != nil }) { return addNormalizedSum(node) }
    let shape = graph.type(y).shape
    let operands = node.inputs.map { operand(graph.type($0).shape, in: shape) }
    // One number per row of the batch: a matrix of one column.
    var columns = graph.type(y).batched && shape.rank == 1 ? 1 : max(shape.channels, 1)
    for case .row(let width) in operands { columns = width }
    for case .column(let width) in operands { columns = width }
    var strides: [(Int, Int)] = []
    var sources: [Slot] = []
    for (input, operand) in zip(node.inputs, operands) {
      var place = operand
      // Two operands that imply different widths: one of them is broadcast to memory.
      if case .row(let width) = operand, width != columns { place = .scattered }
      if case .column(let width) = operand, width != columns { place = .scattered }
      sources.append(slot(input))
      switch place {
      case .full: strides.append((columns, 1))
      case .row: strides.append((0, 1))
      case .column: strides.append((1, 0))
      case .scalar: strides.append((0, 0))
      case .scattered:
        sources[sources.count - 1] = broadcastCopy(input, like: y)
        strides.append((columns, 1))
      }
    }
    let shared = zip(node.inputs, sources).filter { !graph.type($0.0).batched }.map(\.1)
    addBinary(rule.name, kind(rule.kind), sources, strides, y, columns: columns, shared: shared)
  }

  /// The sum of two images of which at least one is lazily normalised.
  private mutating func addNormalizedSum(_ node: Graph.Node) {
    let (a, b) = (image(node.inputs[0]), image(node.inputs[1]))
    let (y, relu) = fusedReLU(node.outputs[0])
    let channels = graph.type(y).shape.channels
    let (to, rows, size) = (result(y), rows(y, columns: channels), rowsPerTask(channels))
    add(
      Draft(
        "normalized-sum" + (relu ? "+relu" : ""), reads: a.reads + b.reads, writes: [to],
        tasks: tasks(rows, of: size, batch: y)
      ) { link in
        .normalizedSum(
          NormalizedSumStep(
            a: a.linked(link), b: b.linked(link), y: link(to), relu: relu, rows: rows, channels: channels,
            rowsPerTask: size))
      })
  }

  private mutating func addBinary(
    _ name: String, _ kind: nk_binary_kind, _ sources: [Slot], _ strides: [(Int, Int)], _ y: ValueID, columns: Int,
    shared: [Slot]
  ) {
    let (a, b, to, rows) = (sources[0], sources[1], result(y), rows(y, columns: columns))
    let size = rowsPerTask(columns)
    let target: Slot? = strides[0] == (columns, 1) ? a : strides[1] == (columns, 1) ? b : nil
    add(
      Draft(
        name, reads: [a, b], writes: [to], tasks: tasks(rows, of: size, batch: y), inPlace: target.map { ($0, to) },
        rowwise: rowwise(y, shared: shared)
      ) { link in
        .binary(
          BinaryStep(
            kind: kind, a: link(a), b: link(b), y: link(to), aStrides: strides[0], bStrides: strides[1], rows: rows,
            columns: columns, rowsPerTask: size))
      })
  }

  private func kind(_ kind: Binary.Kind) -> nk_binary_kind {
    switch kind {
    case .add: NK_ADD
    case .subtract: NK_SUBTRACT
    case .multiply: NK_MULTIPLY
    case .divide: NK_DIVIDE
    case .logisticLoss: NK_LOGISTIC_LOSS
    }
  }

  /// A copy of `value`, broadcast to the shape of `result`.
  private mutating func broadcastCopy(_ value: ValueID, like result: ValueID) -> Slot {
    let shape = graph.type(result).shape
    let target = buffer(floats: shape.count)
    addRepeat(from: slot(value), graph.type(value).shape, to: target, graph.type(result))
    return target
  }

  // MARK: Bytes and classes

  mutating func lowerNormalize(_ node: Graph.Node, _ rule: Normalize) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let bytes = graph.type(x).dataType == .uint8
    let isLazy = bytes && isReadByConvolutions(y)
    // Consumers normalise whole rows at once.
    let repeats = isLazy ? graph.type(y).shape[2] : 1
    let tables = [rule.scale, rule.shift].map { row in
      constant(Tensor([repeats * row.count], (0..<repeats).flatMap { _ in row }))
    }
    if isLazy {
      fusions.images[y] = ImageOperand(x: slot(x), affine: (tables[0], tables[1]), bytes: true)
    } else {
      addAffine(rule.name, x, y, tables[0], tables[1], bytes: bytes, relu: false)
    }
  }

  mutating func addAffine(
    _ name: String, _ x: ValueID, _ y: ValueID, _ scale: Slot, _ shift: Slot, bytes: Bool, relu: Bool
  ) {
    let channels = graph.type(y).shape.channels
    let (from, to, rows, size) = (slot(x), result(y), rows(y, columns: channels), rowsPerTask(channels))
    add(
      Draft(
        name, reads: [from, scale, shift], writes: [to], tasks: tasks(rows, of: size, batch: y),
        inPlace: bytes ? nil : (from, to), rowwise: rowwise(y, shared: [scale, shift])
      ) { link in
        .affine(
          AffineStep(
            x: link(from), scale: link(scale), shift: link(shift), y: link(to), bytes: bytes, relu: relu, rows: rows,
            channels: channels, rowsPerTask: size))
      })
  }

  mutating func lowerOneHot(_ node: Graph.Node, _ rule: OneHot) {
    let (index, y, rows) = (slot(node.inputs[0]), result(node.outputs[0]), extent(node.inputs[0]))
    let size = rowsPerTask(rule.classes)
    add(
      Draft(rule.name, reads: [index], writes: [y], tasks: tasks(rows, of: size, batch: node.inputs[0])) { link in
        .oneHot(OneHotStep(index: link(index), y: link(y), rows: rows, classes: rule.classes, rowsPerTask: size))
      })
  }

  mutating func lowerNotEqual(_ node: Graph.Node, _ rule: NotEqual) {
    let (x, y, count) = (slot(node.inputs[0]), result(node.outputs[0]), extent(node.inputs[0]))
    add(
      Draft(
        rule.name, reads: [x], writes: [y], tasks: tasks(count, of: elementsPerTask, batch: node.inputs[0])
      ) { .notEqual(NotEqualStep(x: $0(x), y: $0(y), value: rule.value, extent: count)) })
  }
}
