import NunchiGraph

/// Images so many times as high and as wide: [n, height, width, channels] to [n, factor · height, factor · width, channels].
public struct Upsample: Layer, RebuildableLayer {
  static let kind = "Upsample"
  /// How many times higher and wider the image becomes.
  public let factor: WindowSize
  /// What new pixels are made of.
  public let resizing: Resizing
  /// Where the pixels of both images lie.
  public let alignment: ResizeAlignment

  /// A layer that enlarges by this factor.
  public init(_ factor: WindowSize = 2, _ resizing: Resizing = .nearest, alignment: ResizeAlignment = .halfPixel) {
    precondition(factor.isPositive, "Upsample: the factors must be positive")
    (self.factor, self.resizing, self.alignment) = (factor, resizing, alignment)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let names = (
      try reader.text("resizing", default: Resizing.nearest.rawValue),
      try reader.text("alignment", default: ResizeAlignment.halfPixel.rawValue)
    )
    guard let resizing = Resizing(rawValue: names.0) else {
      throw reader.error("resizing", "must be nearest or bilinear, got \"\(names.0)\"")
    }
    guard let alignment = ResizeAlignment(rawValue: names.1) else {
      throw reader.error("alignment", "must be halfPixel, corners or origin, got \"\(names.1)\"")
    }
    let factor = try reader.size("factor", default: 2)
    guard factor.height <= 64, factor.width <= 64 else {
      throw reader.error("factor", "must be at most 64, got \(factor)")
    }
    self.init(factor, resizing, alignment: alignment)
  }

  public var summary: String { "Upsample(\(factor), \(resizing.rawValue))" }

  public var specification: LayerSpecification? {
    LayerSpecification(
      Self.kind,
      [
        "factor": .size(factor), "resizing": .text(resizing.rawValue), "alignment": .text(alignment.rawValue),
      ])
  }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.shape.rank == 4 else {
      return reject(x, "expects images [n, height, width, channels], got shape \(x.shape)")
    }
    return resize(x, height: factor.height * x.shape[1], width: factor.width * x.shape[2], resizing, alignment)
  }
}
