import ImageSamples
import NunchiImages

extension FuzzTarget {
  /// A picture that is decoded is the one that its header announces.
  static let picture = FuzzTarget(
    name: "picture", seeds: { FileSamples.all.map(\.bytes) },
    body: { bytes in
      let decoder = ImageDecoder(pixelLimit: 1_000_000)
      guard let image = try? decoder.decode(bytes) else { return }
      guard let header = try? decoder.header(of: bytes) else { fatalError("a picture without a header") }
      require(image.width == header.width && image.height == header.height, "another size than announced")
      require(image.channels == header.channels, "other channels than announced")
    })
}
