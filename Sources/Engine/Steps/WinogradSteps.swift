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

extension TileShape {
  /// The rows of an image under `rows` rows of tiles from row `first` of tiles on, with zeros all round.
  func copyFrame(
    _ image: UnsafePointer<Float>, _ layout: WinogradLayout, first: Int, rows: Int,
    into frame: UnsafeMutablePointer<Float>
  ) {
    let frameWidth = layout.tilesAcross * layout.side + 2
    let right = frameWidth - left - width
    copyPadded(
      image, height: height, width: width + min(right, 0), stride: width, channels: channels,
      start: first * layout.side - top, count: rows * layout.side + 2, before: left, after: max(right, 0), into: frame)
  }
}

/// y = x ∗ k (+ bias, ReLU) by Winograd's algorithm.
struct WinogradStep {
  let shape: TileShape
  let layout: WinogradLayout
  let x: Location
  /// Packed matrices, one a point.
  let weights: Location
  let bias: Location?
  let y: Location
  let relu: Bool

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let (place, part) = task.quotientAndRemainder(dividingBy: layout.parts)
    let (group, band) = place.quotientAndRemainder(dividingBy: layout.bands)
    let images = share(group, of: c.rows, size: layout.images)
    guard !images.isEmpty else { return }
    let frame = c.scratch(worker)
    let tiles = frame + layout.framePlane
    let products = tiles + layout.points * layout.inputPlane
    var kernel = kernel(band, part)
    let tilesPerImage = Int(kernel.tile_rows) * layout.tilesAcross
    for (index, image) in images.enumerated() {
      shape.copyFrame(
        c.floats(x) + image * shape.height * shape.width * shape.channels, layout, first: band * layout.tileRows,
        rows: Int(kernel.tile_rows), into: frame)
      c.kernels.pointee.winograd_input(&kernel, frame, tiles + index * tilesPerImage * shape.channels)
    }
    let firstOutput = part * layout.partOutputs
    c.kernels.pointee.winograd_multiply(
      &kernel, tiles, c.floats(weights) + firstOutput * shape.channels, products, Int64(images.count * tilesPerImage))
    for (index, image) in images.enumerated() {
      let firstRow = image * shape.outHeight + band * layout.tileRows * layout.side
      c.kernels.pointee.winograd_output(
        &kernel, products + index * tilesPerImage * Int(kernel.outputs),
        bias.map { UnsafePointer(c.floats($0) + firstOutput) },
        c.floats(y) + firstRow * shape.outWidth * shape.outputs + firstOutput)
    }
  }

  private func kernel(_ band: Int, _ part: Int) -> nk_winograd {
    let first = band * layout.tileRows
    let rows = min(layout.tileRows, shape.tiles(layout.side).down - first)
    let columns = shape.outputs.roundedUp(toMultipleOf: 16)
    return nk_winograd(
      m: Int32(layout.side), panel: 16, relu: relu ? 1 : 0, channels: Int64(shape.channels),
      outputs: Int64(min(layout.partOutputs, shape.outputs - part * layout.partOutputs)), tile_rows: Int64(rows),
      tile_columns: Int64(layout.tilesAcross), out_rows: Int64(shape.outHeight - first * layout.side),
      out_columns: Int64(shape.outWidth), frame_row: (layout.tilesAcross * layout.side + 2) * shape.channels,
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
  let x: Location
  let dy: Location
  /// [chunks, points, channels, outputs]
  let sums: Location
  let imagesPerTask: Int
  /// Whether the tiles cover dy without a rest; otherwise it is copied into a frame of zeros.
  let isWhole: Bool

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let chunk = share(task, of: c.rows, size: imagesPerTask)
    let target = c.floats(sums) + task * layout.points * shape.channels * shape.outputs
    var fresh = true
    for first in stride(from: chunk.lowerBound, to: chunk.upperBound, by: layout.images) {
      let images = first..<min(first + layout.images, chunk.upperBound)
      for band in 0..<layout.bands {
        accumulate(images, band, target, fresh: fresh, c.scratch(worker), c)
        fresh = false
      }
    }
  }

  private func accumulate(
    _ images: Range<Int>, _ band: Int, _ target: UnsafeMutablePointer<Float>, fresh: Bool,
    _ frame: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    let first = band * layout.tileRows
    let rows = min(layout.tileRows, shape.tiles(layout.side).down - first)
    let tiles = frame + layout.framePlane
    let products = tiles + layout.points * layout.inputPlane
    let gradientFrame = products + layout.points * layout.productPlane
    let tilesPerImage = rows * layout.tilesAcross
    var kernel = kernel(rows: rows)
    for (index, image) in images.enumerated() {
      shape.copyFrame(
        c.floats(x) + image * shape.height * shape.width * shape.channels, layout, first: first, rows: rows, into: frame)
      c.kernels.pointee.winograd_input(&kernel, frame, tiles + index * tilesPerImage * shape.channels)
      let gradients = c.floats(dy) + image * shape.outHeight * shape.outWidth * shape.outputs
      let source = self.gradients(gradients, first: first, rows: rows, gradientFrame)
      c.kernels.pointee.winograd_spread(&kernel, source, products + index * tilesPerImage * shape.outputs)
    }
    c.kernels.pointee.winograd_correlate(
      &kernel, tiles, products, target, Int64(images.count * tilesPerImage), fresh ? 0 : 1)
  }

  private func gradients(
    _ image: UnsafePointer<Float>, first: Int, rows: Int, _ frame: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let start = first * layout.side
    if isWhole { return image + start * shape.outWidth * shape.outputs }
    copyPadded(
      image, height: shape.outHeight, width: shape.outWidth, channels: shape.outputs, start: start,
      count: rows * layout.side, before: 0, after: layout.tilesAcross * layout.side - shape.outWidth, into: frame)
    return UnsafePointer(frame)
  }

  private func kernel(rows: Int) -> nk_winograd {
    nk_winograd(
      m: Int32(layout.side), panel: 16, relu: 0, channels: Int64(shape.channels), outputs: Int64(shape.outputs),
      tile_rows: Int64(rows), tile_columns: Int64(layout.tilesAcross), out_rows: Int64(shape.outHeight),
      out_columns: Int64(shape.outWidth), frame_row: (layout.tilesAcross * layout.side + 2) * shape.channels,
      y_row: layout.tilesAcross * layout.side * shape.outputs, y_pixel: shape.outputs, input_plane: layout.inputPlane,
      weights_plane: 0, product_plane: layout.productPlane)
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
