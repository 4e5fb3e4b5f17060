import NunchiTensors

/// Fog of uneven density before the whole picture.
package struct Fog: Transform {
  package static let name = "fog"
  package static let summary = "lays fog before the picture, up to a density"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("density", \.density, 0...1)] }

  package var density: Float = 0.75

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
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
