import NunchiKernels

/// How the tiles of a batch are dealt out to tasks, and how a task's scratch is laid out: one image's frame, the
/// transformed tiles by point, the products by point.
struct WinogradLayout {
  /// Results along one side of a tile: 2 or 4.
  let side: Int
  /// Images of a task; more than one only where bands and parts are whole images.
  let images: Int
  /// Bands of an image, of `tileRows` rows of tiles each.
  let bands: Int
  let tileRows: Int
  let tilesAcross: Int
  /// Tasks that share the tiles of a band, each for so many of the outputs.
  let parts: Int
  let partOutputs: Int
  let frameFloats: Int
  /// From one point to the next.
  let inputPlane: Int
  let productPlane: Int

  var points: Int { (side + 2) * (side + 2) }
  var scratchFloats: Int { framePlane + points * (inputPlane + productPlane) }
  var framePlane: Int { frameFloats.roundedUp(toMultipleOf: 16) }

  /// Room for `floats`, an odd number of vectors: points of a tile then fall into different sets of the cache.
  static func plane(_ floats: Int) -> Int { floats.dividedRoundingUp(by: 16) / 2 * 32 + 16 }
}

/// What a tiled convolution runs over: an image, or a gradient.
enum TileSource {
  case image(ImageSource)
  case gradient(GradientSource)

  @inline(__always)
  func frame(
    _ image: Int, _ frame: Frame, from start: Int, count: Int, into target: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    switch self {
    case .image(let source): source.frame(image, frame, from: start, count: count, into: target, c)
    case .gradient(let source): source.frame(image, frame, from: start, count: count, into: target, c)
    }
  }
}

extension TileShape {
  /// The image between the zeros that its tiles reach.
  func frame(_ layout: WinogradLayout) -> Frame {
    Frame(
      height: height, width: width, channels: channels, before: left,
      after: layout.tilesAcross * layout.side + 2 - left - width)
  }
}

/// y = x ∗ k (+ bias, addend, ReLU) by Winograd's algorithm.
struct WinogradStep {
  let shape: TileShape
  let layout: WinogradLayout
  let source: TileSource
  /// Packed matrices, one a point.
  let weights: Location
  let bias: Location?
  /// Added to y before the ReLU.
  let addend: Location?
  let y: Location
  let relu: Bool
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (place, part) = task.quotientAndRemainder(dividingBy: layout.parts)
    let (group, band) = place.quotientAndRemainder(dividingBy: layout.bands)
    let images = share(group, of: c.rows, size: layout.images)
    guard !images.isEmpty else { return }
    let scratch = c.scratch(worker)
    let tiles = scratch + layout.framePlane
    let products = tiles + layout.points * layout.inputPlane
    let frame = shape.frame(layout)
    var kernel = kernel(band, part)
    let tilesPerImage = Int(kernel.tile_rows) * layout.tilesAcross
    for (index, image) in images.enumerated() {
      source.frame(
        image, frame, from: band * layout.tileRows * layout.side - shape.top,
        count: Int(kernel.tile_rows) * layout.side + 2, into: scratch, c)
      c.kernels.pointee.winograd_input(&kernel, scratch, tiles + index * tilesPerImage * shape.channels)
    }
    let firstOutput = part * layout.partOutputs
    c.kernels.pointee.winograd_multiply(
      &kernel, tiles, c.floats(weights) + firstOutput * shape.channels, products, Int64(images.count * tilesPerImage))
    for (index, image) in images.enumerated() {
      let firstRow = image * shape.outHeight + band * layout.tileRows * layout.side
      let result = firstRow * shape.outWidth * shape.outputs + firstOutput
      c.kernels.pointee.winograd_output(
        &kernel, products + index * tilesPerImage * Int(kernel.outputs),
        bias.map { UnsafePointer(c.floats($0) + firstOutput) }, addend.map { UnsafePointer(c.floats($0) + result) },
        c.floats(y) + result)
    }
    epilogue.run(task, worker: worker, c)
  }

  private func kernel(_ band: Int, _ part: Int) -> nk_winograd {
    let first = band * layout.tileRows
    let rows = min(layout.tileRows, shape.tiles(layout.side).down - first)
    let columns = shape.outputs.roundedUp(toMultipleOf: 16)
    return nk_winograd(
      m: Int32(layout.side), panel: 16, relu: relu ? 1 : 0, channels: Int64(shape.channels),
      outputs: Int64(min(layout.partOutputs, shape.outputs - part * layout.partOutputs)), tile_rows: Int64(rows),
      tile_columns: Int64(layout.tilesAcross), out_rows: Int64(shape.outHeight - first * layout.side),
      out_columns: Int64(shape.outWidth), frame_row: shape.frame(layout).frameRow,
      y_row: shape.outWidth * shape.outputs, y_pixel: shape.outputs, input_plane: layout.inputPlane,
      weights_plane: columns * shape.channels, product_plane: layout.productPlane)
  }
}

/// G g Gᵀ of packed matrices, a run of elements a task.
struct WinogradWeightsStep {
  let taps: Location
  let target: Location
  let side: Int
  /// Floats of one matrix.
  let size: Int

  static let elementsPerTask = 4096

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: size, size: Self.elementsPerTask)
    c.kernels.pointee.winograd_weights(
      Int32(side), c.floats(taps), Int64(size), c.floats(target), Int64(part.lowerBound), Int64(part.count))
  }
}

/// Σ (Bᵀ x B) ⊙ (A dy Aᵀ) over the tiles of a chunk of images, at each point, into the chunk's own copy.
struct WinogradWeightGradientStep {
  let shape: TileShape
  let layout: WinogradLayout
  let x: ImageSource
  let dy: GradientSource
  /// [chunks, points, channels, outputs]
  let sums: Location
  let imagesPerTask: Int
  let chunks: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (part, number) = task.quotientAndRemainder(dividingBy: chunks)
    let chunk = share(number, of: c.rows, size: imagesPerTask)
    let outputs = share(part, of: shape.outputs, size: layout.partOutputs)
    let target = c.floats(sums) + number * layout.points * shape.channels * shape.outputs + outputs.lowerBound
    var fresh = true
    for first in stride(from: chunk.lowerBound, to: chunk.upperBound, by: layout.images) {
      let images = first..<min(first + layout.images, chunk.upperBound)
      for band in 0..<layout.bands {
        accumulate(images, band, outputs, target, fresh: fresh, c.scratch(worker), c)
        fresh = false
      }
    }
  }

  private func accumulate(
    _ images: Range<Int>, _ band: Int, _ outputs: Range<Int>, _ target: UnsafeMutablePointer<Float>, fresh: Bool,
    _ scratch: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    let first = band * layout.tileRows
    let rows = min(layout.tileRows, shape.tiles(layout.side).down - first)
    let tiles = scratch + layout.framePlane
    let products = tiles + layout.points * layout.inputPlane
    let gradientScratch = products + layout.points * layout.productPlane
    let (frame, gradientFrame) = (shape.frame(layout), gradientFrame)
    let tilesPerImage = rows * layout.tilesAcross
    var kernel = kernel(rows: rows, outputs: outputs.count)
    for (index, image) in images.enumerated() {
      x.frame(
        image, frame, from: first * layout.side - shape.top, count: rows * layout.side + 2, into: scratch, c)
      c.kernels.pointee.winograd_input(&kernel, scratch, tiles + index * tilesPerImage * shape.channels)
      let gradient = dy.rows(
        image, gradientFrame, from: first * layout.side, count: rows * layout.side, into: gradientScratch, c)
      c.kernels.pointee.winograd_spread(
        &kernel, gradient + outputs.lowerBound, products + index * tilesPerImage * outputs.count)
    }
    c.kernels.pointee.winograd_correlate(
      &kernel, tiles, products, target, Int64(images.count * tilesPerImage), fresh ? 0 : 1)
  }

  /// dy with zeros behind it where the tiles reach further.
  private var gradientFrame: Frame {
    Frame(
      height: shape.outHeight, width: shape.outWidth, channels: shape.outputs, before: 0,
      after: layout.tilesAcross * layout.side - shape.outWidth)
  }

  private func kernel(rows: Int, outputs: Int) -> nk_winograd {
    nk_winograd(
      m: Int32(layout.side), panel: 16, relu: 0, channels: Int64(shape.channels), outputs: Int64(outputs),
      tile_rows: Int64(rows), tile_columns: Int64(layout.tilesAcross), out_rows: Int64(shape.outHeight),
      out_columns: Int64(shape.outWidth), frame_row: shape.frame(layout).frameRow, y_row: gradientFrame.frameRow,
      y_pixel: shape.outputs, input_plane: layout.inputPlane, weights_plane: 0, product_plane: layout.productPlane)
  }
}

/// Gᵀ s G of the sums at the points: the gradient of the nine taps, a run of elements a task.
struct WinogradTapsStep {
  let sums: Location
  let target: Location
  let side: Int
  /// Channels times outputs.
  let size: Int

  static let elementsPerTask = 4096

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: size, size: Self.elementsPerTask)
    c.kernels.pointee.winograd_taps(
      Int32(side), c.floats(sums), Int64(size), c.floats(target), Int64(part.lowerBound), Int64(part.count))
  }
}
