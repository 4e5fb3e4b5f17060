import NunchiTensors

/// Connected segments of similar colour, a share of them flat: each of those in its mean.
package struct Superpixel: Transform {
  package static let name = "superpixel"
  package static let summary = "paints up to a share of so many segments of similar colour in their mean"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] {
    [.init("share", \.share, 0...1), .init("segments", \.segments, 1...4096)]
  }

  package var share: Float = 1
  package var segments: Float = 150

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (seed, share, wanted) = (stream.next(), amount * share, Int(segments.rounded()))
    if share == 0 { return .none }
    return .pixels { pixels in
      var stream = RandomStream(seed: seed, name: Self.name)
      let segments = Segmentation(pixels.samples, pixels.shape, segments: wanted)
      let chosen = (0..<segments.count).map { _ in stream.flip(share) }
      Self.flatten(pixels, segments, chosen)
    }
  }

  private static func flatten(_ pixels: Pixels, _ segments: Segmentation, _ chosen: [Bool]) {
    let channels = pixels.shape.channels
    var sums = [Int](repeating: 0, count: segments.count * channels)
    var sizes = [Int](repeating: 0, count: segments.count)
    for (pixel, label) in segments.labels.enumerated() {
      sizes[Int(label)] += 1
      for channel in 0..<channels {
        sums[Int(label) * channels + channel] += Int(pixels.samples[pixel * channels + channel])
      }
    }
    for index in sums.indices { sums[index] = (sums[index] + sizes[index / channels] / 2) / sizes[index / channels] }
    for (pixel, label) in segments.labels.enumerated() where chosen[Int(label)] {
      for channel in 0..<channels {
        pixels.samples[pixel * channels + channel] = UInt8(sums[Int(label) * channels + channel])
      }
    }
  }
}
