import NunchiGraph
import NunchiKernels

/// Packs matrices B into panels of columns; a task packs `panelsPerTask` panels of one matrix.
struct PackStep {
  let source: Location
  let target: Location
  /// Strides of element (k, j) in the source.
  let rowStride: Int
  let columnStride: Int
  let depth: Int
  let columns: Int
  let panel: Int
  /// Offsets of the matrices, all of the same shape, in the source.
  let matrixOffsets: UnsafePointer<Int>
  let panelsPerTask: Int
  let tasksPerMatrix: Int

  /// The columns of a panel: one vector, so that tiles of one to three vectors all fit.
  static let panel = 16

  /// The floats of one packed matrix.
  static func size(depth: Int, columns: Int, panel: Int) -> Int {
    columns.dividedRoundingUp(by: panel) * panel * depth
  }

  func run(_ task: Int, _ c: RunContext) {
    let (matrix, part) = task.quotientAndRemainder(dividingBy: tasksPerMatrix)
    let first = part * panelsPerTask * panel
    let count = min(panelsPerTask * panel, columns - first)
    let size = Self.size(depth: depth, columns: columns, panel: panel)
    c.kernels.pointee.pack(
      c.floats(source) + matrixOffsets[matrix] + first * columnStride, rowStride, columnStride, Int64(depth),
      Int64(count), Int32(panel), c.floats(target) + matrix * size + first * depth)
  }
}

/// C = A·B (+ bias, ReLU); a task computes a block of rows and panels. The depth is split into blocks that fit the cache; C
/// holds the running sum between blocks, so that blocking does not change the bits.
struct MatrixStep {
  let a: Location
  let b: Location
  let bias: Location?
  let c: Location
  let aRow: Int
  let aDepth: Int
  let bRow: Int
  let bPanel: Int
  let panel: Int
  let rows: Extent
  let columns: Int
  let depth: Extent
  let rowsPerTask: Int
  let panelsPerTask: Int
  let columnTasks: Int
  let relu: Bool
  /// The strides of b where it is packed block by block into scratch memory: large weights that change with every step
  /// would otherwise be written once more and read twice.
  let packing: (row: Int, column: Int)?
  /// A zero, for the tables of a single tap.
  let zero: UnsafePointer<Int>

  static let depthBlock = 512

  func run(_ task: Int, worker: Int, _ context: RunContext) {
    let (rowTask, columnTask) = task.quotientAndRemainder(dividingBy: columnTasks)
    let rowPart = share(rowTask, of: rows.count(context.rows), size: rowsPerTask)
    let firstPanel = columnTask * panelsPerTask
    let firstColumn = firstPanel * panel
    let width = min(panelsPerTask * panel, columns - firstColumn)
    guard !rowPart.isEmpty, width > 0 else { return }
    let depth = depth.count(context.rows)
    let target = context.floats(c) + rowPart.lowerBound * columns + firstColumn
    var start = 0
    repeat {
      let end = min(start + Self.depthBlock, depth)
      let last = end == depth
      var (right, rightPanel) = (UnsafePointer(context.floats(b)), bPanel)
      if let packing {
        context.kernels.pointee.pack(
          right + start * packing.row + firstColumn * packing.column, packing.row, packing.column, Int64(end - start),
          Int64(width), Int32(panel), context.scratch(worker))
        (right, rightPanel) = (UnsafePointer(context.scratch(worker)), (end - start) * panel)
      } else {
        right += firstPanel * bPanel + start * bRow
      }
      var gemm = nk_gemm(
        a: context.floats(a) + rowPart.lowerBound * aRow + start * aDepth, a_offsets: zero, a_row: aRow,
        a_depth: aDepth,
        b: right, b_offsets: zero, b_row: bRow, b_panel: rightPanel,
        c: target, start: start > 0 ? UnsafePointer(target) : nil, c_row: columns,
        bias: last ? bias.map { UnsafePointer(context.floats($0) + firstColumn) } : nil,
        rows: Int64(rowPart.count), columns: Int64(width), depth: Int64(end - start), taps: 1, panel: Int32(panel),
        relu: last && relu ? 1 : 0)
      context.kernels.pointee.gemm(&gemm)
      start = end
    } while start < depth
  }
}
