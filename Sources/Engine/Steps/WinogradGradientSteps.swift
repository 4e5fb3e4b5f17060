import NunchiKernels

/// The two operands of a weight gradient at the points: Bᵀ x B of the image's tiles and A dy Aᵀ of the result's.
struct WinogradSides {
  let shape: TileShape
  let layout: WinogradLayout
  let x: ImageSource
  let dy: GradientSource

  /// Rows of tiles in a band, fewer in the last.
  func tileRows(_ band: Int) -> Int {
    min(layout.tileRows, shape.tiles(layout.side).down - band * layout.tileRows)
  }

  /// Writes the tiles of a band of `images`, image by image: `channels` floats each to `tiles` and `outputs` floats each to
  /// `products`. The planes of neighbouring points are so many floats apart.
  func write(
    _ images: Range<Int>, _ band: Int, tiles: UnsafeMutablePointer<Float>, _ inputPlane: Int,
    products: UnsafeMutablePointer<Float>, _ productPlane: Int, scratch: UnsafeMutablePointer<Float>, _ c: RunContext
  ) {
    let (first, rows) = (band * layout.tileRows * layout.side, tileRows(band))
    let (frame, gradientFrame) = (shape.frame(layout), gradientFrame)
    let tilesPerImage = rows * layout.tilesAcross
    var kernel = kernel(rows: rows, inputPlane, productPlane)
    for (index, image) in images.enumerated() {
      x.frame(image, frame, from: first - shape.top, count: rows * layout.side + 2, into: scratch, c)
      c.kernels.pointee.winograd_input(&kernel, scratch, tiles + index * tilesPerImage * shape.channels)
      let gradient = dy.rows(
        image, gradientFrame, from: first, count: rows * layout.side, into: scratch + layout.framePlane, c)
      c.kernels.pointee.winograd_spread(&kernel, gradient, products + index * tilesPerImage * shape.outputs)
    }
  }

  /// The frame of dy, with zeros behind it where tiles reach further.
  private var gradientFrame: Frame {
    Frame(
      height: shape.outHeight, width: shape.outWidth, channels: shape.outputs, before: 0,
      after: layout.tilesAcross * layout.side - shape.outWidth)
  }

  func kernel(rows: Int, _ inputPlane: Int, _ productPlane: Int) -> nk_winograd {
    nk_winograd(
      m: Int32(layout.side), panel: Int32(PackStep.panel), relu: 0, channels: Int64(shape.channels),
      outputs: Int64(shape.outputs),
      tile_rows: Int64(rows), tile_columns: Int64(layout.tilesAcross), out_rows: Int64(shape.outHeight),
      out_columns: Int64(shape.outWidth), frame_row: shape.frame(layout).frameRow, y_row: gradientFrame.frameRow,
      y_pixel: shape.outputs, input_plane: inputPlane, weights_plane: 0, product_plane: productPlane)
  }
}

/// Σ (Bᵀ x B) ⊙ (A dy Aᵀ) over the tiles of a chunk of images, at each point, into the chunk's private copy.
struct WinogradWeightGradientStep {
  let sides: WinogradSides
  /// [chunks, points, channels, outputs]
  let sums: Location
  let imagesPerTask: Int
  /// The offset of tiles and products in the scratch memory, behind the frames.
  let tileScratch: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    run(images: share(task, of: c.rows, size: imagesPerTask), worker: worker, c)
  }

  /// Adds images of one chunk to its copy; the first image of the chunk initialises it.
  func run(images range: Range<Int>, worker: Int, _ c: RunContext) {
    let (shape, layout) = (sides.shape, sides.layout)
    let (chunk, place) = range.lowerBound.quotientAndRemainder(dividingBy: imagesPerTask)
    let target = c.floats(sums) + chunk * layout.points * shape.channels * shape.outputs
    let scratch = c.scratch(worker)
    let tiles = scratch + tileScratch
    let products = tiles + layout.points * layout.inputPlane
    var fresh = place == 0
    for first in stride(from: range.lowerBound, to: range.upperBound, by: layout.images) {
      let images = first..<min(first + layout.images, range.upperBound)
      for band in 0..<layout.bands {
        sides.write(
          images, band, tiles: tiles, layout.inputPlane, products: products, layout.productPlane, scratch: scratch, c)
        let rows = sides.tileRows(band)
        var kernel = sides.kernel(rows: rows, layout.inputPlane, layout.productPlane)
        c.kernels.pointee.winograd_correlate(
          &kernel, tiles, products, target, Int64(images.count * rows * layout.tilesAcross), fresh ? 0 : 1)
        fresh = false
      }
    }
  }
}

/// Bᵀ x B and A dy Aᵀ of all tiles of a batch, where the weights are too many for private sums; a task takes one image.
struct WinogradSidesStep {
  let sides: WinogradSides
  /// [points, tiles, channels] and [points, tiles, outputs]
  let tiles: Location
  let products: Location
  let inputPlane: Int
  let productPlane: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    guard task < c.rows else { return }
    let (shape, layout) = (sides.shape, sides.layout)
    for band in 0..<layout.bands {
      let first = (task * shape.tiles(layout.side).down + band * layout.tileRows) * layout.tilesAcross
      sides.write(
        task..<task + 1, band, tiles: c.floats(tiles) + first * shape.channels, inputPlane,
        products: c.floats(products) + first * shape.outputs, productPlane, scratch: c.scratch(worker), c)
    }
  }
}

/// The sums over all tiles of a batch; a task takes some channels at one point.
struct WinogradPointStep {
  let tiles: Location
  let products: Location
  /// [points, channels, outputs]
  let sums: Location
  let inputPlane: Int
  let productPlane: Int
  let channels: Int
  let outputs: Int
  let tilesPerImage: Int
  let channelsPerTask: Int
  let tasksPerPoint: Int
  /// A zero, for the tables of a single tap.
  let zero: UnsafePointer<Int>

  func run(_ task: Int, _ c: RunContext) {
    let (point, part) = task.quotientAndRemainder(dividingBy: tasksPerPoint)
    let range = share(part, of: channels, size: channelsPerTask)
    var gemm = nk_gemm(
      a: c.floats(tiles) + point * inputPlane + range.lowerBound, a_offsets: zero, a_row: 1, a_depth: channels,
      b: c.floats(products) + point * productPlane, b_offsets: zero, b_row: outputs, b_panel: PackStep.panel,
      c: c.floats(sums) + (point * channels + range.lowerBound) * outputs, start: nil, c_row: outputs, bias: nil,
      rows: Int64(range.count), columns: Int64(outputs), depth: Int64(c.rows * tilesPerImage), taps: 1,
      panel: Int32(PackStep.panel), relu: 0)
    c.kernels.pointee.gemm(&gemm)
  }
}

/// Gᵀ s G of the sums at the points: the gradient of the nine taps; a task takes a range of elements.
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
