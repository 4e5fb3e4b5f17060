extension Image {
  /// The bytes of a PNG file. `level` 0 (fast) to 9 (small) of zlib.
  public func encodedPNG(level: Int = 6) throws(ImageError) -> [UInt8] {
    try Encoder.png(level: min(max(level, 0), 9)).encode(self)
  }

  /// The bytes of a JPEG file. Above a quality of 90 colour keeps its full resolution.
  public func encodedJPEG(quality: Int = 92) throws(ImageError) -> [UInt8] {
    try Encoder.jpeg(quality: min(max(quality, 1), 100)).encode(self)
  }

  /// The bytes of a PNM file: P5 for gray, P6 for colour.
  public func encodedPNM() -> [UInt8] { Array("P\(channels == 1 ? 5 : 6)\n\(width) \(height)\n255\n".utf8) + bytes }

  /// What a file's name says of its format.
  package enum FileEnding: String, CaseIterable {
    case png, jpg, jpeg, ppm, pgm, pnm

    package init?(path: String) {
      let name = path.lowercased()
      guard let ending = Self.allCases.first(where: { name.hasSuffix("." + $0.rawValue) }) else { return nil }
      self = ending
    }
  }

  /// The bytes of a file of that name.
  package func encoded(as ending: FileEnding, quality: Int) throws(ImageError) -> [UInt8] {
    switch ending {
    case .png: return try encodedPNG()
    case .jpg, .jpeg: return try encodedJPEG(quality: quality)
    case .pnm: return encodedPNM()
    case .ppm: return converted(toChannels: 3).encodedPNM()
    case .pgm:
      guard channels == 1 else { throw ImageError(.notEncodable(.pnm, detail: "colours, which .pgm cannot hold")) }
      return encodedPNM()
    }
  }

  /// Writes the picture; the format follows the ending of `path` in any case: `.png`, `.jpg`, `.jpeg`, `.ppm`, `.pgm`
  /// (gray pictures) or `.pnm`. `quality` is JPEG's.
  public func write(to path: String, quality: Int = 92) throws(ImageError) {
    guard let ending = FileEnding(path: path) else {
      let known = FileEnding.allCases.map { "." + $0.rawValue }.joined(separator: ", ")
      throw ImageError(.unwritableFile("a name that ends in none of \(known)"), source: path)
    }
    let bytes: [UInt8]
    do {
      bytes = try encoded(as: ending, quality: quality)
    } catch {
      throw error.about(path)
    }
    try FileBytes.write(bytes, to: path)
  }
}
