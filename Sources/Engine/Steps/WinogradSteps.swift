import NunchiKernels

/// How the tiles of a batch are divided among tasks, and the layout of a task's scratch memory: one image's frame, the
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
  /// Parts of the outputs; each task of a band computes one part.
  let parts: Int
  let partOutputs: Int
  let frameFloats: Int
  /// Floats from one point to the next.
  let inputPlane: Int
  let productPlane: Int

  var points: Int { (side + 2) * (side + 2) }
  var scratchFloats: Int { framePlane + points * (inputPlane + productPlane) }
  var framePlane: Int { frameFloats.roundedUp(toMultipleOf: 16) }

  /// `floats` rounded up to an odd number of vectors, so that the points of a tile map to different cache sets.
  static func plane(_ floats: Int) -> Int { floats.dividedRoundingUp(by: 16) / 2 * 32 + 16 }
}

/// The input of a tiled convolution: an image, or a gradient.
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
  /// The frame of the image, with the zeros that its tiles reach.
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
  /// Images of one chunk of the epilogue: one, or all of a task.
  let imagesPerChunk: Int
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (place, part) = task.quotientAndRemainder(dividingBy: layout.parts)
    let (group, band) = place.quotientAndRemainder(dividingBy: layout.bands)
    run(share(group, of: c.rows, size: layout.images), band: band, part: part, worker: worker, c)
  }

  /// Runs on a range of images, whole chunks of the epilogue, where a task computes all outputs.
  func run(images range: Range<Int>, worker: Int, _ c: RunContext) {
    for first in stride(from: range.lowerBound, to: range.upperBound, by: layout.images) {
      let images = first..<min(first + layout.images, range.upperBound)
      for band in 0..<layout.bands { run(images, band: band, part: 0, worker: worker, c) }
    }
  }

  private func run(_ images: Range<Int>, band: Int, part: Int, worker: Int, _ c: RunContext) {
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
    for image in stride(from: images.lowerBound, to: images.upperBound, by: imagesPerChunk) {
      epilogue.run(image / imagesPerChunk * layout.bands + band, worker: worker, c)
    }
  }

  private func kernel(_ band: Int, _ part: Int) -> nk_winograd {
    let first = band * layout.tileRows
    let rows = min(layout.tileRows, shape.tiles(layout.side).down - first)
    let columns = shape.outputs.roundedUp(toMultipleOf: 16)
    return nk_winograd(
      m: Int32(layout.side), panel: Int32(PackStep.panel), relu: relu ? 1 : 0, channels: Int64(shape.channels),
      outputs: Int64(min(layout.partOutputs, shape.outputs - part * layout.partOutputs)), tile_rows: Int64(rows),
      tile_columns: Int64(layout.tilesAcross), out_rows: Int64(shape.outHeight - first * layout.side),
      out_columns: Int64(shape.outWidth), frame_row: shape.frame(layout).frameRow,
      y_row: shape.outWidth * shape.outputs, y_pixel: shape.outputs, input_plane: layout.inputPlane,
      weights_plane: columns * shape.channels, product_plane: layout.productPlane)
  }
}

/// G g Gᵀ of packed matrices; a task takes a range of elements.
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
