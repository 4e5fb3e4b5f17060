import NunchiGraph
import NunchiKernels

/// A pool; a task computes a band of result rows of one image.
struct PoolStep {
  let pool: nk_pool
  let kind: Pool.Kind
  /// The image; plain for an average pool.
  let image: ImageSource
  /// The chosen elements: normalised, or with `raw` as they are in x.
  let y: Location
  let raw: Bool
  /// The positions of the chosen elements in the image, and in their windows; nil where they have no consumer.
  let index: Location?
  let place: Location?
  let bands: Int
  let bandRows: Int

  func run(_ task: Int, _ c: RunContext) {
    let (number, band) = task.quotientAndRemainder(dividingBy: bands)
    guard number < c.rows else { return }
    var pool = pool
    let size = number * Int(pool.out_height * pool.out_width * pool.channels)
    let x = c.floats(image.x) + number * Int(pool.in_height * pool.in_width * pool.channels)
    let y = c.floats(y) + size
    let from = Int64(band * bandRows)
    let to = min(from + Int64(bandRows), pool.out_height)
    switch kind {
    case .average: c.kernels.pointee.pool_average(&pool, x, y, from, to)
    case .maximum, .minimum:
      c.kernels.pointee.pool_extreme(
        &pool, kind == .minimum ? 1 : 0, x, c.optional(image.scale), c.optional(image.shift), image.relu ? 1 : 0,
        raw ? 1 : 0, y, index.map { c.integers($0) + size }, place.map { c.bytes($0) + size }, from, to)
    }
  }
}

/// The gradient of an average pool; a task computes one image.
struct AveragePoolGradientStep {
  let pool: nk_pool
  let dy: Location
  let dx: Location

  func run(_ task: Int, _ c: RunContext) {
    guard task < c.rows else { return }
    var pool = pool
    c.kernels.pointee.pool_average_gradient(
      &pool, c.floats(dy) + task * Int(pool.out_height * pool.out_width * pool.channels),
      c.floats(dx) + task * Int(pool.in_height * pool.in_width * pool.channels))
  }
}
