import NunchiGraph
import NunchiKernels

/// What the three convolution steps share: extents, and the split of images into bands of rows.
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
  /// Whether the taps of one kernel row are contiguous in memory and can be treated as one long tap.
  var mergesColumns: Bool { groups == 1 && window.dilationWidth == 1 }
  /// Offsets of the taps in the frame; where columns are merged, of the rows of taps.
  var tapOffsets: [Int] {
    (0..<window.kernelHeight).flatMap { i in
      (0..<(mergesColumns ? 1 : window.kernelWidth)).map { j in
        i * window.dilationHeight * frameRow + j * window.dilationWidth * channels
      }
    }
  }
  /// Whether the window is 1x1 with stride 1 and no padding, so that the image is one matrix of pixels.
  var isPointwise: Bool {
    window.kernelHeight * window.kernelWidth == 1 && window.strideHeight * window.strideWidth == 1 && !isPadded
  }
  /// The tile shapes of a stride-1 convolution: forward, and of the input's gradient.
  var tiles: TileShape {
    TileShape(
      height: height, width: width, channels: channels, outHeight: outHeight, outWidth: outWidth, outputs: outputs,
      top: window.top, left: window.left)
  }
  var gradientTiles: TileShape {
    TileShape(
      height: outHeight, width: outWidth, channels: outputs, outHeight: height, outWidth: width, outputs: channels,
      top: window.kernelHeight - 1 - window.top, left: window.kernelWidth - 1 - window.left)
  }
  /// Image rows under `rows` result rows.
  func imageRows(under rows: Int) -> Int { (rows - 1) * window.strideHeight + window.reachHeight }
  /// The frame of the image, with the columns of zeros that the window needs.
  var frame: Frame {
    Frame(
      height: height, width: width, channels: channels, before: isPadded ? window.left : 0,
      after: isPadded ? window.right : 0)
  }
  var frameRow: Int { frame.frameRow }
  /// The result, or its gradient, without borders.
  var resultFrame: Frame { Frame(height: outHeight, width: outWidth, channels: outputs, before: 0, after: 0) }

  /// The image rows under result rows `first ..< first + count`, padding included: in the image itself where it has no
  /// padding, else copied to `scratch`.
  func rows(
    under first: Int, _ count: Int, of source: ImageSource, _ image: Int, _ scratch: UnsafeMutablePointer<Float>,
    _ c: RunContext
  ) -> UnsafePointer<Float> {
    source.rows(
      image, frame, from: first * window.strideHeight - window.top, count: imageRows(under: count), into: scratch, c)
  }
}

/// How the columns of a product are split where its weights do not fit the second-level cache. All bands of one part come
/// before the next part, so that each part of the weights is read once.
struct OutputParts {
  let outputs: Int
  let tasksPerPart: Int

  func range(_ part: Int, of count: Int) -> Range<Int> { share(part, of: count, size: outputs) }
}

/// A piece of the sum over taps and depth: its weights stay in the first-level cache while all rows of a narrow image are
/// multiplied. Between pieces y holds the sum, which rounds nothing.
struct DepthBlock {
  let tap: Int
  let taps: Int
  let first: Int
  let depth: Int
  let isFirst: Bool
  let isLast: Bool
}

/// y = x ∗ k (+ bias, addend, ReLU): for each result row a product of pixels by outputs, summed over the taps of the kernel.
struct ConvolutionStep {
  let shape: ConvolutionShape
  let image: ImageSource
  /// Packed, one matrix a group.
  let weights: Location
  let bias: Location?
  /// Added to y before the ReLU.
  let addend: Location?
  let y: Location
  let relu: Bool
  let panel: Int
  let taps: Int
  let depth: Int
  let imageOffsets: UnsafePointer<Int>
  let weightOffsets: UnsafePointer<Int>
  let bands: Int
  let bandRows: Int
  let parts: OutputParts
  /// The sum's blocks in order, or one of all taps.
  let blocks: UnsafeBufferPointer<DepthBlock>
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (part, place) = task.quotientAndRemainder(dividingBy: parts.tasksPerPart)
    let (number, band) = place.quotientAndRemainder(dividingBy: bands)
    guard number < c.rows else { return }
    let first = band * bandRows
    let rows = min(bandRows, shape.outHeight - first)
    let outputs = parts.range(part, of: shape.groupOutputs)
    let source = shape.rows(under: first, rows, of: image, number, c.scratch(worker), c)
    let result = number * shape.resultSize + first * shape.outWidth * shape.outputs
    for block in blocks {
      if shape.isPointwise {
        multiply(source, result, outputs, rows: rows * shape.outWidth, block, c)
        continue
      }
      for row in 0..<rows {
        multiply(
          source + row * shape.window.strideHeight * shape.frameRow, result + row * shape.outWidth * shape.outputs,
          outputs, rows: shape.outWidth, block, c)
      }
    }
    epilogue.run(task, worker: worker, c)
  }

  /// Computes some outputs of `rows` pixels, from element `result` of y on.
  private func multiply(
    _ source: UnsafePointer<Float>, _ result: Int, _ outputs: Range<Int>, rows: Int, _ block: DepthBlock,
    _ c: RunContext
  ) {
    let groupPack = PackStep.size(depth: taps * depth, columns: shape.groupOutputs, panel: panel)
    for group in 0..<shape.groups {
      let output = group * shape.groupOutputs + outputs.lowerBound
      let target = c.floats(y) + result + output
      var gemm = nk_gemm(
        a: source + group * shape.groupChannels + block.first, a_offsets: imageOffsets + block.tap,
        a_row: shape.window.strideWidth * shape.channels, a_depth: 1,
        b: c.floats(weights) + group * groupPack + outputs.lowerBound * taps * depth + block.first * panel,
        b_offsets: weightOffsets + block.tap, b_row: panel, b_panel: taps * depth * panel, c: target,
        start: block.isFirst ? addend.map { UnsafePointer(c.floats($0) + result + output) } : UnsafePointer(target),
        c_row: shape.outputs, bias: block.isLast ? bias.map { UnsafePointer(c.floats($0) + output) } : nil,
        rows: Int64(rows), columns: Int64(outputs.count), depth: Int64(block.depth), taps: Int64(block.taps),
        panel: Int32(panel), relu: relu && block.isLast ? 1 : 0)
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

/// How far the window reaches beyond the rows of a band and the columns of dy: the padding of dy's frame, and the rows
/// before the first and behind the last of a band.
struct GradientReach {
  let top: Int
  let bottom: Int
  let frame: Frame

  /// Rows in addition to those of a band.
  var extra: Int { bottom - top }
  /// Whether no tap reaches beyond dy.
  var isInside: Bool { (top, bottom, frame.before, frame.after) == (0, 0, 0, 0) }
}

/// dx = dy ∗ flipped k (+ bias, ReLU). With stride s, image pixels form s·s phases, each an ordinary stride-1 product with
/// the taps that reach it; every dx element is one chain of additions over its taps.
struct ConvolutionInputGradientStep {
  let shape: ConvolutionShape
  let gradient: GradientSource
  /// Packed transposed, one matrix a group and tap.
  let weights: Location
  let bias: Location?
  let dx: Location
  let relu: Bool
  let panel: Int
  let phases: UnsafePointer<GradientPhase>
  let phaseCount: Int
  let reach: GradientReach
  let bands: Int
  /// Phase rows h′ of a band.
  let bandRows: Int
  let parts: OutputParts
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (part, place) = task.quotientAndRemainder(dividingBy: parts.tasksPerPart)
    let (image, band) = place.quotientAndRemainder(dividingBy: bands)
    guard image < c.rows else { return }
    let channels = parts.range(part, of: shape.groupChannels)
    let stride = shape.window.strideHeight
    let phaseRows = shape.height.dividedRoundingUp(by: stride)
    let first = band * bandRows
    let last = min(first + bandRows, phaseRows)
    let source = gradient.rows(
      image, reach.frame, from: first + reach.top, count: last - first + reach.extra,
      into: c.scratch(worker), c)
    let target = c.floats(dx) + image * shape.imageSize
    for index in 0..<phaseCount {
      for row in first..<last where row * stride + phases[index].row < shape.height {
        multiply(
          phases[index], source + (row - first - reach.top) * reach.frame.frameRow, target, channels, row: row, c)
      }
    }
    epilogue.run(task, worker: worker, c)
  }

  private func multiply(
    _ phase: GradientPhase, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    _ channels: Range<Int>, row: Int, _ c: RunContext
  ) {
    let window = shape.window
    let columns = (shape.width - phase.column).dividedRoundingUp(by: window.strideWidth)
    guard columns > 0 else { return }
    let tapSize = PackStep.size(depth: shape.groupOutputs, columns: shape.groupChannels, panel: panel)
    let kernelTaps = window.kernelHeight * window.kernelWidth
    let pixel = (row * window.strideHeight + phase.row) * shape.width + phase.column
    for group in 0..<shape.groups {
      var gemm = nk_gemm(
        a: source + reach.frame.before * shape.outputs + group * shape.groupOutputs, a_offsets: phase.resultOffsets,
        a_row: shape.outputs, a_depth: 1,
        b: c.floats(weights) + group * kernelTaps * tapSize + channels.lowerBound * shape.groupOutputs,
        b_offsets: phase.weightOffsets, b_row: panel, b_panel: shape.groupOutputs * panel,
        c: target + pixel * shape.channels + group * shape.groupChannels + channels.lowerBound, start: nil,
        c_row: window.strideWidth * shape.channels,
        bias: c.optional(bias).map { $0 + group * shape.groupChannels + channels.lowerBound }, rows: Int64(columns),
        columns: Int64(channels.count), depth: Int64(shape.groupOutputs), taps: Int64(phase.taps), panel: Int32(panel),
        relu: relu ? 1 : 0)
      c.kernels.pointee.gemm(&gemm)
    }
  }
}

/// dk = Σ xᵀ·dy over the pixels of a chunk of images, into the chunk's private copy. In the product, rows are the kernel's
/// columns and channels, the depth is the pixels of a result row, and the taps are the result rows of a band.
struct ConvolutionWeightGradientStep {
  let shape: ConvolutionShape
  let image: ImageSource
  let gradient: GradientSource
  /// [chunks, kernel height, kernel width, group channels, outputs]
  let partials: Location
  let imagesPerTask: Int
  let parts: OutputParts
  let bandRows: Int
  /// The offset of the gradient's rows in the scratch memory, behind those of the image.
  let gradientScratch: Int
  let panel: Int
  let imageOffsets: UnsafePointer<Int>
  let resultOffsets: UnsafePointer<Int>

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (part, chunk) = task.quotientAndRemainder(dividingBy: parts.tasksPerPart)
    let images = share(chunk, of: c.rows, size: imagesPerTask)
    run(images, parts.range(part, of: shape.groupOutputs), worker: worker, c)
  }

  /// Adds images of one chunk to its copy, for all outputs.
  func run(_ images: Range<Int>, worker: Int, _ c: RunContext) {
    run(images, 0..<shape.groupOutputs, worker: worker, c)
  }

  /// The first image of a chunk initialises the copy.
  private func run(_ images: Range<Int>, _ outputs: Range<Int>, worker: Int, _ c: RunContext) {
    let (chunk, place) = images.lowerBound.quotientAndRemainder(dividingBy: imagesPerTask)
    let window = shape.window
    let size = window.kernelHeight * window.kernelWidth * shape.groupChannels * shape.outputs
    let target = c.floats(partials) + chunk * size
    var fresh = place == 0
    let scratch = c.scratch(worker)
    for number in images {
      for first in stride(from: 0, to: shape.outHeight, by: bandRows) {
        let rows = min(bandRows, shape.outHeight - first)
        let source = shape.rows(under: first, rows, of: image, number, scratch, c)
        let results = gradient.rows(
          number, shape.resultFrame, from: first, count: rows, into: scratch + gradientScratch, c)
        accumulate(source, results, target, outputs, rows: rows, fresh: fresh, c)
        fresh = false
      }
    }
  }

  private func accumulate(
    _ source: UnsafePointer<Float>, _ results: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    _ outputs: Range<Int>, rows: Int, fresh: Bool, _ c: RunContext
  ) {
    let window = shape.window
    let merged = shape.mergesColumns
    let width = merged ? 1 : window.kernelWidth
    for i in 0..<window.kernelHeight {
      for j in 0..<width {
        for group in 0..<shape.groups {
          let (input, output) = (group * shape.groupChannels, group * shape.groupOutputs + outputs.lowerBound)
          let corner = i * window.dilationHeight * shape.frameRow + j * window.dilationWidth * shape.channels
          let sums =
            target + (i * window.kernelWidth + j) * shape.groupChannels * shape.outputs + output
          var gemm = nk_gemm(
            a: source + corner + input, a_offsets: imageOffsets, a_row: 1,
            a_depth: window.strideWidth * shape.channels, b: results + output, b_offsets: resultOffsets,
            b_row: shape.outputs, b_panel: panel, c: sums, start: fresh ? nil : UnsafePointer(sums),
            c_row: shape.outputs, bias: nil, rows: Int64(shape.groupChannels * (merged ? window.kernelWidth : 1)),
            columns: Int64(outputs.count), depth: Int64(shape.outWidth), taps: Int64(rows), panel: Int32(panel), relu: 0
          )
          c.kernels.pointee.gemm(&gemm)
        }
      }
    }
  }
}
