/// A writer of every form of PNG, for forms that our encoder does not write. The data is stored uncompressed.
package struct PNGWriter {
  package var width: Int
  package var height: Int
  package var bitDepth: Int
  /// PNG's colour type: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA.
  package var colourType: UInt8
  package var palette: [UInt8] = []
  package var transparency: [UInt8] = []
  /// Chunks written before the data, by name.
  package var extra: [(name: String, body: [UInt8])] = []
  /// Chunks written behind the data.
  package var trailing: [(name: String, body: [UInt8])] = []

  package init(
    width: Int, height: Int, bitDepth: Int, colourType: UInt8, palette: [UInt8] = [], transparency: [UInt8] = []
  ) {
    (self.width, self.height, self.bitDepth, self.colourType) = (width, height, bitDepth, colourType)
    (self.palette, self.transparency) = (palette, transparency)
  }

  /// - Parameter samples: the samples of the pixel (x, y), each of `bitDepth` bits.
  package func file(interlaced: Bool = false, _ samples: (Int, Int) -> [Int]) -> [UInt8] {
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
    file += chunk("IDAT", Self.stored(data))
    for (name, body) in trailing { file += chunk(name, body) }
    return file + chunk("IEND", [])
  }

  private func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + body
    return be32(body.count) + named + be32(Int(crc(named)))
  }

  /// A zlib stream of stored blocks.
  package static func stored(_ data: [UInt8]) -> [UInt8] {
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
    return header + data + bigEndian(two << 16 | one, 4)
  }

  private func be32(_ value: Int) -> [UInt8] { bigEndian(value, 4) }

  /// The file with the right checksum behind every chunk as far as its lengths lead: what was changed inside is looked at
  /// by more than the check.
  package static func withChecksums(_ file: [UInt8]) -> [UInt8] {
    var file = file
    var position = 8
    while position + 12 <= file.count {
      let length = file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = position + 8 + length
      guard end + 4 <= file.count else { break }
      file.replaceSubrange(end..<end + 4, with: bigEndian(Int(crc(file[position + 4..<end])), 4))
      position = end + 4
    }
    return file
  }
}

/// PNG's checksum of a chunk's name and body.
private func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(UInt32.max) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
  }
}

/// A number in `count` bytes, the high one first.
package func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
}

/// A number in `count` bytes, the low one first.
package func littleEndian(_ value: Int, _ count: Int) -> [UInt8] { bigEndian(value, count).reversed() }
