import NunchiTensors

/// Fog of uneven density before the whole picture.
public struct Fog: Transform {
  public static let name = "fog"
  public static let summary = "lays fog before the picture, up to a density"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] { [.init("density", \.density, 0...1)] }

  public var density: Float = 0.75

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (seed, density) = (stream.next(), amount * density)
    if density == 0 { return .none }
    return .pixels { pixels in
      let (width, channels) = (pixels.shape.width, pixels.shape.channels)
      SmoothNoise(cells: 3, grids: 4).forEachRow(pixels.shape, seed: seed) { y, covers in
        for x in 0..<width { covers[x] = density * (0.55 + 0.45 * covers[x]) }
        Veil(colour: 226).draw(
          pixels.samples + y * width * channels, width: width, channels: channels, covers: covers)
      }
    }
  }
}
