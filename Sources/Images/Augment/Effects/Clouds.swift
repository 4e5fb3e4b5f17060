import NunchiTensors

/// Clouds before the picture: patches with soft edges, and haze between them.
package struct Clouds: Transform {
  package static let name = "clouds"
  package static let summary = "lays patches of cloud before the picture, up to a density"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("density", \.density, 0...1)] }

  package var density: Float = 0.8

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (seed, density) = (stream.next(), amount * density)
    if density == 0 { return .none }
    return .pixels { pixels in
      let (width, channels) = (pixels.shape.width, pixels.shape.channels)
      SmoothNoise(cells: 4, grids: 5).forEachRow(pixels.shape, seed: seed) { y, covers in
        for x in 0..<width {
          let patch = ease(min(max((covers[x] - 0.4) * 3.6, 0), 1))
          covers[x] = density * (0.3 + 0.65 * patch)
        }
        Veil(colour: 246).draw(
          pixels.samples + y * width * channels, width: width, channels: channels, covers: covers)
      }
    }
  }
}
