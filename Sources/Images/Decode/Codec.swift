import NunchiCodecs
import NunchiSystem

/// The codec libraries, through one shape.
enum Codec {
  case jpeg
  case png
  case webp
  case gif

  var format: ImageFormat {
    switch self {
    case .jpeg: .jpeg
    case .png: .png
    case .webp: .webp
    case .gif: .gif
    }
  }

  var isBuiltIn: Bool {
    switch self {
    case .jpeg: nunchi_codec_has_jpeg()
    case .png: nunchi_codec_has_png()
    case .webp: nunchi_codec_has_webp()
    case .gif: nunchi_codec_has_gif()
    }
  }

  /// The picture as the file stores it.
  func header(_ bytes: [UInt8]) throws(ImageError) -> StoredPicture {
    var header = nunchi_image_header()
    var message = CMessage()
    let answer = bytes.withUnsafeBufferPointer { bytes in
      message.receive { text, capacity in
        let (start, count) = (bytes.baseAddress, bytes.count)
        return switch self {
        case .jpeg: nunchi_jpeg_header(start, count, &header, text, capacity)
        case .png: nunchi_png_header(start, count, &header, text, capacity)
        case .webp: nunchi_webp_header(start, count, &header, text, capacity)
        case .gif: nunchi_gif_header(start, count, &header, text, capacity)
        }
      }
    }
    try check(answer, message, readableRows: 0, height: 0)
    return StoredPicture(
      width: Int(header.width), height: Int(header.height), channels: Int(header.channels),
      pixelsPerByte: Int(header.pixels_per_byte))
  }

  /// Writes the picture as it is stored to `pixels`: `scale.reduced(height)` rows of `scale.reduced(width)` pixels.
  /// Only JPEG has other scales than the full one.
  func decode(
    _ bytes: [UInt8], _ stored: StoredPicture, at scale: DecodingScale, to pixels: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    var header = nunchi_image_header(
      width: Int32(stored.width), height: Int32(stored.height), channels: Int32(stored.channels),
      pixels_per_byte: Int32(stored.pixelsPerByte))
    var message = CMessage()
    var rows: Int32 = 0
    let answer = bytes.withUnsafeBufferPointer { bytes in
      message.receive { text, capacity in
        let (start, count) = (bytes.baseAddress, bytes.count)
        let denominator = Int32(scale.denominator)
        return switch self {
        case .jpeg: nunchi_jpeg_decode(start, count, &header, denominator, pixels, &rows, text, capacity)
        case .png: nunchi_png_decode(start, count, &header, pixels, &rows, text, capacity)
        case .webp: nunchi_webp_decode(start, count, &header, pixels, &rows, text, capacity)
        case .gif: nunchi_gif_decode(start, count, &header, pixels, &rows, text, capacity)
        }
      }
    }
    let readable = min(Int(rows) * scale.denominator, stored.height)
    try check(answer, message, readableRows: readable, height: stored.height)
  }

  private func check(_ answer: Int32, _ message: CMessage, readableRows: Int, height: Int) throws(ImageError) {
    switch Int(answer) {
    case Int(NUNCHI_CODEC_OK): return
    case Int(NUNCHI_CODEC_ABSENT): throw ImageError(.codecAbsent(format))
    default:
      throw ImageError(.damaged(format, detail: message.text, readableRows: readableRows, height: height))
    }
  }
}

/// The codec libraries that also write.
enum Encoder {
  /// 1...100
  case jpeg(quality: Int)
  /// 0...9 of zlib
  case png(level: Int)

  private var format: ImageFormat {
    switch self {
    case .jpeg: .jpeg
    case .png: .png
    }
  }

  func encode(_ image: Image) throws(ImageError) -> [UInt8] {
    var header = nunchi_image_header()
    (header.width, header.height) = (Int32(image.width), Int32(image.height))
    header.channels = Int32(image.channels)
    var message = CMessage()
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let answer = image.bytes.withUnsafeBufferPointer { pixels in
      message.receive { text, capacity in
        let pixels = pixels.baseAddress
        return switch self {
        case .jpeg(let quality):
          nunchi_jpeg_encode(pixels, &header, Int32(quality), &encoded, &count, text, capacity)
        case .png(let level): nunchi_png_encode(pixels, &header, Int32(level), &encoded, &count, text, capacity)
        }
      }
    }
    switch Int(answer) {
    case Int(NUNCHI_CODEC_OK): break
    case Int(NUNCHI_CODEC_ABSENT): throw ImageError(.codecAbsent(format))
    default: throw ImageError(.notEncodable(format, detail: message.text))
    }
    defer { nunchi_codec_free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }
}
