import NunchiTensors

/// White squares of `size` pixels over a share of the picture.
package struct CoarseSalt: Transform {
  package static let name = "coarse-salt"
  package static let summary = "sets up to a share of all squares of size pixels to white"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] {
    [.init("share", \.share, 0...1), .init("size", \.size, 1...64)]
  }

  package var share: Float = 0.1
  package var size: Float = 4

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    blobs(of: 255, share: amount * share, size: size, &stream, shape)
  }
}

/// Black squares of `size` pixels over a share of the picture; with a size of 1, single pixels.
package struct CoarseDropout: Transform {
  package static let name = "coarse-dropout"
  package static let summary = "sets up to a share of all squares of size pixels to black"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] {
    [.init("share", \.share, 0...1), .init("size", \.size, 1...64)]
  }

  package var share: Float = 0.15
  package var size: Float = 8

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    blobs(of: 0, share: amount * share, size: size, &stream, shape)
  }
}

/// A grid of squares from the upper left corner, of which exactly round(share · number) are set to `value`.
private func blobs(
  of value: UInt8, share: Float, size: Float, _ stream: inout RandomStream, _ shape: PictureShape
) -> Change {
  let side = max(Int(size.rounded()), 1)
  let (across, down) = ((shape.width + side - 1) / side, (shape.height + side - 1) / side)
  let seed = stream.next()
  let wanted = Int((share * Float(across * down)).rounded())
  if wanted == 0 { return .none }
  return .pixels { pixels in
    var stream = RandomStream(seed: seed, name: "blobs")
    let (shape, channels) = (pixels.shape, pixels.shape.channels)
    // One pass: each square is taken with the probability missing / left, so the number comes out exactly.
    var (missing, left) = (wanted, across * down)
    for row in 0..<down {
      for column in 0..<across {
        let taken = stream.integer(below: left) < missing
        left -= 1
        if !taken { continue }
        missing -= 1
        let width = min(side, shape.width - column * side)
        for y in row * side..<min((row + 1) * side, shape.height) {
          let start = pixels.samples + (y * shape.width + column * side) * channels
          start.update(repeating: value, count: width * channels)
        }
      }
    }
  }
}
