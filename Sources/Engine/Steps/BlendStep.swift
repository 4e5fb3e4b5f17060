import NunchiKernels

/// A table of the taps of one axis: output i has the taps `starts[i] ..< starts[i + 1]`.
struct TapTable {
  let starts: UnsafePointer<Int64>
  let offsets: UnsafePointer<Int>
  let weights: UnsafePointer<Float>
}

/// Each pixel a weighted sum of pixels, with weights that are a product of one per row and one per column.
struct BlendStep {
  let x: Location
  let y: Location
  let rows: TapTable
  let columns: TapTable
  /// Images, and the rows and pixels of each result.
  let images: Extent
  let height: Int
  let width: Int
  let channels: Int
  /// Elements of an image of x.
  let imageSize: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    for number in share(task, of: images.count(c.rows) * height, size: rowsPerTask) {
      let (image, row) = number.quotientAndRemainder(dividingBy: height)
      let first = Int(rows.starts[row])
      var blend = nk_blend(
        x: c.floats(x) + image * imageSize, row_offsets: rows.offsets + first, row_weights: rows.weights + first,
        starts: columns.starts, offsets: columns.offsets, weights: columns.weights,
        y: c.floats(y) + number * width * channels, row_taps: rows.starts[row + 1] - Int64(first),
        pixels: Int64(width), channels: Int64(channels))
      c.kernels.pointee.blend(&blend)
    }
  }
}
