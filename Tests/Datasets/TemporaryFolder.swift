import Foundation
import NunchiImages

/// A folder that is removed with the last reference.
final class TemporaryFolder {
  let path: String

  init() throws {
    let base = FileManager.default.temporaryDirectory.path(percentEncoded: false)
    path = (base.hasSuffix("/") ? base : base + "/") + "nunchi-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], _ relative: String) throws {
    let file = path + "/" + relative
    let folder = String(file[..<file.lastIndex(of: "/")!])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file))
  }

  /// Writes one small picture for each name; each has a colour of its own.
  func images(_ names: [String], shade: Int = 0) throws {
    for (index, name) in names.enumerated() { try write(picture(index + shade).encodedPNG(), name) }
  }

  /// Every file below, with its content.
  func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      if let data = FileManager.default.contents(atPath: path + "/" + name) { contents[name] = data }
    }
    return contents
  }
}

/// A small picture that differs from number to number.
func picture(_ number: Int, width: Int = 12, height: Int = 9) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      bytes.append(UInt8((number * 37 + x) % 256))
      bytes.append(UInt8((number / 256 * 11 + y * 9) % 256))
      bytes.append(UInt8((x * y + number) % 256))
    }
  }
  return Image(width: width, height: height, channels: 3, bytes: bytes)
}
