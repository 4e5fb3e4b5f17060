/// Writes tar archives, also wrong ones.
package struct TarBuilder {
  package struct Member {
    package var name: String
    package var data: [UInt8]
    /// ustar's letter: `0` a file, `5` a folder, `1` and `2` links, `3` a device, `L` and `x` about the next member.
    package var kind: Character
    package var link = ""
    /// What the header says instead of the length of `data`.
    package var size: Int?

    package init(_ name: String, _ data: [UInt8] = [], kind: Character = "0") {
      (self.name, self.data, self.kind) = (name, data, kind)
    }

    /// GNU's name of the next member.
    package static func longName(_ name: String) -> Member {
      Member("././@LongLink", Array(name.utf8) + [0], kind: "L")
    }

    /// POSIX's properties of the next member.
    package static func extended(_ key: String, _ value: String) -> Member {
      let text = " \(key)=\(value)\n"
      // The length counts its own digits.
      let count = (1...7).lazy.map { $0 + text.utf8.count }.first { "\($0)".utf8.count + text.utf8.count == $0 }
      return Member("PaxHeaders/x", Array("\(count!)\(text)".utf8), kind: "x")
    }
  }

  package var members: [Member]
  /// The blocks of zeros that end an archive.
  package var ends = true

  package init(_ members: [Member] = []) { self.members = members }

  package func bytes() -> [UInt8] {
    members.flatMap { header($0) + $0.data + [UInt8](repeating: 0, count: (512 - $0.data.count % 512) % 512) }
      + [UInt8](repeating: 0, count: ends ? 1024 : 0)
  }

  private func header(_ member: Member) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int) { header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(digits - text.count, 0)) + text
    }
    put(member.name, 0)
    put(octal(0o644, 7), 100)
    put(octal(member.size ?? member.data.count, 11), 124)
    put(String(member.kind), 156)
    put(member.link, 157)
    put("ustar\u{0}00", 257)
    put("        ", 148)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", 148)
    return header
  }
}
