/// A TIFF structure that holds the orientation after another entry.
package func exif(orientation: Int, bigEndian: Bool) -> [UInt8] {
  func number(_ value: Int, _ count: Int) -> [UInt8] {
    let bytes = littleEndian(value, count)
    return bigEndian ? bytes.reversed() : bytes
  }
  let start: [UInt8] = bigEndian ? [0x4D, 0x4D] : [0x49, 0x49]
  var bytes = start + number(42, 2) + number(8, 4) + number(2, 2)
  bytes += number(256, 2) + number(3, 2) + number(1, 4) + number(99, 2) + number(0, 2)
  bytes += number(274, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + number(0, 2)
  return bytes + number(0, 4)
}
