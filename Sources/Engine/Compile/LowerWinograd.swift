import NunchiGraph
import NunchiTensors

extension Compiler {
  /// Bytes of transformed tiles and products that one task holds, and the fewest tiles that make a product worth while.
  private static let winogradBytes = 512 << 10
  private static let winogradTiles = 28
  /// Tasks that a batch of one is cut into.
  private static let fewestTasks = 4

  /// The side of the tiles by which a convolution is computed, or nil for the direct sum.
  func winogradSide(_ shape: ConvolutionShape, gradient: Bool) -> Int? {
    let window = shape.window
    guard window.kernelHeight == 3, window.kernelWidth == 3, window.strideHeight == 1, window.strideWidth == 1,
      window.dilationHeight == 1, window.dilationWidth == 1, shape.groups == 1, window.top <= 2, window.left <= 2,
      allowsWinograd
    else { return nil }
    let rule = graph.gradients.isEmpty ? WinogradRule.inference : .training
    return rule.side(gradient ? shape.gradientTiles : shape.tiles)
  }

  /// y = x ∗ k (+ bias, ReLU), or the input's gradient, through tiles of `side` by `side` results.
  mutating func addWinograd(
    _ name: String, _ problem: String, side: Int, batch: Int, shape: TileShape, x: Slot, weights: Slot, bias: Slot? = nil,
    relu: Bool = false, y: Slot, multiplyAdds: Int
  ) {
    let points = (side + 2) * (side + 2)
    let (down, across) = shape.tiles(side)
    let bytesPerTile = points * (shape.channels + shape.outputs) * MemoryLayout<Float>.size
    let wanted = max(Self.winogradTiles, Self.winogradBytes / bytesPerTile)
    // Whole images where several fit, else bands of tile rows, as even as can be.
    let images = max(1, min(batch, wanted / (down * across)))
    let bands = images > 1 ? 1 : max(1, (down * across).dividedRoundingUp(by: wanted))
    let tileRows = down.dividedRoundingUp(by: min(bands, down))
    let bandCount = down.dividedRoundingUp(by: tileRows)
    let groups = batch.dividedRoundingUp(by: images)
    let vectors = shape.outputs.dividedRoundingUp(by: 16)
    let parts = max(1, min(Self.fewestTasks / (groups * bandCount), vectors / 2))
    let partVectors = vectors.dividedRoundingUp(by: parts)
    let partCount = vectors.dividedRoundingUp(by: partVectors)
    let tiles = images * tileRows * across
    let layout = WinogradLayout(
      side: side, images: images, bands: bandCount, tileRows: tileRows, tilesAcross: across, parts: partCount,
      partOutputs: partVectors * 16,
      frameFloats: (tileRows * side + 2) * (across * side + 2) * shape.channels,
      inputPlane: WinogradLayout.plane(tiles * shape.channels),
      productPlane: WinogradLayout.plane(tiles * min(partVectors * 16, shape.outputs)))
    add(
      Draft(
        name, "\(problem) F(\(side),3)", reads: [x, weights] + (bias.map { [$0] } ?? []), writes: [y],
        tasks: groups * bandCount * partCount, scratch: layout.scratchFloats * MemoryLayout<Float>.size,
        multiplyAdds: multiplyAdds
      ) { link in
        .winograd(
          WinogradStep(
            shape: shape, layout: layout, x: link(x), weights: link(weights), bias: bias.map { link($0) }, y: link(y),
            relu: relu))
      })
  }

  /// The weights at the points: nine packed matrices, `depth` by `columns` each, become (side + 2)².
  mutating func addWinogradWeights(
    _ source: Slot, side: Int, rowStride: Int, columnStride: Int, depth: Int, columns: Int, offsets: [Int]
  ) -> Slot {
    let taps = addPack(
      source, rowStride: rowStride, columnStride: columnStride, depth: depth, columns: columns,
      panel: panelWidth(columns), offsets: offsets)
    let size = PackStep.size(depth: depth, columns: columns, panel: panelWidth(columns))
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
