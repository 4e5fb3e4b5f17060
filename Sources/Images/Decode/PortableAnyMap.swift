/// The binary forms of PNM: P5 (gray) and P6 (colour), 8 or 16 bits.
enum PortableAnyMap {
  static func decode(_ bytes: [UInt8], pixelLimit: Int) throws(ImageError) -> Image {
    func damaged(_ detail: String, rows: Int = 0, height: Int = 0) -> ImageError {
      ImageError(.damaged(.pnm, detail: detail, readableRows: rows, height: height))
    }
    let kind = bytes[1]
    guard kind == UInt8(ascii: "5") || kind == UInt8(ascii: "6") else { throw ImageError(.unsupported(.pnm)) }
    var position = 2
    guard let width = number(bytes, &position), let height = number(bytes, &position),
      let maximum = number(bytes, &position), width > 0, height > 0, (1...65535).contains(maximum)
    else { throw damaged("sizes and maximum must be positive numbers") }
    guard width <= pixelLimit / height else {
      throw ImageError(.tooLarge(width: width, height: height, limit: pixelLimit))
    }
    position += 1
    let channels = kind == UInt8(ascii: "5") ? 1 : 3
    let sampleBytes = maximum > 255 ? 2 : 1
    let rowBytes = width * channels * sampleBytes
    let available = max(bytes.count - position, 0)
    guard available >= rowBytes * height else {
      throw damaged("the file ends too early", rows: available / rowBytes, height: height)
    }
    return Image(width: width, height: height, channels: channels) { output in
      bytes.withUnsafeBufferPointer { input in
        let samples = input.baseAddress! + position
        for index in 0..<width * height * channels {
          let value =
            sampleBytes == 1 ? Int(samples[index]) : Int(samples[2 * index]) << 8 | Int(samples[2 * index + 1])
          output[index] = UInt8((min(value, maximum) * 255 + maximum / 2) / maximum)
        }
      }
    }
  }

  /// The next number of the header; `#` begins a comment that ends with the line.
  private static func number(_ bytes: [UInt8], _ position: inout Int) -> Int? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
        position += 1
      } else {
        break
      }
    }
    let start = position
    while position < bytes.count, position - start < 9, (0x30...0x39).contains(bytes[position]) { position += 1 }
    return Int(String(decoding: bytes[start..<position], as: UTF8.self))
  }
}
