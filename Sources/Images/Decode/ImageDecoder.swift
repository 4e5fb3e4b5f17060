/// Files and bytes to images: by content, upright, transparency over white, within limits that hold before memory is
/// taken.
public struct ImageDecoder: Sendable {
  /// Pictures of more pixels are refused.
  public var pixelLimit: Int

  /// No side is longer: a row must fit into memory several times.
  package static let sideLimit = 1 << 20

  /// Smaller pictures need not be in proportion to the bytes of their file.
  static let harmlessPixels = 1 << 22

  /// A decoder that refuses pictures of more pixels.
  public init(pixelLimit: Int = 100_000_000) { self.pixelLimit = pixelLimit }

  /// What the file says of its picture. Throws where `decode` would refuse to begin.
  package func header(of bytes: [UInt8]) throws(ImageError) -> ImageHeader {
    guard !bytes.isEmpty else { throw ImageError(.emptyFile) }
    guard bytes.count <= FileBytes.limit else {
      throw ImageError(.fileTooLarge(bytes: bytes.count, limit: FileBytes.limit))
    }
    guard let format = ImageFormat.detect(bytes) else { throw ImageError(.notAnImage) }
    let header: ImageHeader
    switch format {
    case .jpeg:
      header = try ImageHeader(format: .jpeg, stored: Codec.jpeg.header(bytes), orientation: Orientation(jpeg: bytes))
    case .png:
      header = try ImageHeader(format: .png, stored: Codec.png.header(bytes), orientation: Orientation(png: bytes))
    case .webp:
      header = try ImageHeader(format: .webp, stored: Codec.webp.header(bytes), orientation: Orientation(webp: bytes))
    case .gif: header = try ImageHeader(format: .gif, stored: Codec.gif.header(bytes), orientation: .topLeft)
    case .bmp: header = try ImageHeader(format: .bmp, stored: Bitmap(bytes).stored, orientation: .topLeft)
    case .pnm: header = try ImageHeader(format: .pnm, stored: PortableAnyMap(bytes).stored, orientation: .topLeft)
    case .tiff, .heic, .avif, .jpegXL, .jpeg2000, .ico, .psd, .pdf, .svg: throw ImageError(.unsupported(format))
    }
    try check(header, byteCount: bytes.count)
    return header
  }

  /// The picture in `bytes`, turned upright where EXIF says that it lies. Gray files stay gray.
  ///
  /// - Parameter preprocessing: the model's input that it is read for: it then comes at `scale(of:for:)` of its size.
  public func decode(_ bytes: [UInt8], for preprocessing: Preprocessing? = nil) throws(ImageError) -> Image {
    let header = try header(of: bytes)
    return try decode(bytes, header, at: preprocessing.map { scale(of: header, for: $0) } ?? .full)
  }

  /// The picture in the file at `path`.
  public func decode(path: String, for preprocessing: Preprocessing? = nil) throws(ImageError) -> Image {
    let bytes = try FileBytes.read(path)
    do {
      return try decode(bytes, for: preprocessing)
    } catch {
      throw error.about(path)
    }
  }

  /// The scale at which a picture is decoded for a model's input, one rule everywhere: a JPEG comes at the smallest of
  /// 1/8, 1/4 and 1/2 at which the part that the input shows (`Preprocessing.placement`, of the upright picture) is still
  /// at least twice as wide and twice as high as the place it is scaled to; everything else comes in full.
  ///
  /// The rest is scaled by two at least, so frequencies that the reduction bends are those that the antialiasing of that
  /// step damps anyway.
  package func scale(of header: ImageHeader, for preprocessing: Preprocessing) -> DecodingScale {
    guard header.format == .jpeg else { return .full }
    let area = preprocessing.placement(width: header.width, height: header.height)
    let across = (area.box.right - area.box.left) / Double(area.width)
    let down = (area.box.bottom - area.box.top) / Double(area.height)
    return DecodingScale.allCases.last { Double(2 * $0.denominator) <= min(across, down) } ?? .full
  }

  /// Refuses what would take much memory for little: a side, a number of pixels, or more pixels than so few bytes hold.
  private func check(_ header: ImageHeader, byteCount: Int) throws(ImageError) {
    let (width, height) = (header.width, header.height)
    guard width > 0, height > 0 else {
      throw ImageError(.damaged(header.format, detail: "\(width)x\(height) pixels", readableRows: 0, height: 0))
    }
    guard width <= pixelLimit / height else {
      throw ImageError(.tooLarge(width: width, height: height, limit: pixelLimit))
    }
    guard max(width, height) <= Self.sideLimit else {
      throw ImageError(.tooLong(width: width, height: height, limit: Self.sideLimit))
    }
    guard width * height <= Self.harmlessPixels || width * height / byteCount <= header.stored.pixelsPerByte else {
      throw ImageError(.implausible(header.format, width: width, height: height, bytes: byteCount))
    }
  }

  private func decode(
    _ bytes: [UInt8], _ header: ImageHeader, at scale: DecodingScale
  ) throws(ImageError) -> Image {
    let stored = header.stored
    var failure: ImageError?
    let image = Image(
      width: scale.reduced(stored.width), height: scale.reduced(stored.height), channels: stored.channels,
      coverage: Box(
        left: 0, top: 0, right: Double(stored.width) / Double(scale.denominator),
        bottom: Double(stored.height) / Double(scale.denominator))
    ) { pixels in
      do throws(ImageError) {
        try write(bytes, header, at: scale, to: pixels)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return image.oriented(header.orientation)
  }

  /// Writes the picture as it is stored to `pixels`.
  private func write(
    _ bytes: [UInt8], _ header: ImageHeader, at scale: DecodingScale, to pixels: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    switch header.format {
    case .jpeg: try Codec.jpeg.decode(bytes, header.stored, at: scale, to: pixels)
    case .png: try Codec.png.decode(bytes, header.stored, at: scale, to: pixels)
    case .webp: try Codec.webp.decode(bytes, header.stored, at: scale, to: pixels)
    case .gif: try Codec.gif.decode(bytes, header.stored, at: scale, to: pixels)
    case .bmp: try Bitmap(bytes).decode(bytes, to: pixels)
    case .pnm: try PortableAnyMap(bytes).decode(bytes, to: pixels)
    case .tiff, .heic, .avif, .jpegXL, .jpeg2000, .ico, .psd, .pdf, .svg:
      throw ImageError(.unsupported(header.format))
    }
  }
}

extension Image {
  /// The picture in the file at `path`; see `ImageDecoder`.
  public init(path: String) throws(ImageError) { self = try ImageDecoder().decode(path: path) }
}
