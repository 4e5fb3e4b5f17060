/// A file format, recognised by its first bytes and never by the file's name.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable, Codable {
  case jpeg = "JPEG"
  case png = "PNG"
  case pnm = "PNM"
  case webp = "WebP"
  case gif = "GIF"
  case bmp = "BMP"
  case tiff = "TIFF"
  case heic = "HEIC"
  case avif = "AVIF"
  case ico = "ICO"
  case psd = "PSD"

  /// Enough bytes to recognise any of the formats.
  package static let signatureBytes = 32

  /// Whether this build reads the format.
  public var isReadable: Bool {
    switch self {
    case .jpeg: Codec.jpeg.isBuiltIn
    case .png: Codec.png.isBuiltIn
    case .pnm: true
    case .webp, .gif, .bmp, .tiff, .heic, .avif, .ico, .psd: false
    }
  }

  /// The format of a file that begins with `bytes`; `nil` for anything else than a known image format.
  public static func detect(_ bytes: some Collection<UInt8>) -> ImageFormat? {
    let start = Array(bytes.prefix(signatureBytes))
    func has(_ text: String, at offset: Int = 0) -> Bool { start.dropFirst(offset).starts(with: text.utf8) }
    if start.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    // The rest of PNG's signature exists to show damage, so a wrong rest is a damaged PNG file.
    if start.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return .png }
    if has("GIF87a") || has("GIF89a") { return .gif }
    if has("RIFF") && has("WEBP", at: 8) { return .webp }
    if has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+") { return .tiff }
    if has("8BPS") { return .psd }
    if has("BM") && start.count >= 18 && start[6..<10].allSatisfy({ $0 == 0 }) { return .bmp }
    if start.starts(with: [0, 0, 1, 0]) && start.count >= 6 && start[4] > 0 && start[5] == 0 { return .ico }
    if has("ftyp", at: 4) { return isoBrand(start) }
    if start.count > 2, start[0] == UInt8(ascii: "P"), (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(start[1]),
      [0x20, 0x09, 0x0A, 0x0D, 0x23].contains(start[2])
    {
      return .pnm
    }
    return nil
  }

  /// HEIC and AVIF share a container with video; the major brand and the compatible ones tell them apart.
  private static func isoBrand(_ start: [UInt8]) -> ImageFormat? {
    let brands = stride(from: 8, through: start.count - 4, by: 4)
      .map { String(decoding: start[$0..<$0 + 4], as: UTF8.self) }
    if brands.contains(where: { $0 == "avif" || $0 == "avis" }) { return .avif }
    let heic = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"]
    return brands.contains(where: heic.contains) ? .heic : nil
  }
}
