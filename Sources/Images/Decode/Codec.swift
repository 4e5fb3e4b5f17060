import NunchiCodecs

/// The codec libraries, through one shape.
enum Codec {
  case jpeg
  case png

  var format: ImageFormat {
    switch self {
    case .jpeg: .jpeg
    case .png: .png
    }
  }

  var isBuiltIn: Bool {
    switch self {
    case .jpeg: nunchi_codec_has_jpeg()
    case .png: nunchi_codec_has_png()
    }
  }

  /// Decodes without regard to orientation. The size is checked before memory for the pixels is taken.
  func decode(_ bytes: UnsafeBufferPointer<UInt8>, pixelLimit: Int) throws(ImageError) -> Image {
    var header = nunchi_image_header()
    var message = Message()
    var answer = Int(
      message.receive { text, capacity in
        switch self {
        case .jpeg: nunchi_jpeg_header(bytes.baseAddress, bytes.count, &header, text, capacity)
        case .png: nunchi_png_header(bytes.baseAddress, bytes.count, &header, text, capacity)
        }
      })
    try check(answer, message, readableRows: 0, height: 0)
    let width = Int(header.width)
    let height = Int(header.height)
    guard width > 0, height > 0 else {
      throw ImageError(.damaged(format, detail: "\(width)x\(height) pixels", readableRows: 0, height: 0))
    }
    guard width <= pixelLimit / height else {
      throw ImageError(.tooLarge(width: width, height: height, limit: pixelLimit))
    }
    var rows: Int32 = 0
    let image = Image(width: width, height: height, channels: Int(header.channels)) { pixels in
      answer = Int(
        message.receive { text, capacity in
          switch self {
          case .jpeg: nunchi_jpeg_decode(bytes.baseAddress, bytes.count, &header, pixels, &rows, text, capacity)
          case .png: nunchi_png_decode(bytes.baseAddress, bytes.count, &header, pixels, &rows, text, capacity)
          }
        })
    }
    try check(answer, message, readableRows: Int(rows), height: height)
    return image
  }

  /// - Parameter setting: quality 1...100 of JPEG, level 0...9 of PNG.
  func encode(_ image: Image, setting: Int) throws(ImageError) -> [UInt8] {
    var header = nunchi_image_header(
      width: Int32(image.width), height: Int32(image.height), channels: Int32(image.channels))
    var message = Message()
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let answer = image.bytes.withUnsafeBufferPointer { pixels in
      message.receive { text, capacity in
        let pixels = pixels.baseAddress
        return switch self {
        case .jpeg: nunchi_jpeg_encode(pixels, &header, Int32(setting), &encoded, &count, text, capacity)
        case .png: nunchi_png_encode(pixels, &header, Int32(setting), &encoded, &count, text, capacity)
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

  private func check(_ answer: Int, _ message: Message, readableRows: Int, height: Int) throws(ImageError) {
    switch answer {
    case Int(NUNCHI_CODEC_OK): return
    case Int(NUNCHI_CODEC_ABSENT): throw ImageError(.codecAbsent(format))
    default:
      throw ImageError(.damaged(format, detail: message.text, readableRows: readableRows, height: height))
    }
  }
}

/// The buffer that C writes its message to.
private struct Message {
  private var bytes = [CChar](repeating: 0, count: 256)

  mutating func receive(_ body: (UnsafeMutablePointer<CChar>, Int) -> Int32) -> Int32 {
    bytes.withUnsafeMutableBufferPointer { body($0.baseAddress!, $0.count) }
  }

  var text: String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
