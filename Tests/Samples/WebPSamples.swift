import Foundation

/// WebP files, written by libwebp: the picture of 8x6 pixels (30 x, 40 y, 15 (x + y)), and a gradient of 32x24.
package enum WebPSamples {
  package static let lossless = bytes("UklGRioAAABXRUJQVlA4TB4AAAAvB0ABALmM6H/sIqL/ASEBYY7/GyULxmMeYgKAWzc=")

  /// Alpha 128 in the first row, below it 0 in the left half and 255 in the right one.
  package static let transparent = bytes(
    "UklGRjgAAABXRUJQVlA4TCsAAAAvB0ABELmM6H/sIqL/YVDQtg0TOOWPcZdBNB7zIBAgpFNuAiCmjqq8GnkDAA==")

  /// With an `EXIF` chunk: orientation 6.
  package static let turned = bytes(
    "UklGRl4AAABXRUJQVlA4WAoAAAAIAAAABwAABQAAVlA4TB4AAAAvB0ABALmM6H/sIqL/ASEBYY7/GyULxmMeYgKAWzdFWElGGgAAAE1NACoAAAAI"
      + "AAEBEgADAAAAAQAGAAAAAAAA")

  /// The gradient (40 + 4x, 60 + 5y, 90 + x + y).
  package static let lossy = bytes(
    "UklGRngAAABXRUJQVlA4IGwAAACQBACdASogABgAPmUkj0WwoaEb/VQBCAZEsgBOmZJdACTRNhWFkDTix5qRbzAA/vhoFH5ZJbv05pp41oUleaDe"
      + "Jebfm/o9weANg8+Oqo/UUdJLKBaS+U5oeJ6G2YK72VPMDwPL3jEkC7Og8AA=")

  /// The gradient with an alpha of 8x.
  package static let lossyTransparent = bytes(
    "UklGRqwAAABXRUJQVlA4WAoAAAAQAAAAHwAAFwAAQUxQSBMAAAAFDzAIERFCIJD4S5/AABH9j/AGAFZQOCByAAAA0AQAnQEqIAAYAD5lJJBFsKIh"
      + "m/1UAQgGRLIATpmyAaSJxfocq5/pNOX3I+39ZwAA/veYjvoUqk2/o0e71zl6Quc0IGM951EQv0POTp9WV7Ud1/F5L+saYnsU9wKhj9JUp+A5U9YO"
      + "WvXl9uOHQ6J4AAAA")

  /// An animation whose first frame, `lossless`, lies at (2, 4) of a canvas of 12x10, and a second one of the same.
  package static var animation: [UInt8] {
    let stream = Array(lossless[12...])
    let place = littleEndian(1, 3) + littleEndian(2, 3) + littleEndian(7, 3) + littleEndian(5, 3)
    let frame = chunk("ANMF", place + littleEndian(100, 3) + [0] + stream)
    let canvas = [0x02, 0, 0, 0] + littleEndian(11, 3) + littleEndian(9, 3)
    let body = chunk("VP8X", canvas) + chunk("ANIM", [0, 0, 0, 0, 0, 0]) + frame + frame
    return Array("RIFF".utf8) + littleEndian(body.count + 4, 4) + Array("WEBP".utf8) + body
  }

  private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    Array(name.utf8) + littleEndian(body.count, 4) + body + (body.count % 2 == 1 ? [0] : [])
  }

  private static func bytes(_ text: String) -> [UInt8] { [UInt8](Data(base64Encoded: text)!) }
}
