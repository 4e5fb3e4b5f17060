import NunchiKernels

/// A band of an image [height, width, channels] with columns of zeros at both sides: what a window slides over.
struct Frame {
  let height: Int
  let width: Int
  let channels: Int
  /// Columns of zeros before each row and behind it.
  let before: Int
  let after: Int

  /// Elements of one row of the image, and of the frame.
  var imageRow: Int { width * channels }
  var frameRow: Int { (before + width + after) * channels }

  /// Fills `frame` with the image rows `start ..< start + count`; rows outside the image are zero. `write(row, rows, to)`
  /// puts so many image rows, from `row` on, where `to` points: one at a time, or all together where no column of zeros
  /// stands between them.
  @inline(__always)
  func fill(
    _ frame: UnsafeMutablePointer<Float>, from start: Int, count: Int,
    write: (_ row: Int, _ rows: Int, _ to: UnsafeMutablePointer<Float>) -> Void
  ) {
    let above = min(max(-start, 0), count)
    let first = start + above
    let inside = max(0, min(start + count, height) - first)
    frame.update(repeating: 0, count: above * frameRow)
    (frame + (above + inside) * frameRow).update(repeating: 0, count: (count - above - inside) * frameRow)
    guard before + after > 0 else {
      if inside > 0 { write(first, inside, frame + above * frameRow) }
      return
    }
    for row in 0..<inside {
      let target = frame + (above + row) * frameRow
      target.update(repeating: 0, count: before * channels)
      write(first + row, 1, target + before * channels)
      (target + before * channels + imageRow).update(repeating: 0, count: after * channels)
    }
  }
}
