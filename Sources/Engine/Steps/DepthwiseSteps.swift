import NunchiGraph
import NunchiKernels

/// y = x ∗ k (+ bias, addend, ReLU) where every channel has a kernel of its own. A task computes a band of result rows.
struct DepthwiseStep {
  let shape: ConvolutionShape
  let image: ImageSource
  /// [kernel height, kernel width, 1, channels], as the parameter lies.
  let weights: Location
  let bias: Location?
  /// Added to y before the ReLU.
  let addend: Location?
  let y: Location
  let relu: Bool
  let taps: Int
  let imageOffsets: UnsafePointer<Int>
  let weightOffsets: UnsafePointer<Int>
  let bands: Int
  let bandRows: Int
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (number, band) = task.quotientAndRemainder(dividingBy: bands)
    guard number < c.rows else { return }
    let first = band * bandRows
    let rows = min(bandRows, shape.outHeight - first)
    let source = shape.rows(under: first, rows, of: image, number, c.scratch(worker), c)
    for row in 0..<rows {
      let result = number * shape.resultSize + (first + row) * shape.outWidth * shape.outputs
      var depthwise = nk_depthwise(
        x: source + row * shape.window.strideHeight * shape.frameRow, x_offsets: imageOffsets,
        x_pixel: shape.window.strideWidth * shape.channels, weights: c.floats(weights), weight_offsets: weightOffsets,
        y: c.floats(y) + result, start: c.optional(addend).map { $0 + result }, y_pixel: shape.outputs,
        bias: c.optional(bias), pixels: Int64(shape.outWidth), channels: Int64(shape.channels), taps: Int64(taps),
        relu: relu ? 1 : 0)
      c.kernels.pointee.depthwise(&depthwise)
    }
    epilogue.run(task, worker: worker, c)
  }
}

/// dx = dy ∗ flipped k where every channel has a kernel of its own. With stride s, image pixels form s·s phases, as in
/// `ConvolutionInputGradientStep`.
struct DepthwiseInputGradientStep {
  let shape: ConvolutionShape
  let gradient: GradientSource
  /// [kernel height, kernel width, 1, channels], as the parameter lies.
  let weights: Location
  let bias: Location?
  let dx: Location
  let relu: Bool
  let phases: UnsafeBufferPointer<GradientPhase>
  let reach: GradientReach
  let bands: Int
  /// Phase rows h′ of a band.
  let bandRows: Int
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (image, band) = task.quotientAndRemainder(dividingBy: bands)
    guard image < c.rows else { return }
    let stride = shape.window.strideHeight
    let first = band * bandRows
    let last = min(first + bandRows, shape.height.dividedRoundingUp(by: stride))
    let source = gradient.rows(
      image, reach.frame, from: first + reach.top, count: last - first + reach.extra,
      into: c.scratch(worker), c)
    let target = c.floats(dx) + image * shape.imageSize
    for row in first..<last {
      for phase in phases where row * stride + phase.row < shape.height {
        sum(phase, source + (row - first - reach.top) * reach.frame.frameRow, target, row: row, c)
      }
    }
    epilogue.run(task, worker: worker, c)
  }

  /// Computes the pixels of one phase in one row.
  private func sum(
    _ phase: GradientPhase, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, row: Int,
    _ c: RunContext
  ) {
    let window = shape.window
    let columns = (shape.width - phase.column).dividedRoundingUp(by: window.strideWidth)
    guard columns > 0 else { return }
    let pixel = (row * window.strideHeight + phase.row) * shape.width + phase.column
    var depthwise = nk_depthwise(
      x: source + reach.frame.before * shape.channels, x_offsets: phase.resultOffsets, x_pixel: shape.channels,
      weights: c.floats(weights), weight_offsets: phase.weightOffsets, y: target + pixel * shape.channels, start: nil,
      y_pixel: window.strideWidth * shape.channels, bias: c.optional(bias), pixels: Int64(columns),
      channels: Int64(shape.channels), taps: Int64(phase.taps), relu: relu ? 1 : 0)
    c.kernels.pointee.depthwise(&depthwise)
  }
}

/// dk = Σ x·dy per channel over the pixels of a chunk of images, into the chunk's private copy.
struct DepthwiseWeightGradientStep {
  let shape: ConvolutionShape
  let image: ImageSource
  let gradient: GradientSource
  /// [chunks, kernel height, kernel width, 1, channels]
  let partials: Location
  let imagesPerTask: Int
  let taps: Int
  let imageOffsets: UnsafePointer<Int>
  let bandRows: Int
  /// The offset of the gradient's rows in the scratch memory, behind those of the image.
  let gradientScratch: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let images = share(task, of: c.rows, size: imagesPerTask)
    let sums = c.floats(partials) + task * taps * shape.channels
    let scratch = c.scratch(worker)
    var fresh = true
    for number in images {
      for first in stride(from: 0, to: shape.outHeight, by: bandRows) {
        let rows = min(bandRows, shape.outHeight - first)
        let source = shape.rows(under: first, rows, of: image, number, scratch, c)
        let results = gradient.rows(
          number, shape.resultFrame, from: first, count: rows, into: scratch + gradientScratch, c)
        for row in 0..<rows {
          var pixels = nk_depthwise_sums(
            x: source + row * shape.window.strideHeight * shape.frameRow, x_offsets: imageOffsets,
            x_pixel: shape.window.strideWidth * shape.channels, dy: results + row * shape.outWidth * shape.channels,
            sums: sums, pixels: Int64(shape.outWidth), channels: Int64(shape.channels), taps: Int64(taps),
            accumulate: fresh ? 0 : 1)
          c.kernels.pointee.depthwise_gradient(&pixels)
          fresh = false
        }
      }
    }
  }
}
