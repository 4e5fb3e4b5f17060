import NunchiGraph
import NunchiKernels

/// The constants that cross-entropy and its gradient share.
struct CrossEntropyConstants {
  let target: Location
  let targetIsIndex: Bool
  let weights: Location?
  let smoothing: Float
  /// The index of rows that count nothing, or `NK_NONE`.
  let ignored: Int32
  let rows: Extent
  let classes: Int
  let rowsPerTask: Int

  /// The targets of the rows from `first` on: indices, or probabilities.
  fileprivate func targets(_ first: Int, _ c: RunContext) -> (UnsafePointer<Int32>?, UnsafePointer<Float>?) {
    targetIsIndex
      ? (UnsafePointer(c.integers(target) + first), nil) : (nil, UnsafePointer(c.floats(target) + first * classes))
  }
}

struct CrossEntropyStep {
  let constants: CrossEntropyConstants
  let x: Location
  let loss: Location
  let probabilities: Location

  func run(_ task: Int, _ c: RunContext) {
    let k = constants
    let part = share(task, of: k.rows.count(c.rows), size: k.rowsPerTask)
    let (index, dense) = k.targets(part.lowerBound, c)
    let first = part.lowerBound * k.classes
    c.kernels.pointee.cross_entropy(
      c.floats(x) + first, index, dense, c.optional(k.weights), k.smoothing, k.ignored,
      c.floats(loss) + part.lowerBound, c.floats(probabilities) + first, Int64(part.count), Int64(k.classes))
  }
}

struct CrossEntropyGradientStep {
  let constants: CrossEntropyConstants
  let dLoss: Location
  let probabilities: Location
  let dx: Location

  func run(_ task: Int, _ c: RunContext) {
    let k = constants
    let part = share(task, of: k.rows.count(c.rows), size: k.rowsPerTask)
    let (index, dense) = k.targets(part.lowerBound, c)
    let first = part.lowerBound * k.classes
    c.kernels.pointee.cross_entropy_gradient(
      c.floats(dLoss) + part.lowerBound, c.floats(probabilities) + first, index, dense, c.optional(k.weights),
      k.smoothing, k.ignored, c.floats(dx) + first, Int64(part.count), Int64(k.classes))
  }
}

/// y = Σ x / (divisor · numbers of a row) over the valid rows.
struct BatchMeanStep {
  let x: Location
  let y: Location
  let rows: Extent
  let perRow: Float

  func run(_ task: Int, _ c: RunContext) {
    let y = c.floats(y)
    c.kernels.pointee.reduce(NK_SUM, c.floats(x), 1, Int64(rows.count(c.rows)), 1, y)
    y.pointee /= c.divisor * perRow
  }
}

/// dx[r] = dy / (divisor · numbers of a row)
struct BatchMeanGradientStep {
  let dy: Location
  let dx: Location
  let rows: Extent
  let perRow: Float

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: elementsPerTask)
    c.kernels.pointee.fill(
      c.floats(dy).pointee / (c.divisor * perRow), c.floats(dx) + part.lowerBound, Int64(part.count))
  }
}
