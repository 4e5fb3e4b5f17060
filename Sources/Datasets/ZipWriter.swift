import NunchiCodecs
import NunchiSystem

/// Writes a zip archive of stored members, one after another, with ZIP64 where numbers need it.
struct ZipWriter {
  private let file: OpenFile
  /// Where the next member begins.
  private var position = 0
  private var directory: [UInt8] = []
  private var count = 0

  /// - Parameter file: written from its start.
  init(_ file: OpenFile) { self.file = file }

  /// What an archive of these members takes at most, beside their bytes.
  static func overhead(_ paths: some Sequence<String>) -> Int {
    paths.reduce(end) { $0 + 2 * $1.utf8.count + local + central + 2 * wide }
  }

  private static let (local, central, wide, end) = (30, 46, 28, 98)
  private static let most16 = 0xFFFF
  private static let most32 = 0xFFFF_FFFF

  mutating func add(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    let name = Array(path.utf8)
    precondition(name.count <= Self.most16, "a path of \(name.count) bytes does not fit a zip archive")
    let checksum = bytes.withUnsafeBufferPointer { nunchi_crc32($0.baseAddress, $0.count) }
    // Version 4.5, a name in UTF-8, stored, no time.
    let head: [UInt8] = [45, 0, 0, 8, 0, 0] + number(0, 2) + number(0x21, 2) + number(Int(checksum), 4)
    let isLong = bytes.count >= Self.most32
    let size = number(isLong ? Self.most32 : bytes.count, 4)
    let sizes = isLong ? number(bytes.count, 8) + number(bytes.count, 8) : []
    let start = [0x50, 0x4B, 3, 4] + head + size + size + number(name.count, 2)
    let extra = sizes.isEmpty ? [] : number(1, 2) + number(sizes.count, 2) + sizes
    try write(start + number(extra.count, 2) + name + extra)

    let isFar = position >= Self.most32
    let wide = sizes + (isFar ? number(position, 8) : [])
    let more = wide.isEmpty ? [] : number(1, 2) + number(wide.count, 2) + wide
    directory += [0x50, 0x4B, 1, 2, 45, 3] + head + size + size + number(name.count, 2) + number(more.count, 2)
    directory += number(0, 6) + number(0, 2) + number(0o100644, 2) + number(isFar ? Self.most32 : position, 4)
    directory += name + more
    try write(bytes)
    position += start.count + 2 + name.count + extra.count + bytes.count
    count += 1
  }

  /// Writes the directory, after which nothing is added.
  func finish() throws(FileError) {
    var end: [UInt8] = []
    if count >= Self.most16 || directory.count >= Self.most32 || position >= Self.most32 {
      end += [0x50, 0x4B, 6, 6] + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8)
      end += number(count, 8) + number(count, 8) + number(directory.count, 8) + number(position, 8)
      end += [0x50, 0x4B, 6, 7] + number(0, 4) + number(position + directory.count, 8) + number(1, 4)
    }
    let shown = number(min(count, Self.most16), 2)
    end += [0x50, 0x4B, 5, 6] + number(0, 4) + shown + shown + number(min(directory.count, Self.most32), 4)
    end += number(min(position, Self.most32), 4) + number(0, 2)
    try write(directory + end)
  }

  private func write(_ bytes: [UInt8]) throws(FileError) {
    let result = bytes.withUnsafeBytes { bytes in Result { () throws(FileError) in try file.write(bytes) } }
    try result.get()
  }

  private func number(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
