import NunchiGraph
import NunchiKernels

/// Copies rows `start ..< start + count` of an image [height, width, channels] into a frame of zeros: `before` columns
/// in front, `after` behind, rows outside the image all zero.
func copyPadded(
  _ image: UnsafePointer<Float>, height: Int, width: Int, channels: Int, start: Int, count: Int, before: Int,
  after: Int,
  into frame: UnsafeMutablePointer<Float>
) {
  let stride = (before + width + after) * channels
  for row in 0..<count {
    let target = frame + row * stride
    guard (0..<height).contains(start + row) else {
      target.update(repeating: 0, count: stride)
      continue
    }
    target.update(repeating: 0, count: before * channels)
    (target + before * channels).update(from: image + (start + row) * width * channels, count: width * channels)
    (target + (before + width) * channels).update(repeating: 0, count: after * channels)
  }
}

/// What the three convolution steps share: extents and how images are cut into bands of rows.
struct ConvolutionShape {
  let height: Int
  let width: Int
  let channels: Int
  let outHeight: Int
  let outWidth: Int
  let outputs: Int
  let groups: Int
  let window: Window

  var imageSize: Int { height * width * channels }
  var resultSize: Int { outHeight * outWidth * outputs }
  var groupChannels: Int { channels / groups }
  var groupOutputs: Int { outputs / groups }
  var isPadded: Bool { window.top + window.bottom + window.left + window.right > 0 }
  /// Whether the taps of one kernel row are contiguous in memory and act as one long tap.
  var mergesColumns: Bool { groups == 1 && window.dilationWidth == 1 }
  /// A 1x1 window that takes every pixel: rows of the image follow each other.
  var isPointwise: Bool {
    window.kernelHeight * window.kernelWidth == 1 && window.strideHeight * window.strideWidth == 1 && !isPadded
  }
  /// Image rows under `rows` result rows.
  func imageRows(under rows: Int) -> Int { (rows - 1) * window.strideHeight + window.reachHeight }
  /// The pixels of a row that windows touch, border included.
  var frameWidth: Int { isPadded ? window.left + width + window.right : width }
  var frameRow: Int { frameWidth * channels }

  /// The image rows under result rows `first ..< first + count`, borders included: in the image itself where it has no
  /// borders, else copied into `frame`.
  func rows(
    under first: Int, _ count: Int, of image: UnsafePointer<Float>, frame: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let start = first * window.strideHeight
    guard isPadded else { return image + start * frameRow }
    copyPadded(
      image, height: height, width: width, channels: channels, start: start - window.top,
      count: imageRows(under: count), before: window.left, after: window.right, into: frame)
    return UnsafePointer(frame)
  }
}

/// y = x ∗ k (+ bias, ReLU): for each result row a product of pixels by outputs, summed over the taps of the kernel.
struct ConvolutionStep {
  let shape: ConvolutionShape
  let x: Location
  /// Packed, one matrix a group.
  let weights: Location
  let bias: Location?
  let y: Location
  let relu: Bool
  let panel: Int
  let taps: Int
  let depth: Int
  let imageOffsets: UnsafePointer<Int>
  let weightOffsets: UnsafePointer<Int>
  let bands: Int
  let bandRows: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (image, band) = task.quotientAndRemainder(dividingBy: bands)
    guard image < c.rows else { return }
    let first = band * bandRows
    let rows = min(bandRows, shape.outHeight - first)
    let source = shape.rows(under: first, rows, of: c.floats(x) + image * shape.imageSize, frame: c.scratch(worker))
    let target = c.floats(y) + image * shape.resultSize + first * shape.outWidth * shape.outputs
    if shape.isPointwise {
      multiply(source, target, rows: rows * shape.outWidth, c)
    } else {
      for row in 0..<rows {
        multiply(
          source + row * shape.window.strideHeight * shape.frameRow, target + row * shape.outWidth * shape.outputs,
          rows: shape.outWidth, c)
      }
    }
  }

  private func multiply(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, rows: Int, _ c: RunContext
  ) {
    let groupPack = PackStep.size(depth: taps * depth, columns: shape.groupOutputs, panel: panel)
    for group in 0..<shape.groups {
      let output = group * shape.groupOutputs
      var gemm = nk_gemm(
        a: source + group * shape.groupChannels, a_offsets: imageOffsets,
        a_row: shape.window.strideWidth * shape.channels, a_depth: 1, b: c.floats(weights) + group * groupPack,
        b_offsets: weightOffsets, b_row: panel, b_panel: taps * depth * panel, c: target + output, c_row: shape.outputs,
        bias: bias.map { UnsafePointer(c.floats($0) + output) }, rows: Int64(rows), columns: Int64(shape.groupOutputs),
        depth: Int64(depth), taps: Int64(taps), panel: Int32(panel), accumulate: 0, relu: relu ? 1 : 0)
      c.kernels.pointee.gemm(&gemm)
    }
  }
}

/// One phase of an input gradient: the image rows ≡ `row` modulo the stride (likewise columns) and the taps that
/// reach them.
struct GradientPhase {
  let row: Int
  let column: Int
  let taps: Int
  /// Offsets of the taps in the frame of dy and in the packed weights.
  let resultOffsets: UnsafePointer<Int>
  let weightOffsets: UnsafePointer<Int>
}

/// dx = dy ∗ flipped k. With stride s, image rows fall into s·s phases, each an ordinary stride-1 product with the taps
/// that reach it; every dx element is one chain over its taps.
struct ConvolutionInputGradientStep {
  let shape: ConvolutionShape
  let dy: Location
  /// Packed transposed, one matrix a group and tap.
  let weights: Location
  let dx: Location
  let panel: Int
  let phases: UnsafePointer<GradientPhase>
  let phaseCount: Int
  /// Rows and columns of dy, relative to the phase row h′ and column w′, that taps reach.
  let reachTop: Int
  let reachBottom: Int
  let reachLeft: Int
  /// Columns of dy's frame.
  let frameWidth: Int
  let frameAfter: Int
  /// Whether no tap reaches beyond dy, which then needs no frame.
  let isDirect: Bool
  let bands: Int
  /// Phase rows h′ of a band.
  let bandRows: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (image, band) = task.quotientAndRemainder(dividingBy: bands)
    guard image < c.rows else { return }
    let stride = shape.window.strideHeight
    let phaseRows = shape.height.dividedRoundingUp(by: stride)
    let first = band * bandRows
    let last = min(first + bandRows, phaseRows)
    let results = UnsafePointer(c.floats(dy) + image * shape.resultSize)
    var frame = results + first * frameWidth * shape.outputs
    if !isDirect {
      copyPadded(
        results, height: shape.outHeight, width: shape.outWidth, channels: shape.outputs, start: first + reachTop,
        count: last - first + reachBottom - reachTop, before: -reachLeft, after: frameAfter, into: c.scratch(worker))
      frame = UnsafePointer(c.scratch(worker))
    }
    let target = c.floats(dx) + image * shape.imageSize
    for index in 0..<phaseCount {
      for row in first..<last where row * stride + phases[index].row < shape.height {
        multiply(phases[index], frame + (row - first - reachTop) * frameWidth * shape.outputs, target, row: row, c)
      }
    }
  }

  private func multiply(
    _ phase: GradientPhase, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, row: Int,
    _ c: RunContext
  ) {
    let window = shape.window
    let columns = (shape.width - phase.column).dividedRoundingUp(by: window.strideWidth)
    guard columns > 0 else { return }
    let tapSize = PackStep.size(depth: shape.groupOutputs, columns: shape.groupChannels, panel: panel)
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let pixel = (row * window.strideHeight + phase.row) * shape.width + phase.column
    for group in 0..<shape.groups {
      var gemm = nk_gemm(
        a: source - reachLeft * shape.outputs + group * shape.groupOutputs, a_offsets: phase.resultOffsets,
        a_row: shape.outputs, a_depth: 1, b: c.floats(weights) + group * kernelTaps * tapSize,
        b_offsets: phase.weightOffsets, b_row: panel, b_panel: shape.groupOutputs * panel,
        c: target + pixel * shape.channels + group * shape.groupChannels, c_row: window.strideWidth * shape.channels,
        bias: nil, rows: Int64(columns), columns: Int64(shape.groupChannels), depth: Int64(shape.groupOutputs),
        taps: Int64(phase.taps), panel: Int32(panel), accumulate: 0, relu: 0)
      c.kernels.pointee.gemm(&gemm)
    }
  }
}

/// dk = Σ xᵀ·dy over the pixels of a chunk of images, into the chunk's own copy. The rows of the product are the kernel's
/// columns and channels, its depth the pixels of a result row, its taps the result rows of a band.
struct ConvolutionWeightGradientStep {
  let shape: ConvolutionShape
  let x: Location
  let dy: Location
  /// [chunks, kernel height, kernel width, group channels, outputs]
  let partials: Location
  let imagesPerTask: Int
  let bandRows: Int
  let panel: Int
  let imageOffsets: UnsafePointer<Int>
  let resultOffsets: UnsafePointer<Int>

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    run(share(task, of: c.rows, size: imagesPerTask), worker: worker, c)
  }

  /// Adds the images, all of one chunk, to its copy; the chunk's first image begins it.
  func run(_ images: Range<Int>, worker: Int, _ c: RunContext) {
    let (chunk, place) = images.lowerBound.quotientAndRemainder(dividingBy: imagesPerTask)
    let window = shape.window
    let size = window.kernelHeight * window.kernelWidth * shape.groupChannels * shape.outputs
    let target = c.floats(partials) + chunk * size
    var fresh = place == 0
    for image in images {
      let picture = c.floats(x) + image * shape.imageSize
      for first in stride(from: 0, to: shape.outHeight, by: bandRows) {
        let rows = min(bandRows, shape.outHeight - first)
        let source = shape.rows(under: first, rows, of: picture, frame: c.scratch(worker))
        let results = c.floats(dy) + image * shape.resultSize + first * shape.outWidth * shape.outputs
        accumulate(source, results, target, rows: rows, fresh: fresh, c)
        fresh = false
      }
    }
  }

  private func accumulate(
    _ source: UnsafePointer<Float>, _ results: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, rows: Int,
    fresh: Bool, _ c: RunContext
  ) {
    let window = shape.window
    let merged = shape.mergesColumns
    let width = merged ? 1 : window.kernelWidth
    for i in 0..<window.kernelHeight {
      for j in 0..<width {
        for group in 0..<shape.groups {
          let (input, output) = (group * shape.groupChannels, group * shape.groupOutputs)
          let corner = i * window.dilationHeight * shape.frameRow + j * window.dilationWidth * shape.channels
          var gemm = nk_gemm(
            a: source + corner + input, a_offsets: imageOffsets, a_row: 1,
            a_depth: window.strideWidth * shape.channels, b: results + output, b_offsets: resultOffsets,
            b_row: shape.outputs, b_panel: panel,
            c: target + (i * window.kernelWidth + j) * shape.groupChannels * shape.outputs + output,
            c_row: shape.outputs, bias: nil, rows: Int64(shape.groupChannels * (merged ? window.kernelWidth : 1)),
            columns: Int64(shape.groupOutputs), depth: Int64(shape.outWidth), taps: Int64(rows), panel: Int32(panel),
            accumulate: fresh ? 0 : 1, relu: 0)
          c.kernels.pointee.gemm(&gemm)
        }
      }
    }
  }
}
