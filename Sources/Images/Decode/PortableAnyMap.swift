/// PNM: P1 to P3 (text), P4 to P6 (binary) and P7 (PAM) with 1 to 4 samples a pixel, of 1 to 16 bits each. Alpha lies over
/// white.
struct PortableAnyMap {
  /// How the samples are written.
  enum Samples {
    /// Numbers in words; `bits`: single digits without a space between them, 1 is black.
    case text(bits: Bool)
    /// Eight pixels a byte, 1 is black.
    case bits
    /// One byte a sample, or two, the high one first.
    case bytes(Int)
  }

  let width: Int
  let height: Int
  /// Of the file: gray, gray and alpha, colour, colour and alpha.
  let depth: Int
  let maximum: Int
  let samples: Samples
  /// Where the samples begin in the file.
  let start: Int

  private var channels: Int { depth < 3 ? 1 : 3 }

  var stored: StoredPicture {
    switch samples {
    case .bits: StoredPicture(width: width, height: height, channels: channels, pixelsPerByte: 8)
    case .text, .bytes: StoredPicture(width: width, height: height, channels: channels, pixelsPerByte: 1)
    }
  }

  init(_ bytes: [UInt8]) throws(ImageError) {
    var header = HeaderReader(bytes: bytes, position: 2)
    let kind = Int(bytes[1]) - Int(UInt8(ascii: "0"))
    if kind == 7 {
      let fields = try Self.fields(&header)
      (width, height, depth, maximum) = (fields.width, fields.height, fields.depth, fields.maximum)
    } else {
      depth = kind % 3 == 0 ? 3 : 1
      guard let width = header.number(), let height = header.number() else { throw Self.damaged() }
      (self.width, self.height) = (width, height)
      if kind == 1 || kind == 4 {
        maximum = 1
      } else {
        guard let found = header.number() else { throw Self.damaged() }
        maximum = found
      }
      header.position += 1
    }
    guard width > 0, height > 0, (1...65535).contains(maximum), (1...4).contains(depth) else { throw Self.damaged() }
    start = header.position
    switch kind {
    case 1, 2, 3: samples = .text(bits: kind == 1)
    case 4: samples = .bits
    default: samples = .bytes(maximum > 255 ? 2 : 1)
    }
  }

  /// Of text, the least that a row takes.
  private var rowBytes: Int {
    switch samples {
    case .text(let bits): bits ? width : 2 * width * depth - 1
    case .bits: (width + 7) / 8
    case .bytes(let size): width * depth * size
    }
  }

  private static func damaged(
    _ detail: String = "sizes and maximum must be positive numbers", rows: Int = 0, of height: Int = 0
  ) -> ImageError {
    ImageError(.damaged(.pnm, detail: detail, readableRows: rows, height: height))
  }

  /// The lines of PAM's header: a name and its value each.
  private static func fields(
    _ header: inout HeaderReader
  ) throws(ImageError) -> (width: Int, height: Int, depth: Int, maximum: Int) {
    var found: [String: Int] = [:]
    while let name = header.word() {
      if name == "ENDHDR" {
        header.position += 1
        guard let width = found["WIDTH"], let height = found["HEIGHT"], let depth = found["DEPTH"],
          let maximum = found["MAXVAL"]
        else { break }
        return (width, height, depth, maximum)
      }
      // The kind of tuple follows from the depth.
      guard let value = name == "TUPLTYPE" ? header.word().map({ _ in 0 }) : header.number() else { break }
      found[name] = value
    }
    throw damaged()
  }

  // MARK: Pixels

  func decode(_ bytes: [UInt8], to pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    let rows = max(bytes.count - start, 0) / rowBytes
    guard rows >= height else { throw Self.damaged("the file ends too early", rows: rows, of: height) }
    switch samples {
    case .text(let bits): try decodeText(bytes, bits: bits, to: pixels)
    case .bits:
      for y in 0..<height {
        for x in 0..<width {
          let isBlack = bytes[start + y * rowBytes + x / 8] >> UInt8(7 - x % 8) & 1 == 1
          pixels[y * width + x] = isBlack ? 0 : 255
        }
      }
    case .bytes(let size):
      for pixel in 0..<width * height {
        write(pixel, to: pixels) { sample in
          let place = start + (pixel * depth + sample) * size
          return size == 1 ? Int(bytes[place]) : Int(bytes[place]) << 8 | Int(bytes[place + 1])
        }
      }
    }
  }

  private func decodeText(
    _ bytes: [UInt8], bits: Bool, to pixels: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    var reader = HeaderReader(bytes: bytes, position: start)
    var numbers = [0, 0, 0]
    for pixel in 0..<width * height {
      for sample in 0..<depth {
        guard let number = bits ? reader.digit() : reader.number() else {
          throw Self.damaged("a number is missing", rows: pixel / width, of: height)
        }
        numbers[sample] = bits ? 1 - min(number, 1) : number
      }
      write(pixel, to: pixels) { numbers[$0] }
    }
  }

  /// Scales the samples to eight bits: ⌊255·value / maximum + ½⌋.
  private func write(_ pixel: Int, to pixels: UnsafeMutablePointer<UInt8>, _ sample: (Int) -> Int) {
    func scaled(_ index: Int) -> Int { (min(sample(index), maximum) * 255 + maximum / 2) / maximum }
    let hasAlpha = depth == channels + 1
    let alpha = hasAlpha ? scaled(channels) : 255
    for channel in 0..<channels {
      let value = scaled(channel)
      pixels[pixel * channels + channel] = hasAlpha ? overWhite(value, alpha) : UInt8(value)
    }
  }
}

/// Words and numbers between white space; `#` begins a comment that ends with the line.
private struct HeaderReader {
  let bytes: [UInt8]
  var position: Int

  private mutating func skipSpace() {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  /// A number of at most nine digits.
  mutating func number() -> Int? {
    skipSpace()
    var value: Int?
    var digits = 0
    while digits < 9, let next = peekDigit() {
      value = (value ?? 0) * 10 + next
      position += 1
      digits += 1
    }
    return value
  }

  mutating func digit() -> Int? {
    skipSpace()
    guard let digit = peekDigit() else { return nil }
    position += 1
    return digit
  }

  mutating func word() -> String? {
    skipSpace()
    let start = position
    while position < bytes.count, position - start < 64, bytes[position] > 0x20 { position += 1 }
    return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
  }

  private func peekDigit() -> Int? {
    guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
    return Int(bytes[position]) - 0x30
  }
}
