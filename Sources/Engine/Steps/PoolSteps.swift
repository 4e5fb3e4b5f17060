import NunchiGraph
import NunchiKernels

/// A band of result rows of one image.
struct PoolStep {
  let pool: nk_pool
  let kind: Pool.Kind
  let x: Location
  let y: Location
  let index: Location
  let bands: Int
  let bandRows: Int

  func run(_ task: Int, _ c: RunContext) {
    let (image, band) = task.quotientAndRemainder(dividingBy: bands)
    guard image < c.rows else { return }
    var pool = pool
    let size = Int(pool.out_height * pool.out_width * pool.channels)
    let x = c.floats(x) + image * Int(pool.in_height * pool.in_width * pool.channels)
    let y = c.floats(y) + image * size
    let from = Int64(band * bandRows)
    let to = min(from + Int64(bandRows), pool.out_height)
    switch kind {
    case .average: c.kernels.pointee.pool_average(&pool, x, y, from, to)
    case .maximum, .minimum:
      c.kernels.pointee.pool_extreme(&pool, kind == .minimum ? 1 : 0, x, y, c.integers(index) + image * size, from, to)
    }
  }
}

/// One image.
struct PoolGradientStep {
  let pool: nk_pool
  let kind: Pool.Kind
  let dy: Location
  let index: Location
  let dx: Location

  func run(_ task: Int, _ c: RunContext) {
    guard task < c.rows else { return }
    var pool = pool
    let size = Int(pool.out_height * pool.out_width * pool.channels)
    let dy = c.floats(dy) + task * size
    let dx = c.floats(dx) + task * Int(pool.in_height * pool.in_width * pool.channels)
    switch kind {
    case .average: c.kernels.pointee.pool_average_gradient(&pool, dy, dx)
    case .maximum, .minimum:
      c.kernels.pointee.pool_extreme_gradient(&pool, dy, c.integers(index) + task * size, dx)
    }
  }
}
