import NunchiGraph
import NunchiTensors

/// A weight gradient by Winograd's algorithm, and its target.
struct WinogradGradient {
  let name: String
  /// The problem string, with the tile size.
  let problem: String
  let side: Int
  let batch: Int
  let shape: TileShape
  let x: ImageOperand
  let dy: GradientOperand
  let target: Slot
  let multiplyAdds: Int

  var points: Int { (side + 2) * (side + 2) }
  var size: Int { shape.channels * shape.outputs }
}

extension Compiler {
  /// The most weights for which private sums per chunk cost less than writing the tiles of the whole batch.
  private static let mostPrivateWeights = 128 * 128
  /// Channels that one task multiplies at a point.
  private static let channelsPerPoint = 128

  /// dk of a batch: sums at the points, transformed back to the nine taps.
  mutating func addWinogradWeightGradient(_ gradient: WinogradGradient, rowwise: Rowwise?, chunks: Int) {
    let sums =
      gradient.size <= Self.mostPrivateWeights
      ? chunkedSums(gradient, rowwise: rowwise, chunks: chunks) : wholeSums(gradient)
    let (side, size, target) = (gradient.side, gradient.size, gradient.target)
    add(
      Draft(
        "winograd-taps", "\(gradient.shape.channels)x\(gradient.shape.outputs) F(\(side),3)", reads: [sums],
        writes: [target], tasks: size.dividedRoundingUp(by: WinogradTapsStep.elementsPerTask)
      ) { link in
        .winogradTaps(WinogradTapsStep(sums: link(sums), target: link(target), side: side, size: size))
      })
  }

  /// Floats of the two frames of a band: x, then dy.
  private func frameFloats(_ gradient: WinogradGradient, _ layout: WinogradLayout) -> Int {
    let (side, outputs) = (gradient.side, gradient.shape.outputs)
    let isWhole = gradient.shape.outHeight % side == 0 && gradient.shape.outWidth % side == 0
    let second = gradient.dy.isPlain && isWhole ? 0 : layout.tileRows * side * layout.tilesAcross * side * outputs
    return layout.framePlane + second.roundedUp(toMultipleOf: 16)
  }

  /// A private sum per chunk of images, joined in order.
  private mutating func chunkedSums(_ gradient: WinogradGradient, rowwise: Rowwise?, chunks: Int) -> Slot {
    let (shape, batch) = (gradient.shape, gradient.batch)
    let layout = winogradLayout(
      shape, side: gradient.side, batch: batch, bytes: tuning.piece(Self.winogradBytes, of: gradient.problem),
      shared: false)
    let count = gradient.points * gradient.size
    let imagesPerTask = batch.dividedRoundingUp(by: chunks)
    let copies = batch.dividedRoundingUp(by: imagesPerTask)
    let partials = buffer(floats: copies * count)
    let frames = frameFloats(gradient, layout)
    var rowwise = rowwise
    rowwise?.shared = gradient.x.shared + gradient.dy.shared + [partials]
    rowwise?.chunk = imagesPerTask
    let tiles = layout.points * (layout.inputPlane + layout.productPlane)
    add(
      Draft(
        gradient.name, gradient.problem, reads: gradient.x.reads + gradient.dy.reads, writes: [partials], tasks: copies,
        scratch: (frames + tiles) * MemoryLayout<Float>.size, multiplyAdds: gradient.multiplyAdds, rowwise: rowwise,
        tunable: true
      ) { link in
        .winogradWeightGradient(
          WinogradWeightGradientStep(
            sides: WinogradSides(
              shape: shape, layout: layout, x: gradient.x.linked(link), dy: gradient.dy.linked(link)),
            sums: link(partials), imagesPerTask: imagesPerTask, tileScratch: frames))
      })
    guard copies > 1 else { return partials }
    let joined = buffer(floats: count)
    addPartialSum(partials, joined, copies: copies, count: count, rowsPerCopy: imagesPerTask)
    return joined
  }

  /// Writes all tiles of the batch, then computes one product per point.
  private mutating func wholeSums(_ gradient: WinogradGradient) -> Slot {
    let (shape, batch) = (gradient.shape, gradient.batch)
    let layout = winogradLayout(shape, side: gradient.side, batch: 1, shared: false)
    let (down, across) = shape.tiles(gradient.side)
    let inputPlane = WinogradLayout.plane(batch * down * across * shape.channels)
    let productPlane = WinogradLayout.plane(batch * down * across * shape.outputs)
    let tiles = buffer(floats: gradient.points * inputPlane)
    let products = buffer(floats: gradient.points * productPlane)
    let sums = buffer(floats: gradient.points * gradient.size)
    add(
      Draft(
        gradient.name + "-tiles", gradient.problem,
        reads: gradient.x.reads + gradient.dy.reads, writes: [tiles, products], tasks: batch,
        scratch: frameFloats(gradient, layout) * MemoryLayout<Float>.size
      ) { link in
        .winogradSides(
          WinogradSidesStep(
            sides: WinogradSides(
              shape: shape, layout: layout, x: gradient.x.linked(link), dy: gradient.dy.linked(link)),
            tiles: link(tiles), products: link(products), inputPlane: inputPlane, productPlane: productPlane))
      })
    let tasksPerPoint = shape.channels.dividedRoundingUp(by: Self.channelsPerPoint)
    add(
      Draft(
        gradient.name, gradient.problem, reads: [tiles, products], writes: [sums],
        tasks: gradient.points * tasksPerPoint, multiplyAdds: gradient.multiplyAdds, dependsOnRun: true
      ) { link in
        .winogradPoint(
          WinogradPointStep(
            tiles: link(tiles), products: link(products), sums: link(sums), inputPlane: inputPlane,
            productPlane: productPlane, channels: shape.channels, outputs: shape.outputs, tilesPerImage: down * across,
            channelsPerTask: Self.channelsPerPoint, tasksPerPoint: tasksPerPoint, zero: link.table([0])))
      })
    return sums
  }
}
