/// The shape of a 3x3 convolution of stride 1 over one image, forward or as the gradient of another's input.
struct TileShape {
  let height: Int
  let width: Int
  let channels: Int
  let outHeight: Int
  let outWidth: Int
  let outputs: Int
  /// Zeros above and to the left of the image. Below and to the right there are as many as the results need.
  let top: Int
  let left: Int

  /// Tiles of `side` by `side` results, down and across.
  func tiles(_ side: Int) -> (down: Int, across: Int) {
    (outHeight.dividedRoundingUp(by: side), outWidth.dividedRoundingUp(by: side))
  }
}

/// The numeric class of a 3x3 convolution of stride 1: the direct sum, or Winograd's F(2x2, 3x3) or
/// F(4x4, 3x3). A function of the image's shape and of the mode alone, so that neither the batch, the machine nor the
/// threads change the bits of a result.
///
/// Errors: with X and W the largest magnitudes of image and weights, C channels and ε = 2⁻²⁴, a result is off by at most
///
///     κ · 9·C·X·W · (2·C + 24)·ε      κ = 64/9 for F(2,3), 256 for F(4,3); 9 and 178 for the weights' gradient
///
/// (there with the tiles in place of the channels and the products of a tile, side², in place of 9). 9·C·X·W is what the
/// terms of the direct sum add up to at most; κ is how much larger the terms between the transforms are: the largest
/// Σ |Aᵀ|·(Σ|G|)·(Σ|Bᵀ|) over the points of an axis, squared for two axes, by 9. Two roundings a channel and 24 of the
/// transforms' own. Where roundings are independent of each other their squares add up: at most 2 and 32 times the error
/// of a direct sum whose roundings are as many.
///
/// Costs are counted in multiply-adds of one vector of 16. The transforms' constants, the loss of a product with a short
/// sum, and the price of reading weights that do not stay in the cache were fitted to measurements, and are rounded.
struct WinogradRule {
  /// Images for which the weights are read once.
  let images: Int

  static let training = WinogradRule(images: 16)
  static let inference = WinogradRule(images: 1)

  /// 2 or 4, or nil for the direct sum.
  func side(_ shape: TileShape) -> Int? {
    guard shape.channels >= 8, shape.outputs >= 8, min(shape.outHeight, shape.outWidth) >= 4 else { return nil }
    let costs = [(side: 2, cost: tiled(shape, side: 2)), (side: 4, cost: tiled(shape, side: 4))]
    let best = costs.min { $0.cost < $1.cost }!
    return best.cost < 0.9 * direct(shape) ? best.side : nil
  }

  private func direct(_ shape: TileShape) -> Double {
    let sum = 9 * shape.channels
    return Double(shape.outHeight * shape.outWidth * sum) * columns(shape.outputs) + reading(9, shape)
  }

  private func tiled(_ shape: TileShape, side: Int) -> Double {
    let points = (side + 2) * (side + 2)
    let (down, across) = shape.tiles(side)
    let (intoPoints, fromPoints) = side == 2 ? (70.0, 40.0) : (170.0, 130.0)
    let perTile =
      1.2 * Double(points * shape.channels) * columns(shape.outputs) + intoPoints * vectors(shape.channels)
      + fromPoints * vectors(shape.outputs)
    return Double(down * across) * perTile + reading(points, shape)
  }

  private func vectors(_ count: Int) -> Double { Double(count.dividedRoundingUp(by: 16)) }

  /// One vector of columns costs as much as two: each element of the left operand is loaded for a single multiply-add.
  private func columns(_ count: Int) -> Double { max(2, vectors(count)) }

  /// The cost per image of reading so many weight matrices from beyond the second-level cache.
  private func reading(_ matrices: Int, _ shape: TileShape) -> Double {
    let floats = matrices * shape.channels * shape.outputs
    return floats > 1 << 18 ? 27 * Double(floats / 16) / Double(images) : 0
  }
}
