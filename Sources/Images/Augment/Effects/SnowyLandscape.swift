import NunchiTensors

/// Snow on the ground: what is darker than a threshold becomes light, by HLS's lightness l, hue and saturation kept:
/// l ↦ l + (brightness - 1) · l below it, and at most near white.
public struct SnowyLandscape: Transform {
  public static let name = "snowy-landscape"
  public static let summary = "whitens what is darker than up to threshold, as if snow lay on it"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] {
    [.init("threshold", \.threshold, 0...255), .init("brightness", \.brightness, 1...5)]
  }

  public var threshold: Float = 140
  public var brightness: Float = 2.5

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    if amount * threshold == 0 { return .none }
    let lightness = Self.lightness(threshold: amount * threshold, brightness: brightness)
    return .pixels { pixels in
      if pixels.shape.channels == 1 {
        for index in 0..<pixels.count { pixels.samples[index] = UInt8(lightness[2 * Int(pixels.samples[index])] / 2) }
      } else {
        Self.lighten(pixels.samples, pixels: pixels.count / 3, lightness)
      }
    }
  }

  /// For each sum of the largest and the smallest channel, that is twice the lightness: the new sum.
  private static func lightness(threshold: Float, brightness: Float) -> [Int32] {
    (0...510).map { sum in
      let old = Float(sum) / 2
      // The gain fades out over the last third below the threshold: no hard edge in smooth places.
      let cover = ease(min(max(3 * (threshold - old) / threshold, 0), 1))
      let new = min(old * (1 + (brightness - 1) * cover), max(old, 250))
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
