/// A file format, recognised by its first bytes and never by the file's name.
package enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case webp = "WebP"
  case gif = "GIF"
  case bmp = "BMP"
  case pnm = "PNM"
  case tiff = "TIFF"
  case heic = "HEIC"
  case avif = "AVIF"
  case jpegXL = "JPEG XL"
  case jpeg2000 = "JPEG 2000"
  case ico = "ICO"
  case psd = "PSD"
  case pdf = "PDF"
  case svg = "SVG"

  /// Enough bytes to recognise any of the formats.
  package static let signatureBytes = 256

  /// Whether this build reads the format.
  package var isReadable: Bool {
    switch refusal {
    case nil: true
    case .some: false
    }
  }

  /// Why this build does not read the format; `nil` where it does.
  package var refusal: ImageError.Reason? {
    switch self {
    case .jpeg: Codec.jpeg.isBuiltIn ? nil : .codecAbsent(self)
    case .png: Codec.png.isBuiltIn ? nil : .codecAbsent(self)
    case .webp: Codec.webp.isBuiltIn ? nil : .codecAbsent(self)
    case .gif: Codec.gif.isBuiltIn ? nil : .codecAbsent(self)
    case .bmp, .pnm: nil
    case .tiff, .heic, .avif, .jpegXL, .jpeg2000, .ico, .psd, .pdf, .svg: .unsupported(self)
    }
  }

  /// The format of a file that begins with `bytes`; `nil` for anything else than a known image format.
  package static func detect(_ bytes: some Collection<UInt8>) -> ImageFormat? {
    let start = Array(bytes.prefix(signatureBytes))
    func has(_ text: String, at offset: Int = 0) -> Bool { start.dropFirst(offset).starts(with: text.utf8) }
    if start.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    // The rest of PNG's signature exists to show damage, so a wrong rest is a damaged PNG file.
    if start.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return .png }
    if has("GIF87a") || has("GIF89a") { return .gif }
    if has("RIFF") && has("WEBP", at: 8) { return .webp }
    if has("BM") && isBitmap(start) { return .bmp }
    if isAnyMap(start) { return .pnm }
    if has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+") { return .tiff }
    if has("8BPS") { return .psd }
    if has("%PDF-") { return .pdf }
    if start.starts(with: [0, 0, 1, 0]) && start.count >= 6 && start[4] > 0 && start[5] == 0 { return .ico }
    if start.starts(with: [0xFF, 0x0A]) || has("JXL \r\n", at: 4) { return .jpegXL }
    if start.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) || has("jP  \r\n", at: 4) { return .jpeg2000 }
    if has("ftyp", at: 4) { return isoBrand(start) }
    return isVectorGraphics(start) ? .svg : nil
  }

  /// The two letters alone begin many texts; the size of the header behind them is one of few.
  private static func isBitmap(_ start: [UInt8]) -> Bool {
    start.count >= 18 && Bitmap.headerSizes.contains(Int(start[14])) && start[15..<18].allSatisfy { $0 == 0 }
  }

  private static func isAnyMap(_ start: [UInt8]) -> Bool {
    start.count > 2 && start[0] == UInt8(ascii: "P") && (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(start[1])
      && [0x20, 0x09, 0x0A, 0x0D, 0x23].contains(start[2])
  }

  /// HEIC and AVIF share a container with video; the major brand and the compatible ones tell them apart.
  private static func isoBrand(_ start: [UInt8]) -> ImageFormat? {
    let size = start.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    let brands = stride(from: 8, through: min(start.count, size) - 4, by: 4)
      .map { String(decoding: start[$0..<$0 + 4], as: UTF8.self) }
    if brands.contains(where: { $0 == "avif" || $0 == "avis" }) { return .avif }
    let heic = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"]
    return brands.contains(where: heic.contains) ? .heic : nil
  }

  /// An element `svg`, perhaps behind a byte order mark, XML's declaration and comments.
  private static func isVectorGraphics(_ start: [UInt8]) -> Bool {
    let text = String(decoding: start, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    return text.hasPrefix("<svg")
      || ["<?xml", "<!--", "<!DOCTYPE svg"].contains(where: text.hasPrefix) && text.contains("<svg")
  }
}
