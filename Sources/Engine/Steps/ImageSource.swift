import NunchiKernels

/// A lazy operand: the image that a step reads. Either memory as it is, or normalised as rows are read: x · scale + shift
/// per channel, then ReLU; or bytes, normalised without ReLU. A lazy image is never written; each consumer computes the
/// rows that it needs.
struct ImageSource {
  let x: Location
  let scale: Location?
  let shift: Location?
  let relu: Bool
  /// Whether x is bytes. scale and shift then have an entry for every element of a row: rows are too short to repeat those
  /// of the channels each time.
  let bytes: Bool

  /// Whether the image is in memory as it is read.
  var isPlain: Bool { scale == nil }

  /// Rows `start ..< start + count` of one image with the frame's borders, written to `target`.
  func frame(
    _ image: Int, _ frame: Frame, from start: Int, count: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    let first = image * frame.height * frame.imageRow
    guard let scale, let shift else {
      let picture = c.floats(x) + first
      return frame.fill(target, from: start, count: count) { row, rows, to in
        to.update(from: picture + row * frame.imageRow, count: rows * frame.imageRow)
      }
    }
    let (factors, offsets) = (c.floats(scale), c.floats(shift))
    if bytes {
      let picture = c.bytes(x) + first
      return frame.fill(target, from: start, count: count) { row, rows, to in
        c.kernels.pointee.normalize_bytes(
          picture + row * frame.imageRow, factors, offsets, to, Int64(rows), Int64(frame.imageRow))
      }
    }
    let picture = c.floats(x) + first
    frame.fill(target, from: start, count: count) { row, rows, to in
      c.kernels.pointee.affine(
        picture + row * frame.imageRow, factors, offsets, relu ? 1 : 0, to, Int64(rows * frame.width),
        Int64(frame.channels))
    }
  }

  /// The same rows: their address in memory if they are there without a border, else `target`, where they are written.
  func rows(
    _ image: Int, _ frame: Frame, from start: Int, count: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) -> UnsafePointer<Float> {
    let isWhole = frame.before + frame.after == 0 && start >= 0 && start + count <= frame.height
    if isPlain && isWhole {
      return UnsafePointer(c.floats(x) + (image * frame.height + start) * frame.imageRow)
    }
    self.frame(image, frame, from: start, count: count, into: target, c)
    return UnsafePointer(target)
  }
}
