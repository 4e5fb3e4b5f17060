/// A writer of GIF files of one frame, its data uncompressed: a clear code comes before the codes grow.
package struct GIFWriter {
  package var width: Int
  package var height: Int
  /// Red, green, blue of each index; a power of two of them.
  package var palette: [UInt8]
  package var isInterlaced = false
  package var transparent: Int?
  /// The size of the canvas, where the frame does not fill it.
  package var canvas: (width: Int, height: Int)?
  package var left = 0
  package var top = 0

  package init(width: Int, height: Int, palette: [UInt8]) {
    (self.width, self.height, self.palette) = (width, height, palette)
  }

  /// - Parameter index: the palette's index of the pixel (x, y).
  package func file(_ index: (Int, Int) -> Int) -> [UInt8] {
    let bits = max((palette.count / 3 - 1).bitWidth - (palette.count / 3 - 1).leadingZeroBitCount, 1)
    var file = Array("GIF89a".utf8)
    file += littleEndian(canvas?.width ?? width, 2) + littleEndian(canvas?.height ?? height, 2)
    file += [UInt8(0x80 | bits - 1), 0, 0] + palette
    if let transparent { file += [0x21, 0xF9, 4, 1, 0, 0, UInt8(transparent), 0] }
    file += [0x2C] + littleEndian(left, 2) + littleEndian(top, 2) + littleEndian(width, 2) + littleEndian(height, 2)
    file.append(isInterlaced ? 0x40 : 0)
    let rows =
      isInterlaced
      ? [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0.0, to: height, by: $0.1)) }
      : Array(0..<height)
    let depth = max(bits, 2)
    file.append(UInt8(depth))
    let data = codes(rows.flatMap { y in (0..<width).map { index($0, y) } }, depth: depth)
    for start in stride(from: 0, to: data.count, by: 255) {
      let block = data[start..<min(start + 255, data.count)]
      file += [UInt8(block.count)] + block
    }
    return file + [0, 0x3B]
  }

  /// Codes of `depth` + 1 bits, packed from the low bit.
  private func codes(_ indices: [Int], depth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var (word, filled) = (0, 0)
    func put(_ code: Int) {
      word |= code << filled
      filled += depth + 1
      while filled >= 8 {
        bytes.append(UInt8(word & 255))
        word >>= 8
        filled -= 8
      }
    }
    for (place, index) in indices.enumerated() {
      if place % (1 << depth - 2) == 0 { put(1 << depth) }
      put(index)
    }
    put(1 << depth + 1)
    return bytes + (filled > 0 ? [UInt8(word & 255)] : [])
  }
}
