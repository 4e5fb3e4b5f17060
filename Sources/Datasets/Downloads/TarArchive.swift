/// The files of a tar archive in memory (POSIX ustar and pax, GNU's long names).
struct TarArchive {
  struct Member {
    let path: String
    let range: Range<Int>
  }

  let members: [Member]
  private static let block = 512

  init(_ bytes: [UInt8], path: String) throws(DatasetError) {
    var members: [Member] = []
    var seen: Set<String> = []
    var position = 0
    var override = Override()
    while position + Self.block <= bytes.count {
      let header = bytes[position..<position + Self.block]
      if header.allSatisfy({ $0 == 0 }) { break }
      let record = try Header(header, path: path)
      let start = position + Self.block
      let size = override.size ?? record.size
      guard size <= bytes.count - start else { throw Self.damage("it breaks off", path) }
      position = start + (size + Self.block - 1) / Self.block * Self.block
      let data = bytes[start..<start + size]
      if override.take(record.kind, data) { continue }
      let name = override.path ?? record.name
      override = Override()
      guard let safe = ArchivePath.safe(name) else {
        // Many archives list their own top folder.
        if record.kind == .folder, name.allSatisfy({ $0 == "." || $0 == "/" }), name.hasPrefix(".") { continue }
        throw Self.refusal("paths inside the archive", "'\(ArchivePath.shown(name))'", path)
      }
      switch record.kind {
      case .folder: break
      case .file:
        guard seen.insert(safe).inserted else { throw Self.refusal("each path once", "'\(safe)' twice", path) }
        members.append(Member(path: safe, range: start..<start + size))
      case .longName, .extended, .shared: break
      case .other: throw Self.refusal("files and folders", "the link or device '\(ArchivePath.shown(name))'", path)
      }
    }
    self.members = members
  }

  private static func damage(_ found: String, _ path: String) -> DatasetError {
    DatasetError(.damagedFile(expected: "a whole tar archive", found: found), path: path)
  }

  private static func refusal(_ expected: String, _ found: String, _ path: String) -> DatasetError {
    DatasetError(.refusedArchive(expected: expected, found: found), path: path)
  }

  private enum Kind {
    case file, folder
    /// GNU's name of the next member; pax's properties of the next member, and of all.
    case longName, extended, shared
    case other
  }

  /// What a record before a member says about it.
  private struct Override {
    var path: String?
    var size: Int?

    /// Whether the record was one of these.
    mutating func take(_ kind: Kind, _ data: ArraySlice<UInt8>) -> Bool {
      switch kind {
      case .file, .folder, .other: return false
      case .shared: return true
      case .longName: path = String(decoding: data.prefix { $0 != 0 }, as: UTF8.self)
      case .extended:
        // Lines "length key=value\n", the length counting itself.
        var rest = data
        while let space = rest.firstIndex(of: 0x20), let count = Int(String(decoding: rest[..<space], as: UTF8.self)),
          count > space - rest.startIndex + 1, count <= rest.count
        {
          let line = String(decoding: rest[(space + 1)..<(rest.startIndex + count - 1)], as: UTF8.self)
          if line.hasPrefix("path=") { path = String(line.dropFirst(5)) }
          if line.hasPrefix("size="), let value = Int(line.dropFirst(5)), value >= 0 { size = value }
          rest = rest[(rest.startIndex + count)...]
        }
      }
      return true
    }
  }

  private struct Header {
    let name: String
    let size: Int
    let kind: Kind

    init(_ bytes: ArraySlice<UInt8>, path: String) throws(DatasetError) {
      let bytes = Array(bytes)
      let sum = bytes.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[$1])) }
      guard Self.octal(bytes[148..<156]) == sum, let size = Self.octal(bytes[124..<136]) else {
        throw TarArchive.damage("a header that contradicts its checksum", path)
      }
      self.size = size
      let isPOSIX = bytes[257..<262].elementsEqual("ustar".utf8) && bytes[262] == 0
      let prefix = isPOSIX ? Self.text(bytes[345..<500]) : ""
      name = (prefix.isEmpty ? "" : prefix + "/") + Self.text(bytes[0..<100])
      kind =
        switch bytes[156] {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): name.hasSuffix("/") ? .folder : .file
        case UInt8(ascii: "5"): .folder
        case UInt8(ascii: "L"): .longName
        case UInt8(ascii: "x"): .extended
        case UInt8(ascii: "g"): .shared
        default: .other
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func octal(_ bytes: ArraySlice<UInt8>) -> Int? {
      let digits = text(bytes).filter { $0 != " " }
      return digits.isEmpty ? 0 : Int(digits, radix: 8).flatMap { $0 >= 0 ? $0 : nil }
    }
  }
}
