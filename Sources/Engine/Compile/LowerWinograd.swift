import NunchiGraph
import NunchiTensors

extension Compiler {
  /// Bytes of transformed tiles and products that one task holds, and the fewest tiles worth a product.
  static let winogradBytes = 512 << 10
  private static let winogradTiles = 28
  /// Tasks of a batch of one, where each has enough tiles.
  private static let fewestTasks = 4
  private static let fewestTiles = 8

  /// The side of the tiles by which a convolution is computed, or nil for the direct sum.
  func winogradSide(_ shape: ConvolutionShape, gradient: Bool) -> Int? {
    let window = shape.window
    guard window.kernelHeight == 3, window.kernelWidth == 3, window.strideHeight == 1, window.strideWidth == 1,
      window.dilationHeight == 1, window.dilationWidth == 1, shape.groups == 1,
      max(window.top, window.bottom, window.left, window.right) <= 2,
      allowsWinograd
    else { return nil }
    let rule = graph.gradients.isEmpty ? WinogradRule.inference : .training
    return rule.side(gradient ? shape.gradientTiles : shape.tiles)
  }

  /// y = x ∗ k (+ bias, addend, ReLU), or the input's gradient, through tiles of `side` by `side` results.
  mutating func addWinograd(
    _ name: String, _ problem: String, side: Int, batch: Int, shape: TileShape, reads: [Slot],
    shared: [Slot], source: @escaping (Linker) -> TileSource, weights: Slot, tail: Tail, multiplyAdds: Int
  ) {
    let layout = winogradLayout(shape, side: side, batch: batch, shared: true)
    let tasks = batch.dividedRoundingUp(by: layout.images) * layout.bands * layout.parts
    let y = tail.result
    // Networks with batch norms have no long chains; with several images per task they join fewer partial sums.
    let together = graph.normalizesBatches ? layout.images : 1
    let chunks = together > 1 ? images(y, together) : bands(y, rows: layout.tileRows * side)
    let sums = batch.dividedRoundingUp(by: together) * layout.bands
    let epilogue = layout.parts > 1 ? EpilogueDraft() : epilogue(y, chunks, tasks: sums)
    let isRowwise = layout.parts == 1 && (together == 1 || epilogue.isEmpty)
    let (target, bias, addend) = (result(y), tail.bias.map(slot), tail.addend.map(slot))
    add(
      Draft(
        name, "\(problem) F(\(side),3)",
        reads: reads + [weights] + [bias, addend].compactMap(\.self) + epilogue.reads,
        writes: [target] + epilogue.writes, tasks: tasks, scratch: layout.scratchFloats * MemoryLayout<Float>.size,
        multiplyAdds: multiplyAdds, inPlace: inPlace(addend, target, reads),
        rowwise: isRowwise
          ? rowwise(y, shared: shared + [weights] + [bias].compactMap(\.self) + epilogue.shared) : nil
      ) { link in
        .winograd(
          WinogradStep(
            shape: shape, layout: layout, source: source(link), weights: link(weights), bias: bias.map { link($0) },
            addend: addend.map { link($0) }, y: link(target), relu: tail.relu, imagesPerChunk: together,
            epilogue: epilogue.make(link)))
      })
  }

  /// Several whole images per task where they fit, else bands of tile rows of about the same size.
  ///
  /// - Parameter shared: whether the outputs of a tile may be divided among tasks, where there are few tasks.
  func winogradLayout(
    _ shape: TileShape, side: Int, batch: Int, bytes: Int = winogradBytes, shared: Bool
  ) -> WinogradLayout {
    let points = (side + 2) * (side + 2)
    let (down, across) = shape.tiles(side)
    let bytesPerTile = points * (shape.channels + shape.outputs) * MemoryLayout<Float>.size
    let wanted = max(Self.winogradTiles, bytes / bytesPerTile)
    // Dividing outputs gives small batches more tasks.
    let most = shared ? max(1, batch / Self.fewestTasks) : batch
    let images = max(1, min(most, wanted / (down * across)))
    let groups = batch.dividedRoundingUp(by: images)
    let vectors = shape.outputs.dividedRoundingUp(by: 16)
    // Small batches: large weights are divided among tasks, small ones are read by more of them.
    let isLarge = points * shape.channels * shape.outputs > 1 << 18
    var bandCount = images > 1 ? 1 : max(1, (down * across + wanted / 2) / wanted)
    if shared, !isLarge, images == 1 {
      bandCount = max(bandCount, min(Self.fewestTasks / groups, down * across / Self.fewestTiles))
    }
    let tileRows = down.dividedRoundingUp(by: min(bandCount, down))
    let bands = down.dividedRoundingUp(by: tileRows)
    let parts = shared ? max(1, min(Self.fewestTasks / (groups * bands), vectors / 2)) : 1
    let partVectors = vectors.dividedRoundingUp(by: parts)
    let tiles = images * tileRows * across
    return WinogradLayout(
      side: side, images: images, bands: bands, tileRows: tileRows, tilesAcross: across,
      parts: vectors.dividedRoundingUp(by: partVectors), partOutputs: partVectors * 16,
      frameFloats: (tileRows * side + 2) * (across * side + 2) * shape.channels,
      inputPlane: WinogradLayout.plane(tiles * shape.channels),
      productPlane: WinogradLayout.plane(tiles * min(partVectors * 16, shape.outputs)))
  }

  /// Transforms the weights: nine packed matrices, `depth` by `columns` each, become (side + 2)², one per point.
  mutating func addWinogradWeights(
    _ source: Slot, side: Int, rowStride: Int, columnStride: Int, depth: Int, columns: Int, offsets: [Int]
  ) -> Slot {
    let taps = addPack(
      source, rowStride: rowStride, columnStride: columnStride, depth: depth, columns: columns,
      panel: PackStep.panel, offsets: offsets)
    let size = PackStep.size(depth: depth, columns: columns, panel: PackStep.panel)
    let target = buffer(floats: (side + 2) * (side + 2) * size)
    add(
      Draft(
        "winograd-weights", "\(depth)x\(columns) F(\(side),3)", reads: [taps], writes: [target],
        tasks: size.dividedRoundingUp(by: WinogradWeightsStep.elementsPerTask)
      ) { link in
        .winogradWeights(WinogradWeightsStep(taps: link(taps), target: link(target), side: side, size: size))
      })
    return target
  }
}
