import NunchiKernels
import NunchiTensors

/// A change of brightness and contrast: v ↦ (b·v - m)·c + m with the mean gray m of the brightened picture.
package struct Tone: Sendable, Hashable {
  package var brightness: Float
  package var contrast: Float

  package init(brightness: Float = 1, contrast: Float = 1) {
    (self.brightness, self.contrast) = (brightness, contrast)
  }

  /// This one and `next` on its result, rounded and clipped once.
  package func then(_ next: Tone) -> Tone {
    Tone(brightness: brightness * next.brightness, contrast: contrast * next.contrast)
  }

  /// The change as a table of the 256 values, for a picture with this mean gray.
  func table(mean: Float) -> [UInt8] {
    let mean = brightness * mean
    return (0..<256).map { value in
      UInt8(min(max(((brightness * Float(value) - mean) * contrast + mean).rounded(), 0), 255))
    }
  }

  /// The mean of gray, ITU-R 601.
  static func mean(_ samples: UnsafePointer<UInt8>, _ shape: PictureShape) -> Float {
    let count = shape.width * shape.height
    var sums: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &sums) {
      ImageKernels.functions.pointee.byte_sums(
        samples, Int64(count), Int64(shape.channels), $0.baseAddress!.assumingMemoryBound(to: UInt64.self))
    }
    let sum = shape.channels == 1 ? sums.0 : (19595 * sums.0 + 38470 * sums.1 + 7471 * sums.2) >> 16
    return Float(sum) / Float(count)
  }
}

/// Multiplies all samples by one factor.
package struct Brighten: Transform {
  package static let name = "brighten"
  package static let summary = "multiplies all samples by a factor of 1 ± share"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("share", \Brighten.share, 0...1)]

  package var share: Float = 0.3

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .tone(Tone(brightness: 1 + amount * share))
  }
}

/// Multiplies the distances from the picture's mean gray by one factor.
package struct Contrast: Transform {
  package static let name = "contrast"
  package static let summary = "multiplies distances from the mean gray by a factor of 1 ± share"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("share", \Contrast.share, 0...1)]

  package var share: Float = 0.3

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .tone(Tone(contrast: 1 + amount * share))
  }
}
