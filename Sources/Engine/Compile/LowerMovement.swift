import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Operations that only move elements: each is one or more strided copies.
extension Compiler {
  mutating func lowerBroadcast(_ node: Graph.Node) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    if graph.type(x).shape.count == graph.type(y).shape.count { return alias(y, x) }
    addRepeat(from: slot(x), graph.type(x).shape, to: result(y), graph.type(y))
  }

  mutating func addRepeat(from source: Slot, _ shape: Shape, to target: Slot, _ type: ValueType) {
    let offset = type.shape.rank - shape.rank
    let own = shape.strides
    let strides = (0..<type.shape.rank).map { $0 < offset || shape[$0 - offset] == 1 ? 0 : own[$0 - offset] }
    addCopy(
      "broadcast", from: source, to: target, extents: type.shape, sourceStrides: strides,
      targetStrides: type.shape.strides, batch: type)
  }

  mutating func lowerTranspose(_ node: Graph.Node, _ rule: Transpose) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    if rule.permutation == Array(rule.permutation.indices) { return alias(y, x) }
    let (source, target) = (graph.type(x).shape.strides, graph.type(y).shape)
    addCopy(
      rule.name, from: slot(x), to: result(y), extents: target, sourceStrides: rule.permutation.map { source[$0] },
      targetStrides: target.strides, batch: graph.type(y))
  }

  mutating func lowerSlice(_ node: Graph.Node, _ rule: Slice) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let (source, target) = (graph.type(x).shape.strides, graph.type(y).shape)
    addCopy(
      rule.name, from: slot(x), to: result(y), extents: target, sourceStrides: source, targetStrides: target.strides,
      sourceOffset: rule.start * source[rule.axis], batch: graph.type(y))
  }

  mutating func lowerPad(_ node: Graph.Node, _ rule: Pad) {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let (from, to, count) = (slot(x), result(y), extent(y))
    add(
      Draft("pad-fill", reads: [], writes: [to], tasks: tasks(count, of: elementsPerTask, batch: y)) { link in
        .fill(FillStep(value: rule.value, y: link(to), extent: count))
      })
    let (shape, strides) = (graph.type(x).shape, graph.type(y).shape.strides)
    addCopy(
      rule.name, from: from, to: to, extents: shape, sourceStrides: shape.strides, targetStrides: strides,
      targetOffset: zip(rule.before, strides).reduce(0) { $0 + $1.0 * $1.1 }, batch: graph.type(x))
  }

  mutating func lowerConcatenate(_ node: Graph.Node, _ rule: Concatenate) {
    let y = node.outputs[0]
    let (to, strides) = (result(y), graph.type(y).shape.strides)
    var start = 0
    for x in node.inputs {
      let shape = graph.type(x).shape
      addCopy(
        rule.name, from: slot(x), to: to, extents: shape, sourceStrides: shape.strides, targetStrides: strides,
        targetOffset: start * strides[rule.axis], batch: graph.type(y))
      start += shape[rule.axis]
    }
  }

  mutating func addCopy(_ name: String, from source: Slot, to target: Slot, shape: Shape) {
    addCopy(
      name, from: source, to: target, extents: shape, sourceStrides: shape.strides, targetStrides: shape.strides)
  }

  private mutating func addCopy(
    _ name: String, from source: Slot, to target: Slot, extents: Shape, sourceStrides: [Int], targetStrides: [Int],
    sourceOffset: Int = 0, targetOffset: Int = 0, batch: ValueType? = nil
  ) {
    let batched = batch?.batched ?? false
    let axes = Self.merged(extents.extents, sourceStrides, targetStrides, keepsFirst: batched)
    precondition(axes.count <= Int(NK_MAX_RANK), "copies of more than \(NK_MAX_RANK) axes")
    var copy = nk_copy()
    copy.rank = Int64(axes.count)
    withUnsafeMutableBytes(of: &copy.extent) { bytes in
      for (index, axis) in axes.enumerated() { bytes.bindMemory(to: Int64.self)[index] = Int64(axis.extent) }
    }
    withUnsafeMutableBytes(of: &copy.source_stride) { bytes in
      for (index, axis) in axes.enumerated() { bytes.bindMemory(to: Int.self)[index] = axis.source }
    }
    withUnsafeMutableBytes(of: &copy.target_stride) { bytes in
      for (index, axis) in axes.enumerated() { bytes.bindMemory(to: Int.self)[index] = axis.target }
    }
    let finished = copy
    let rows = batched ? Extent(perRow: batch!.rowsPerImage, fixed: 0) : .fixed(axes[0].extent)
    let row = max(1, extents.count / max(axes[0].extent, 1))
    let size = max(1, elementsPerTask / row)
    let floatBytes = MemoryLayout<Float>.size
    let moved = extents.count * floatBytes
    add(
      Draft(
        name, reads: [source], writes: [target], tasks: max(1, axes[0].extent.dividedRoundingUp(by: size)),
        bytes: min(bytes(source), moved) + moved
      ) { link in
        var (from, to) = (link(source), link(target))
        if from.space != .inputs { from.offset += sourceOffset * floatBytes }
        to.offset += targetOffset * floatBytes
        return .copy(CopyStep(source: from, target: to, copy: finished, rows: rows, rowsPerTask: size))
      })
  }

  private struct Axis {
    var extent: Int
    var source: Int
    var target: Int
  }

  /// Merges neighbouring axes that are contiguous in source and target; never the batch axis.
  private static func merged(_ extents: [Int], _ source: [Int], _ target: [Int], keepsFirst: Bool) -> [Axis] {
    var axes: [Axis] = []
    for index in extents.indices {
      let axis = Axis(extent: extents[index], source: source[index], target: target[index])
      if let last = axes.last, !(keepsFirst && axes.count == 1), last.source == axis.source * axis.extent,
        last.target == axis.target * axis.extent
      {
        axes[axes.count - 1] = Axis(extent: last.extent * axis.extent, source: axis.source, target: axis.target)
      } else {
        axes.append(axis)
      }
    }
    return axes.isEmpty ? [Axis(extent: 1, source: 1, target: 1)] : axes
  }
}
