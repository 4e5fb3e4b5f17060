import NunchiGraph
import NunchiKernels
import NunchiTensors

extension Compiler {
  /// Floats of the largest weights that are packed as a whole even where they change with every step.
  private static let packedFloats = 1 << 18

  mutating func lowerMatrixProduct(_ node: Graph.Node, _ rule: MatrixProduct) {
    let (a, b) = (graph.type(node.inputs[0]), graph.type(node.inputs[1]))
    let tail = fusedTail(node.outputs[0], addends: false)
    let (c, bias, relu) = (tail.result, tail.bias, tail.relu)
    let shape = graph.type(c).shape
    let (rowCount, columns) = (shape[0], shape[1])
    let depthCount = rule.transposesLeft ? a.shape[0] : a.shape[1]
    let rows: Extent = a.batched && !rule.transposesLeft ? Extent(perRow: a.rowsPerImage, fixed: 0) : .fixed(rowCount)
    let depth: Extent = a.batched && rule.transposesLeft ? Extent(perRow: a.rowsPerImage, fixed: 0) : .fixed(depthCount)
    let panel = PackStep.panel
    let panels = columns.dividedRoundingUp(by: panel)
    // A right side that changes with every batch is read where it lies; weights are packed.
    let direct = b.batched && !rule.transposesRight
    // Tall products are split into blocks of rows, others into strips of columns.
    let tall = rowCount > 256
    let changes = !graph.gradients.isEmpty && depthCount * columns > Self.packedFloats
    let packing =
      direct || tall || !changes ? nil : rule.transposesRight ? (row: 1, column: depthCount) : (row: columns, column: 1)
    var right = slot(node.inputs[1])
    if !direct, packing == nil {
      right = addPack(
        right, rowStride: rule.transposesRight ? 1 : columns, columnStride: rule.transposesRight ? depthCount : 1,
        depth: depthCount, columns: columns, panel: panel, offsets: [0])
    }
    let problem = "gemm m\(rowCount) n\(columns) k\(depthCount)" + (rule.transposesLeft ? " ta" : "") + " f32"
    let rowsPerTask = tall ? tuning.piece(112, of: problem) : rowCount
    let panelsPerTask = tall ? panels : min(tuning.piece(packing == nil ? 2 : 4, of: problem), panels)
    let columnTasks = panels.dividedRoundingUp(by: panelsPerTask)
    let (left, target, biasSlot) = (slot(node.inputs[0]), result(c), bias.map(slot))
    add(
      Draft(
        "matrix-product" + tail.suffix,
        problem, reads: [left, right] + (biasSlot.map { [$0] } ?? []), writes: [target],
        tasks: rowCount.dividedRoundingUp(by: max(rowsPerTask, 1)) * columnTasks,
        scratch: packing == nil ? 0 : MatrixStep.depthBlock * panelsPerTask * panel * MemoryLayout<Float>.size,
        multiplyAdds: rowCount * columns * depthCount, tunable: tall || panels > 2
      ) { link in
        .matrix(
          MatrixStep(
            a: link(left), b: link(right), bias: biasSlot.map { link($0) }, c: link(target),
            aRow: rule.transposesLeft ? 1 : depthCount, aDepth: rule.transposesLeft ? rowCount : 1,
            bRow: direct ? columns : panel, bPanel: direct ? panel : panel * depthCount, panel: panel, rows: rows,
            columns: columns, depth: depth, rowsPerTask: max(rowsPerTask, 1), panelsPerTask: panelsPerTask,
            columnTasks: columnTasks, relu: relu, packing: packing, zero: link.table([0])))
      })
  }

  /// Packs matrices of the same shape, which begin at `offsets` in the source, into panels.
  mutating func addPack(
    _ source: Slot, rowStride: Int, columnStride: Int, depth: Int, columns: Int, panel: Int, offsets: [Int]
  ) -> Slot {
    let size = PackStep.size(depth: depth, columns: columns, panel: panel)
    let target = buffer(floats: size * offsets.count)
    let tasksPerMatrix = columns.dividedRoundingUp(by: panel)
    add(
      Draft(
        "pack", "\(offsets.count)x\(depth)x\(columns)", reads: [source], writes: [target],
        tasks: offsets.count * tasksPerMatrix
      ) { link in
        .pack(
          PackStep(
            source: link(source), target: link(target), rowStride: rowStride, columnStride: columnStride, depth: depth,
            columns: columns, panel: panel, matrixOffsets: link.table(offsets),
            panelsPerTask: 1, tasksPerMatrix: tasksPerMatrix))
      })
    return target
  }
}
