import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Elements of one task of an element-wise step: 128 KiB of floats, a share of the second-level cache.
let elementsPerTask = 32_768

/// The part of `count` elements that belongs to `task`.
@inline(__always)
func share(_ task: Int, of count: Int, size: Int) -> Range<Int> {
  let start = min(task * size, count)
  return start..<min(start + size, count)
}

/// A function as the kernels know it: its kind and constants.
struct KernelFunction {
  let function: nk_function
  let p0: Float
  let p1: Float

  init(_ function: MapFunction) {
    switch function {
    case .step: self.init(NK_STEP)
    case .sigmoid: self.init(NK_SIGMOID)
    case .tanh: self.init(NK_TANH)
    case .relu: self.init(NK_RELU)
    case .leakyReLU(let slope): self.init(NK_LEAKY_RELU, slope)
    case .elu(let alpha): self.init(NK_ELU, alpha)
    case .exponential: self.init(NK_EXP)
    case .logarithm: self.init(NK_LOG)
    case .power(let exponent): self.init(NK_POWER, exponent)
    case .affine(let scale, let offset): self.init(NK_AFFINE, scale, offset)
    case .clip(let low, let high): self.init(NK_CLIP, low, high)
    case .hardSigmoid: self.init(NK_HARD_SIGMOID)
    case .hardSwish: self.init(NK_HARD_SWISH)
    case .silu: self.init(NK_SILU)
    case .mish: self.init(NK_MISH)
    case .gelu: self.init(NK_GELU)
    case .geluTanh: self.init(NK_GELU_TANH)
    case .smoothAbsolute(let beta): self.init(NK_SMOOTH_ABSOLUTE, beta)
    }
  }

  private init(_ function: nk_function, _ p0: Float = 0, _ p1: Float = 0) {
    self.function = function
    self.p0 = p0
    self.p1 = p1
  }
}

/// y = f(x)
struct MapStep {
  let function: KernelFunction
  let x: Location
  let y: Location
  let extent: Extent

  func run(_ task: Int, _ c: RunContext) {
    run(share(task, of: extent.count(c.rows), size: elementsPerTask), c)
  }

  func run(_ part: Range<Int>, _ c: RunContext) {
    let (x, y) = (c.floats(x) + part.lowerBound, c.floats(y) + part.lowerBound)
    c.kernels.pointee.map(function.function, function.p0, function.p1, x, y, Int64(part.count))
  }
}

/// dx = dy · f′(saved)
struct MapGradientStep {
  let function: KernelFunction
  let dy: Location
  let saved: Location
  let dx: Location
  let extent: Extent

  func run(_ task: Int, _ c: RunContext) {
    run(share(task, of: extent.count(c.rows), size: elementsPerTask), c)
  }

  func run(_ part: Range<Int>, _ c: RunContext) {
    let first = part.lowerBound
    c.kernels.pointee.map_gradient(
      function.function, function.p0, function.p1, c.floats(dy) + first, c.floats(saved) + first, c.floats(dx) + first,
      Int64(part.count))
  }
}

/// y = a ∘ b over a matrix of rows and columns; a stride of 0 repeats.
struct BinaryStep {
  let kind: nk_binary_kind
  let a: Location
  let b: Location
  let y: Location
  let aStrides: (row: Int, column: Int)
  let bStrides: (row: Int, column: Int)
  /// Rows of the matrix.
  let rows: Extent
  let columns: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    run(share(task, of: rows.count(c.rows), size: rowsPerTask), c)
  }

  func run(_ part: Range<Int>, _ c: RunContext) {
    let first = part.lowerBound
    // Contiguous rows are one long row.
    let flat = isFlat(aStrides) && isFlat(bStrides)
    c.kernels.pointee.binary(
      kind, c.floats(a) + first * aStrides.row, aStrides.row, aStrides.column, c.floats(b) + first * bStrides.row,
      bStrides.row, bStrides.column, c.floats(y) + first * columns, flat ? 1 : Int64(part.count),
      Int64(flat ? part.count * columns : columns))
  }

  private func isFlat(_ strides: (row: Int, column: Int)) -> Bool {
    strides == (columns, 1) || strides == (0, 0)
  }
}

/// y = value
struct FillStep {
  let value: Float
  let y: Location
  let extent: Extent

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: extent.count(c.rows), size: elementsPerTask)
    c.kernels.pointee.fill(value, c.floats(y) + part.lowerBound, Int64(part.count))
  }
}

/// A strided copy: transposes, slices, borders, repeats. Where the leading axis is the batch, only valid rows move.
struct CopyStep {
  let source: Location
  let target: Location
  let copy: nk_copy
  /// Indices of the leading axis.
  let rows: Extent
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    var copy = copy
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    guard !part.isEmpty else { return }
    copy.extent.0 = Int64(part.count)
    let source = c.floats(source) + part.lowerBound * copy.source_stride.0
    let target = c.floats(target) + part.lowerBound * copy.target_stride.0
    c.kernels.pointee.copy(&copy, source, target)
  }
}

/// Bytes or floats to standardised floats, or any per-channel affine map.
struct AffineStep {
  let x: Location
  let scale: Location
  let shift: Location
  let y: Location
  let bytes: Bool
  let relu: Bool
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    run(share(task, of: rows.count(c.rows), size: rowsPerTask), c)
  }

  func run(_ part: Range<Int>, _ c: RunContext) {
    let first = part.lowerBound * channels
    let (rows, columns) = (Int64(part.count), Int64(channels))
    if bytes {
      c.kernels.pointee.normalize_bytes(
        c.raw(x).assumingMemoryBound(to: UInt8.self) + first, c.floats(scale), c.floats(shift), c.floats(y) + first,
        rows, columns)
    } else {
      c.kernels.pointee.affine(
        c.floats(x) + first, c.floats(scale), c.floats(shift), relu ? 1 : 0, c.floats(y) + first, rows, columns)
    }
  }
}

struct OneHotStep {
  let index: Location
  let y: Location
  let rows: Extent
  let classes: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    c.kernels.pointee.one_hot(
      c.integers(index) + part.lowerBound, c.floats(y) + part.lowerBound * classes, Int64(part.count), Int64(classes))
  }
}

/// y = 1 where x is not `value`, else 0.
struct NotEqualStep {
  let x: Location
  let y: Location
  let value: Int32
  let extent: Extent

  func run(_ task: Int, _ c: RunContext) {
    let (x, y) = (c.integers(x), c.floats(y))
    for index in share(task, of: extent.count(c.rows), size: elementsPerTask) { y[index] = x[index] == value ? 0 : 1 }
  }
}

struct DropoutStep {
  let x: Location
  let y: Location
  let extent: Extent
  let stream: UInt64
  let threshold: UInt32
  let scale: Float

  func run(_ task: Int, _ c: RunContext) {
    run(share(task, of: extent.count(c.rows), size: elementsPerTask), c)
  }

  func run(_ part: Range<Int>, _ c: RunContext) {
    let first = part.lowerBound
    c.kernels.pointee.dropout(
      c.floats(x) + first, c.floats(y) + first, Int64(part.count), UInt64(first),
      Philox.key(seed: c.seed, stream: stream), c.step,
      c.microBatch, threshold, scale)
  }
}
