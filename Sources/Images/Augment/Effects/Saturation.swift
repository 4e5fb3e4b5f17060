import NunchiTensors

/// Distances from each pixel's own gray, multiplied by 1 ± `share`. Gray pictures stay as they are.
package struct Saturation: Transform {
  package static let name = "saturation"
  package static let summary = "multiplies the distance of colours from their gray by 1 ± share"
  package static let amounts = Amounts.signed
  package static var parameters: [TransformParameter<Self>] { [.init("share", \.share, 0...1)] }

  package var share: Float = 0.5

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    colourfulness(1 + amount * share, shape)
  }
}

/// Colours on their way to gray. Gray pictures stay as they are.
package struct Grayscale: Transform {
  package static let name = "grayscale"
  package static let summary = "takes up to a share of the colour away"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("share", \.share, 0...1)] }

  package var share: Float = 1

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    colourfulness(1 - amount * share, shape)
  }
}

/// v ↦ g + factor · (v - g) with each pixel's gray g (ITU-R 601); the factor in 1/256.
private func colourfulness(_ factor: Float, _ shape: PictureShape) -> Change {
  let factor = Int32((256 * factor).rounded())
  if factor == 256 || shape.channels == 1 { return .none }
  return .pixels { pixels in
    let samples = pixels.samples
    for pixel in 0..<pixels.shape.width * pixels.shape.height {
      let place = samples + 3 * pixel
      let (red, green, blue) = (Int32(place[0]), Int32(place[1]), Int32(place[2]))
      let gray = (19595 &* red &+ 38470 &* green &+ 7471 &* blue &+ 0x8000) >> 16
      let start = gray &* 256 &+ 128
      place[0] = byte((start &+ (red &- gray) &* factor) >> 8)
      place[1] = byte((start &+ (green &- gray) &* factor) >> 8)
      place[2] = byte((start &+ (blue &- gray) &* factor) >> 8)
    }
  }
}

/// The nearest value of 0...255.
@inline(__always)
func byte(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value, 0), 255)) }
