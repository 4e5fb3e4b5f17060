import NunchiKernels

/// y = (x − mean) · rstd over groups of channels of each row.
struct StandardizeStep {
  let shape: RowGroups
  let epsilon: Float
  let x: Location
  let y: Location
  let rstd: Location

  func run(_ task: Int, _ c: RunContext) {
    shape.forEach(task, c) { first, group, count in
      c.kernels.pointee.standardize(
        c.floats(x) + first, Int64(shape.pixels), shape.channels, count, Int64(shape.width), epsilon,
        c.floats(y) + first, c.floats(rstd) + group)
    }
  }
}

/// dx of a standardisation.
struct StandardizeGradientStep {
  let shape: RowGroups
  let dy: Location
  let y: Location
  let rstd: Location
  let dx: Location

  func run(_ task: Int, _ c: RunContext) {
    shape.forEach(task, c) { first, group, count in
      c.kernels.pointee.standardize_gradient(
        c.floats(dy) + first, c.floats(y) + first, c.floats(rstd) + group, Int64(shape.pixels), shape.channels, count,
        Int64(shape.width), c.floats(dx) + first)
    }
  }
}

/// Rows of pixels whose channels form groups; a task takes some of the groups of all rows.
struct RowGroups {
  let rows: Extent
  let pixels: Int
  let groups: Int
  let width: Int
  let groupsPerTask: Int

  var channels: Int { groups * width }
  var all: Extent { Extent(perRow: rows.perRow * groups, fixed: rows.fixed * groups) }

  /// Calls `body` with the first element, the index of the first group and the number of groups: for one row at a time, or
  /// once where groups are contiguous in memory.
  func forEach(_ task: Int, _ c: RunContext, _ body: (_ first: Int, _ group: Int, _ count: Int64) -> Void) {
    let part = share(task, of: all.count(c.rows), size: groupsPerTask)
    guard !part.isEmpty else { return }
    if pixels == 1 { return body(part.lowerBound * width, part.lowerBound, Int64(part.count)) }
    var group = part.lowerBound
    while group < part.upperBound {
      let (row, place) = group.quotientAndRemainder(dividingBy: groups)
      let count = min(groups - place, part.upperBound - group)
      body(row * pixels * channels + place * width, group, Int64(count))
      group += count
    }
  }
}

/// y = x · d^−beta, with d computed from the neighbouring channels.
struct ResponseStep {
  let response: nk_response
  let x: Location
  let y: Location
  let d: Location
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    var response = response
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    let first = part.lowerBound * channels
    c.kernels.pointee.response(
      &response, c.floats(x) + first, c.floats(y) + first, c.floats(d) + first, Int64(part.count), Int64(channels))
  }
}

/// dx of a local response normalisation.
struct ResponseGradientStep {
  let response: nk_response
  let dy: Location
  let x: Location
  let y: Location
  let d: Location
  let dx: Location
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    var response = response
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    let first = part.lowerBound * channels
    c.kernels.pointee.response_gradient(
      &response, c.floats(dy) + first, c.floats(x) + first, c.floats(y) + first, c.floats(d) + first,
      c.floats(dx) + first, Int64(part.count), Int64(channels))
  }
}

/// The first numbers of each row in sorted order, and their columns.
struct SortRowsStep {
  let x: Location
  let values: Location
  let columnsOf: Location
  let rows: Extent
  let columns: Int
  let kept: Int
  let descending: Bool
  let rowsPerTask: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    UnsafeMutableRawPointer(c.scratch(worker)).withMemoryRebound(to: Int32.self, capacity: 2 * columns) { scratch in
      c.kernels.pointee.sort_rows(
        c.floats(x) + part.lowerBound * columns, Int64(part.count), Int64(columns), Int64(kept), descending ? 1 : 0,
        c.floats(values) + part.lowerBound * kept, c.integers(columnsOf) + part.lowerBound * kept, scratch)
    }
  }
}
