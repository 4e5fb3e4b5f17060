/// Files and bytes to images: by content, upright, within a limit of pixels.
public struct ImageDecoder: Sendable {
  /// Pictures of more pixels are refused before memory is taken for them.
  public var pixelLimit: Int

  public init(pixelLimit: Int = 100_000_000) { self.pixelLimit = pixelLimit }

  /// The picture in `bytes`, turned upright where EXIF says that it lies. Gray files stay gray.
  public func decode(_ bytes: [UInt8]) throws(ImageError) -> Image {
    guard !bytes.isEmpty else { throw ImageError(.emptyFile) }
    guard let format = ImageFormat.detect(bytes) else { throw ImageError(.notAnImage) }
    return switch format {
    case .jpeg: try decode(bytes, with: .jpeg).oriented(Orientation(jpeg: bytes))
    case .png: try decode(bytes, with: .png).oriented(Orientation(png: bytes))
    case .pnm: try PortableAnyMap.decode(bytes, pixelLimit: pixelLimit)
    case .webp, .gif, .bmp, .tiff, .heic, .avif, .ico, .psd: throw ImageError(.unsupported(format))
    }
  }

  /// The picture in `bytes` for a model's input: large files may come at a reduced scale, by a rule that depends on the
  /// size of the picture and of the input alone.
  public func decode(_ bytes: [UInt8], for preprocessing: Preprocessing) throws(ImageError) -> Image {
    try decode(bytes)
  }

  /// The picture in the file at `path`, for a model's input.
  public func decode(path: String, for preprocessing: Preprocessing) throws(ImageError) -> Image {
    let bytes = try FileBytes.read(path)
    do {
      return try decode(bytes, for: preprocessing)
    } catch {
      throw error.about(path)
    }
  }

  /// The picture in the file at `path`.
  public func decode(path: String) throws(ImageError) -> Image {
    let bytes = try FileBytes.read(path)
    do {
      return try decode(bytes)
    } catch {
      throw error.about(path)
    }
  }

  private func decode(_ bytes: [UInt8], with codec: Codec) throws(ImageError) -> Image {
    let limit = pixelLimit
    let result = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(ImageError) in try codec.decode(buffer, pixelLimit: limit) }
    }
    return try result.get()
  }
}

extension Image {
  /// The picture in the file at `path`; see `ImageDecoder`.
  public init(path: String) throws(ImageError) { self = try ImageDecoder().decode(path: path) }

  /// The bytes of a PNG file. `level` 0 (fast) to 9 (small) of zlib.
  public func encodedPNG(level: Int = 6) throws(ImageError) -> [UInt8] {
    try Codec.png.encode(self, setting: min(max(level, 0), 9))
  }

  /// The bytes of a JPEG file. Above a quality of 90 colour keeps its full resolution.
  public func encodedJPEG(quality: Int = 92) throws(ImageError) -> [UInt8] {
    try Codec.jpeg.encode(self, setting: min(max(quality, 1), 100))
  }

  /// Writes the picture; the format follows the ending of `path` (`.png`, `.jpg`, `.jpeg`, in any case).
  public func write(to path: String) throws(ImageError) {
    let lowercased = path.lowercased()
    if lowercased.hasSuffix(".png") {
      try FileBytes.write(encodedPNG(), to: path)
    } else if lowercased.hasSuffix(".jpg") || lowercased.hasSuffix(".jpeg") {
      try FileBytes.write(encodedJPEG(), to: path)
    } else {
      throw ImageError(.unwritableFile("a name that ends neither in .png nor in .jpg"), source: path)
    }
  }
}
