import NunchiImages

/// A picture without symmetry, so that no turn or flip of it looks like another.
func scene(width: Int, height: Int, channels: Int = 3) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for channel in 0..<channels {
        bytes.append(UInt8((x * 7 + y * 29 + channel * 61 + (x * y) % 17 + (x < width / 3 ? 40 : 0)) % 256))
      }
    }
  }
  return Image(width: width, height: height, channels: channels, bytes: bytes)
}

/// A smooth picture, which JPEG keeps to within a few levels.
func gradient(width: Int, height: Int, channels: Int = 3) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for channel in 0..<channels { bytes.append(UInt8(40 + (x * 90 / width) + (y * 60 / height) + 20 * channel)) }
    }
  }
  return Image(width: width, height: height, channels: channels, bytes: bytes)
}

func worstDifference(_ one: Image, _ other: Image) -> Int {
  precondition(one.width == other.width && one.height == other.height && one.channels == other.channels)
  return zip(one.bytes, other.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

/// A writer of every form of PNG, for forms that our encoder does not write. The data is stored uncompressed.
struct PNGWriter {
  var width: Int
  var height: Int
  var bitDepth: Int
  /// PNG's colour type: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
  var colourType: UInt8
  var palette: [UInt8] = []
  var transparency: [UInt8] = []
  /// Chunks written before the data, by name.
  var extra: [(name: String, body: [UInt8])] = []

  /// - Parameter samples: the samples of the pixel (x, y), each of `bitDepth` bits.
  func file(interlaced: Bool = false, _ samples: (Int, Int) -> [Int]) -> [UInt8] {
    var data: [UInt8] = []
    // First column, first row, step across, step down of each pass of Adam7.
    let passes =
      interlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    for (left, top, across, down) in passes where left < width {
      for y in stride(from: top, to: height, by: down) {
        data.append(0)
        var bits: [Int] = []
        for x in stride(from: left, to: width, by: across) {
          for sample in samples(x, y) {
            for bit in (0..<bitDepth).reversed() { bits.append(sample >> bit & 1) }
          }
        }
        for start in stride(from: 0, to: bits.count, by: 8) {
          var byte = 0
          for bit in 0..<8 { byte = byte << 1 | (start + bit < bits.count ? bits[start + bit] : 0) }
          data.append(UInt8(byte))
        }
      }
    }
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += chunk("IHDR", be32(width) + be32(height) + [UInt8(bitDepth), colourType, 0, 0, interlaced ? 1 : 0])
    if !palette.isEmpty { file += chunk("PLTE", palette) }
    if !transparency.isEmpty { file += chunk("tRNS", transparency) }
    for (name, body) in extra { file += chunk(name, body) }
    return file + chunk("IDAT", stored(data)) + chunk("IEND", [])
  }

  private func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + body
    return be32(body.count) + named + be32(Int(crc(named)))
  }

  /// A zlib stream of stored blocks.
  private func stored(_ data: [UInt8]) -> [UInt8] {
    precondition(data.count < 65536)
    var one = 1
    var two = 0
    for byte in data {
      one = (one + Int(byte)) % 65521
      two = (two + one) % 65521
    }
    let count = data.count
    let header: [UInt8] = [
      0x78, 0x01, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255),
    ]
    return header + data + be32(two << 16 | one)
  }

  private func be32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

  private func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
  }
}

/// The error of decoding, or `nil`.
func decodingError(_ bytes: [UInt8], pixelLimit: Int = 100_000_000) -> ImageError? {
  do throws(ImageError) {
    _ = try ImageDecoder(pixelLimit: pixelLimit).decode(bytes)
    return nil
  } catch {
    return error
  }
}
