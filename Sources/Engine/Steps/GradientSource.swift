import NunchiKernels

/// A lazy operand: the gradient that a step reads. Either dy in memory, or computed from it as rows are read, in this
/// order: the gradient of a pool, the gate of a ReLU, the gradient of a batch norm. A lazy gradient is never written; each
/// consumer computes the rows that it needs.
struct GradientSource {
  let dy: Location
  /// The pool whose gradient spreads dy, and the place of each chosen element in its window.
  let pool: PooledGradient?
  /// The ReLU's result: dy passes where it is positive.
  let gate: Location?
  let normalization: NormalizationGradient?

  struct PooledGradient {
    let pool: nk_pool
    let place: Location
  }

  /// a·g + b·x + d by channel; g is dy, behind a ReLU of x · scale + shift where these are given.
  struct NormalizationGradient {
    let x: Location
    let scale: Location?
    let shift: Location?
    /// [3, channels]: a, b, d
    let factors: Location
  }

  /// Whether the gradient is in memory as it is read.
  var isPlain: Bool { pool == nil && gate == nil && normalization == nil }

  /// Rows `start ..< start + count` of one image with the frame's borders, written to `target`.
  func frame(
    _ image: Int, _ frame: Frame, from start: Int, count: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    frame.fill(target, from: start, count: count) { row, rows, to in
      let first = (image * frame.height + row) * frame.imageRow
      let arrived = spread(image, frame, row: row, rows: rows, into: to, c)
      if let normalization {
        normalization.apply(arrived, first, pixels: rows * frame.width, channels: frame.channels, into: to, c)
      } else if let gate {
        c.kernels.pointee.map_gradient(
          NK_RELU, 0, 0, arrived, c.floats(gate) + first, to, Int64(rows * frame.imageRow))
      } else if pool == nil {
        to.update(from: arrived, count: rows * frame.imageRow)
      }
    }
  }

  /// The same rows: their address in memory if they are there without a border, else `target`, where they are written.
  func rows(
    _ image: Int, _ frame: Frame, from start: Int, count: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) -> UnsafePointer<Float> {
    let isWhole = frame.before + frame.after == 0 && start >= 0 && start + count <= frame.height
    if isPlain && isWhole {
      return UnsafePointer(c.floats(dy) + (image * frame.height + start) * frame.imageRow)
    }
    self.frame(image, frame, from: start, count: count, into: target, c)
    return UnsafePointer(target)
  }

  /// The rows of dy: their address, or behind a pool `target`, where they are written.
  @inline(__always)
  private func spread(
    _ image: Int, _ frame: Frame, row: Int, rows: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) -> UnsafePointer<Float> {
    guard let pooled = pool else {
      return UnsafePointer(c.floats(dy) + (image * frame.height + row) * frame.imageRow)
    }
    pooled.write(image, dy, row: row, rows: rows, into: target, c)
    return UnsafePointer(target)
  }
}

extension GradientSource.PooledGradient {
  /// Rows of one image of the pool's gradient, for the gradient `dy` of its result.
  func write(
    _ image: Int, _ dy: Location, row: Int, rows: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    var pool = pool
    let size = image * Int(pool.out_height * pool.out_width * pool.channels)
    c.kernels.pointee.pool_extreme_gradient(
      &pool, c.floats(dy) + size, c.bytes(place) + size, target, Int64(row), Int64(row + rows))
  }
}

extension GradientSource.NormalizationGradient {
  /// `pixels` pixels of the gradient, from element `first` of x on, for the gradient `dy` of the result.
  func apply(
    _ dy: UnsafePointer<Float>, _ first: Int, pixels: Int, channels: Int, into target: UnsafeMutablePointer<Float>,
    _ c: RunContext
  ) {
    let factors = c.floats(factors)
    c.kernels.pointee.batch_norm_gradient(
      dy, c.floats(x) + first, c.optional(scale), c.optional(shift), factors, factors + channels,
      factors + 2 * channels, target, Int64(pixels), Int64(channels))
  }
}
