/// A writer of BMP files of every kind of header.
package struct BMPWriter {
  package var width: Int
  /// Negative: the first row is the top one.
  package var height: Int
  package var bits: Int
  /// 12 for OS/2's core header, 40, 52, 56, 108 or 124.
  package var headerSize = 40
  /// 0 none, 1 runs of eight bits, 2 runs of four, 3 bit fields.
  package var compression = 0
  /// Red, green, blue of each index.
  package var palette: [UInt8] = []
  /// Red, green, blue and alpha.
  package var masks: [Int] = []

  package init(width: Int, height: Int, bits: Int) {
    (self.width, self.height, self.bits) = (width, height, bits)
  }

  /// The file with these bytes behind its headers.
  package func file(data: [UInt8]) -> [UInt8] {
    let isCore = headerSize == 12
    var header = littleEndian(headerSize, 4)
    if isCore {
      header += littleEndian(width, 2) + littleEndian(height, 2) + littleEndian(1, 2) + littleEndian(bits, 2)
    } else {
      header += littleEndian(width, 4) + littleEndian(height, 4) + littleEndian(1, 2) + littleEndian(bits, 2)
      header += littleEndian(compression, 4) + littleEndian(data.count, 4) + [UInt8](repeating: 0, count: 8)
      header += littleEndian(palette.count / 3, 4) + littleEndian(0, 4)
      header += masks.prefix(headerSize == 40 ? 3 : 4).flatMap { littleEndian($0, 4) }
      header += [UInt8](repeating: 0, count: max(headerSize - header.count, 0))
    }
    for entry in stride(from: 0, to: palette.count, by: 3) {
      header += palette[entry..<entry + 3].reversed() + (isCore ? [] : [0])
    }
    let start = 14 + header.count
    return Array("BM".utf8) + littleEndian(start + data.count, 4) + littleEndian(0, 4) + littleEndian(start, 4) + header
      + data
  }

  /// - Parameter word: the bits of the pixel (x, y), y from the top.
  package func file(_ word: (Int, Int) -> Int) -> [UInt8] {
    let rows = abs(height)
    let data = (0..<rows).flatMap { row in
      let y = height < 0 ? row : rows - 1 - row
      var bytes: [UInt8] = []
      if bits < 8 {
        for start in stride(from: 0, to: width, by: 8 / bits) {
          bytes.append(
            (0..<8 / bits).reduce(0) { $0 << UInt8(bits) | (start + $1 < width ? UInt8(word(start + $1, y)) : 0) })
        }
      } else {
        bytes = (0..<width).flatMap { littleEndian(word($0, y), bits / 8) }
      }
      return bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }
    return file(data: data)
  }
}
