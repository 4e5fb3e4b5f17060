import NunchiTensors

/// Clouds before the picture: patches with soft edges, and haze between them.
public struct Clouds: Transform {
  public static let name = "clouds"
  public static let summary = "lays patches of cloud before the picture, up to a density"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] { [.init("density", \.density, 0...1)] }

  public var density: Float = 0.85

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (seed, density) = (stream.next(), amount * density)
    if density == 0 { return .none }
    return .pixels { pixels in
      let (width, channels) = (pixels.shape.width, pixels.shape.channels)
      SmoothNoise(cells: 4, grids: 5).forEachRow(pixels.shape, seed: seed) { y, covers in
        for x in 0..<width {
          let patch = ease(min(max((covers[x] - 0.4) * 3.6, 0), 1))
          covers[x] = density * (0.12 + 0.88 * patch)
        }
        Veil(colour: 246).draw(
          pixels.samples + y * width * channels, width: width, channels: channels, covers: covers)
      }
    }
  }
}
