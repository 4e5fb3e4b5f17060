/// One entry of a zip archive's directory.
struct ZipRecord {
  static let fixedBytes = 46

  /// Where the next entry begins.
  let end: Int
  private let directory: ZipDirectory
  private let flags: Int
  private let method: Int
  private let checksum: Int
  private let packedSize: Int
  private let size: Int
  private let offset: Int
  private let rawName: [UInt8]
  private let name: ZipName
  /// The kind bits of Unix permissions; 0 where the archive comes from elsewhere.
  private let unixKind: Int

  init(_ directory: ZipDirectory, at position: Int, before limit: Int) throws(DatasetError) {
    self.directory = directory
    let mark = position <= limit - Self.fixedBytes ? try directory.number(position, 4) : 0
    guard mark == 0x0201_4B50 else {
      throw directory.damage("its directory lists fewer members than it says")
    }
    let nameBytes = try directory.number(position + 28, 2)
    let extraStart = position + Self.fixedBytes + nameBytes
    let extraEnd = try extraStart + directory.number(position + 30, 2)
    end = try extraEnd + directory.number(position + 32, 2)
    guard end <= limit else { throw directory.damage("its directory breaks off") }
    flags = try directory.number(position + 8, 2)
    method = try directory.number(position + 10, 2)
    checksum = try directory.number(position + 16, 4)
    let host = try directory.number(position + 5, 1)
    unixKind = host == 3 || host == 19 ? try directory.number(position + 40, 2) & 0xF000 : 0
    rawName = try directory.text(position + Self.fixedBytes..<extraStart)
    let extra = try directory.text(extraStart..<extraEnd)
    name = ZipName(rawName, isUTF8: flags & 0x800 != 0, extra: extra, isDOS: host == 0)

    // What does not fit 32 bits stands in the extra field, in this order.
    var large = ZipName.field(1, in: extra)[...]
    func wide(_ value: Int) throws(DatasetError) -> Int {
      guard value == 0xFFFF_FFFF else { return value }
      guard large.count >= 8 else { throw directory.damage("a ZIP64 size is missing") }
      let number = large.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      large = large.dropFirst(8)
      guard let value = Int(exactly: number) else { throw directory.damage("a size that no file has") }
      return value
    }
    size = try wide(directory.number(position + 24, 4))
    packedSize = try wide(directory.number(position + 20, 4))
    offset = try wide(directory.number(position + 42, 4))
  }

  /// Where the member lies with its own header. `end`: what no member may reach.
  func range(shift: Int, end: Int) throws(DatasetError) -> Range<Int> {
    guard offset <= end - shift - 30 else { throw directory.damage("'\(name.shown)' lies outside the file") }
    let start = offset + shift
    let mark = try directory.number(start, 4)
    guard mark == 0x0403_4B50 else {
      throw directory.damage("'\(name.shown)' is not where the directory says")
    }
    let nameBytes = try directory.number(start + 26, 2)
    let data = try start + 30 + nameBytes + directory.number(start + 28, 2)
    guard data <= end, packedSize <= end - data else { throw directory.damage("'\(name.shown)' breaks off") }
    let local = (try directory.text(start + 30..<start + 30 + nameBytes), try directory.number(start + 8, 2))
    guard local == (rawName, method) else { throw directory.damage("'\(name.shown)' contradicts the directory") }
    return start..<data + packedSize
  }

  func member(packedIn range: Range<Int>) throws(DatasetError) -> ZipArchive.Member {
    guard flags & 0x2041 == 0 else { throw directory.refusal("members without a password", "'\(name.shown)'") }
    guard let known = ZipArchive.Method(rawValue: method) else {
      throw directory.refusal("members that are stored or deflated", "'\(name.shown)' packed by method \(method)")
    }
    guard unixKind == 0 || unixKind == 0x8000 || unixKind == 0x4000 else {
      throw directory.refusal(
        "files and folders", unixKind == 0xA000 ? "the link '\(name.shown)'" : "the device '\(name.shown)'")
    }
    let path = try safePath()
    // Deflate makes at most 1,032 bytes of one.
    guard known == .deflated ? size / 1032 <= packedSize : size == packedSize else {
      throw directory.damage("'\(name.shown)' cannot have the size that it says")
    }
    return ZipArchive.Member(
      path: path, isFolder: name.text.hasSuffix("/") || unixKind == 0x4000, method: known,
      packed: range.upperBound - packedSize..<range.upperBound, size: size, checksum: UInt32(checksum))
  }

  private func safePath() throws(DatasetError) -> String {
    guard name.isText else { throw directory.refusal("names in UTF-8", "'\(name.shown)'") }
    guard let path = ArchivePath.safe(name.text) else {
      throw directory.refusal("paths inside the archive", "'\(name.shown)'")
    }
    return path
  }
}
