/// Writes zip archives, also wrong ones.
package struct ZipBuilder {
  package struct Member {
    package var name: [UInt8]
    package var data: [UInt8] = []
    package var method = 0
    package var flags = 0x800
    package var host = 3
    package var mode = 0o100644
    package var extra: [UInt8] = []
    package var checksum: UInt32?
    /// What the directory says instead of the length of `data`.
    package var size: Int?
    package var hasDescriptor = false
    package var isLarge = false

    package init(_ name: String, _ data: [UInt8] = [], method: Int = 0) {
      self.name = Array(name.utf8)
      self.data = data
      self.method = method
    }
  }

  package var members: [Member] = []
  package var before: [UInt8] = []
  package var comment: [UInt8] = []
  package var isLarge = false

  package init(_ members: [Member] = []) { self.members = members }

  package func bytes() -> [UInt8] {
    var output = before
    var directory: [UInt8] = []
    for member in members {
      let offset = output.count - before.count
      let packed = member.method == 8 ? Self.deflated(member.data) : member.data
      let flags = member.flags | (member.hasDescriptor ? 8 : 0)
      let crc = Self.number(Int(member.checksum ?? Self.crc(member.data)), 4)
      let (small, size) = (packed.count, member.size ?? member.data.count)
      let sizes = crc + Self.number(small, 4) + Self.number(size, 4)
      let head = Self.number(flags, 2) + Self.number(member.method, 2) + Self.number(0, 4)
      output += [0x50, 0x4B, 3, 4, 20, 0] + head + (member.hasDescriptor ? Self.number(0, 12) : sizes)
      output += Self.number(member.name.count, 2) + Self.number(0, 2) + member.name + packed
      if member.hasDescriptor { output += [0x50, 0x4B, 7, 8] + sizes }
      var extra = member.extra
      var shown = (sizes, offset)
      if member.isLarge {
        extra += Self.number(1, 2) + Self.number(24, 2) + Self.number(size, 8) + Self.number(small, 8)
        extra += Self.number(offset, 8)
        shown = (crc + Self.number(0xFFFF_FFFF, 4) + Self.number(0xFFFF_FFFF, 4), 0xFFFF_FFFF)
      }
      directory += [0x50, 0x4B, 1, 2, 20, UInt8(member.host), 20, 0] + head + shown.0
      directory += Self.number(member.name.count, 2) + Self.number(extra.count, 2) + Self.number(0, 6)
      directory += Self.number(0, 2) + Self.number(member.mode, 2) + Self.number(shown.1, 4) + member.name + extra
    }
    return output + directory + end(start: output.count - before.count, size: directory.count)
  }

  private func end(start: Int, size: Int) -> [UInt8] {
    let count = members.count
    let last = Self.number(comment.count, 2) + comment
    guard isLarge else {
      return [0x50, 0x4B, 5, 6] + Self.number(0, 4) + Self.number(count, 2) + Self.number(count, 2)
        + Self.number(size, 4) + Self.number(start, 4) + last
    }
    var bytes: [UInt8] = [0x50, 0x4B, 6, 6] + Self.number(44, 8) + Self.number(45, 2) + Self.number(45, 2)
    bytes += Self.number(0, 8) + Self.number(count, 8) + Self.number(count, 8) + Self.number(size, 8)
    bytes += Self.number(start, 8)
    bytes += [0x50, 0x4B, 6, 7] + Self.number(0, 4) + Self.number(start + size, 8) + Self.number(1, 4)
    return bytes + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + last
  }

  package static func number(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
  }

  package static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
  }

  /// Deflate with the fixed code: literals, and runs of 258 equal bytes.
  package static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var (output, buffer, held) = ([UInt8](), 0, 0)
    func put(_ value: Int, _ bits: Int) {
      buffer |= value << held
      held += bits
      while held >= 8 {
        output.append(UInt8(truncatingIfNeeded: buffer))
        (buffer, held) = (buffer >> 8, held - 8)
      }
    }
    func code(_ value: Int, _ bits: Int) { for bit in (0..<bits).reversed() { put(value >> bit & 1, 1) } }
    put(3, 3)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if index > 0, index + 258 <= bytes.count, bytes[index - 1..<index + 258].allSatisfy({ $0 == byte }) {
        code(0xC5, 8)
        code(0, 5)
        index += 258
        continue
      }
      if byte < 144 { code(0x30 + Int(byte), 8) } else { code(0x190 + Int(byte) - 144, 9) }
      index += 1
    }
    code(0, 7)
    put(0, 7)
    return output
  }

  /// A gzip file.
  package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflated(bytes) + number(Int(crc(bytes)), 4) + number(bytes.count, 4)
  }
}
