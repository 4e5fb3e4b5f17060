import NunchiTensors

/// Snow on the ground: what is darker than a threshold becomes lighter, up to `brightness` times, by HLS's lightness; hue
/// and saturation are kept.
package struct SnowyLandscape: Transform {
  package static let name = "snowy-landscape"
  package static let summary = "lightens what is darker than threshold up to so many times, as if snow lay on it"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] {
    [.init("threshold", \.threshold, 0...255), .init("brightness", \.brightness, 1...5)]
  }

  package var threshold: Float = 140
  package var brightness: Float = 2.5

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let gain = amount * (brightness - 1)
    if gain * threshold == 0 { return .none }
    let lightness = Self.lightness(threshold: threshold, gain: gain)
    return .pixels { pixels in
      if pixels.shape.channels == 1 {
        for index in 0..<pixels.count { pixels.samples[index] = UInt8(lightness[2 * Int(pixels.samples[index])] / 2) }
      } else {
        Self.lighten(pixels.samples, pixels: pixels.count / 3, lightness)
      }
    }
  }

  /// For each sum of the largest and the smallest channel, that is twice the lightness: the new sum.
  private static func lightness(threshold: Float, gain: Float) -> [Int32] {
    (0...510).map { sum in
      let old = Float(sum) / 2
      // The gain fades out over the last third below the threshold: no hard edge in smooth places.
      let cover = ease(min(max(3 * (threshold - old) / threshold, 0), 1))
      let new = min(old * (1 + gain * cover), max(old, 250))
      return Int32((2 * new).rounded())
    }
  }

  private static func lighten(_ samples: UnsafeMutablePointer<UInt8>, pixels: Int, _ lightness: [Int32]) {
    lightness.withUnsafeBufferPointer { lightness in
      for pixel in 0..<pixels {
        let place = samples + 3 * pixel
        let (red, green, blue) = (Int32(place[0]), Int32(place[1]), Int32(place[2]))
        let old = max(red, green, blue) &+ min(red, green, blue)
        let new = lightness[Int(old)]
        if new == old { continue }
        // With the saturation kept, distances from the lightness go as 1 - |2l - 1|.
        let scale = Float(255 - abs(new - 255)) / Float(max(255 - abs(old - 255), 1))
        for channel in 0..<3 {
          let away = Float(2 * Int32(place[channel]) - old) * scale
          place[channel] = UInt8(min(max((0.5 * (Float(new) + away)).rounded(), 0), 255))
        }
      }
    }
  }
}
