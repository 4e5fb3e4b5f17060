import NunchiGraph
import NunchiKernels

/// y[o, i] = reduction of x[o, m, i] over m. Outer or middle may depend on the valid rows of the batch.
struct ReduceStep {
  let kind: nk_reduction
  let x: Location
  let y: Location
  let outer: Extent
  let middle: Extent
  let inner: Int
  let outerPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: outer.count(c.rows), size: outerPerTask)
    let middle = middle.count(c.rows)
    c.kernels.pointee.reduce(
      kind, c.floats(x) + part.lowerBound * middle * inner, Int64(part.count), Int64(middle), Int64(inner),
      c.floats(y) + part.lowerBound * inner)
  }
}

/// The sums of the columns of x over chunks of its rows: row `task` of the partial sums.
struct ColumnSumStep {
  let x: Location
  let partials: Location
  let rows: Extent
  let columns: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    c.kernels.pointee.reduce(
      NK_SUM, c.floats(x) + part.lowerBound * columns, 1, Int64(part.count), Int64(columns),
      c.floats(partials) + task * columns)
  }
}

/// y = Σ over `copies` partial results, in their order. Copies beyond the valid rows were never written.
struct PartialSumStep {
  let partials: Location
  let y: Location
  let count: Int
  let copies: Int
  let rowsPerCopy: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: count, size: elementsPerTask)
    let first = part.lowerBound
    let y = c.floats(y) + first
    let partials = c.floats(partials) + first
    y.update(from: partials, count: part.count)
    for copy in 1..<max(copies, 1) where copy * rowsPerCopy < c.rows {
      c.kernels.pointee.binary(
        NK_ADD, y, part.count, 1, partials + copy * count, part.count, 1, y, 1, Int64(part.count))
    }
  }
}

struct MaximumGradientStep {
  let dy: Location
  let x: Location
  let y: Location
  let dx: Location
  let outer: Extent
  let middle: Int
  let inner: Int
  let outerPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: outer.count(c.rows), size: outerPerTask)
    let (small, large) = (part.lowerBound * inner, part.lowerBound * inner * middle)
    c.kernels.pointee.maximum_gradient(
      c.floats(dy) + small, c.floats(x) + large, c.floats(y) + small, Int64(part.count), Int64(middle), Int64(inner),
      c.floats(dx) + large)
  }
}

struct SoftmaxStep {
  let x: Location
  let y: Location
  let rows: Extent
  let columns: Int
  let logarithmic: Bool
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    let first = part.lowerBound * columns
    c.kernels.pointee.softmax(
      c.floats(x) + first, c.floats(y) + first, Int64(part.count), Int64(columns), logarithmic ? 1 : 0)
  }
}

struct SoftmaxGradientStep {
  let dy: Location
  let y: Location
  let dx: Location
  let rows: Extent
  let columns: Int
  let logarithmic: Bool
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    let first = part.lowerBound * columns
    c.kernels.pointee.softmax_gradient(
      c.floats(dy) + first, c.floats(y) + first, c.floats(dx) + first, Int64(part.count), Int64(columns),
      logarithmic ? 1 : 0)
  }
}
