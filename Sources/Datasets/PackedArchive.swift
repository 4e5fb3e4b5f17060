import NunchiCodecs
import NunchiImages
import NunchiSystem

/// A tar or 7z archive, plain or compressed, over a mapped file. Opening one goes through all its headers and refuses what
/// is not safe, before anything is taken out of it; members are then read best in their order, one after another.
///
/// A file that another program shortens while it is mapped ends this program.
package final class PackedArchive {
  package struct Member {
    /// With `/` between its parts, none of them empty, `.` or `..`.
    package let path: String
    package let size: Int
    /// Its number among all that the archive lists, folders too.
    fileprivate let place: Int
  }

  let path: String
  /// The files, in the order of the archive.
  package let members: [Member]
  private let file: MappedFile
  private let limits: ArchiveLimits
  /// What is being read, and the number of its next member.
  private var stream: ArchiveStream?
  private var next = 0

  /// - Parameter shown: what messages call the archive.
  package init(
    path: String, shownAs shown: String? = nil, limits: ArchiveLimits = ArchiveLimits()
  ) throws(DatasetError) {
    let shown = shown ?? path
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw DatasetError(.file(error.reason), path: shown)
    }
    (self.path, self.limits) = (shown, limits)
    try Self.checkGzip(file, limits, shown)
    members = try Self.members(ArchiveStream(file, path: shown, limits: limits), limits, file.count)
  }

  /// Whether a file begins like a tar or 7z archive or like a compressed file, or is named like a tar archive.
  package static func begins(_ start: [UInt8], path: String) -> Bool {
    let name = path.lowercased()
    return magics.contains { start.starts(with: $0) } || start.dropFirst(257).starts(with: "ustar".utf8)
      || name.hasSuffix(".tar") || name.hasSuffix(".tar.part")
  }

  /// How many bytes `begins` looks at.
  package static let signatureBytes = 262

  /// Of 7z; gzip, bzip2, xz, lzma, zstd, lz4.
  private static let magics: [[UInt8]] = [
    [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], [0x1F, 0x8B], Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0],
    [0x5D, 0, 0],
    [0x28, 0xB5, 0x2F, 0xFD], [0x04, 0x22, 0x4D, 0x18],
  ]

  /// The bytes of a member. Going back in the archive, and going on behind damage, begins anew at its front.
  package func bytes(_ index: Int) throws(DatasetError) -> [UInt8] {
    do throws(DatasetError) {
      return try read(members[index])
    } catch {
      stream = nil
      throw error
    }
  }

  private func read(_ member: Member) throws(DatasetError) -> [UInt8] {
    if stream == nil || member.place < next {
      (stream, next) = (try ArchiveStream(file, path: path, limits: limits), 0)
    }
    var found: ArchiveStream.Member?
    while next <= member.place {
      found = try stream?.next()
      next += 1
    }
    guard let found, found.size == member.size, ArchivePath.safe(found.name) == member.path, let stream else {
      throw Self.damage("'\(member.path)' is not there at the second reading", path)
    }
    return try stream.bytes(member.size)
  }

  // MARK: - What is refused

  private static func members(
    _ stream: ArchiveStream, _ limits: ArchiveLimits, _ archiveBytes: Int
  ) throws(DatasetError) -> [Member] {
    let path = stream.path
    var members: [Member] = []
    var seen: Set<[UInt8]> = []
    var (place, total) = (0, 0)
    while let found = try stream.next() {
      defer { place += 1 }
      guard place < limits.members else { throw limits.tooMany(place + 1, path) }
      let shown = ArchivePath.shown(found.name)
      guard let safe = ArchivePath.safe(found.name) else {
        // Many archives list their own top folder.
        let isTop = found.name.hasPrefix(".") && found.name.split(separator: "/").allSatisfy { $0 == "." }
        if found.kind == .folder, isTop { continue }
        throw refusal("paths inside the archive", "'\(shown)'", path)
      }
      switch found.kind {
      case .folder: continue
      case .other: throw refusal("files and folders", "the link or device '\(shown)'", path)
      case .file: break
      }
      guard !found.isEncrypted else { throw refusal("members without a password", "'\(shown)'", path) }
      guard safe.utf8.count <= 0xFFFF else { throw refusal("paths of at most 65,535 bytes", "a longer one", path) }
      guard let size = found.size, size >= 0 else { throw damage("'\(shown)' does not say its size", path) }
      guard size <= FileBytes.limit else {
        throw refusal("members of at most \(FileBytes.limit >> 30) GiB", "'\(shown)'", path)
      }
      total += size
      guard total <= limits.bytes(of: archiveBytes) else { throw limits.tooLarge(path) }
      guard seen.insert(Array(safe.utf8)).inserted else {
        throw refusal("each path once", "'\(ArchivePath.shown(safe))' twice", path)
      }
      members.append(Member(path: safe, size: size, place: place))
    }
    return members
  }

  /// Compares the checksums of gzip, which libarchive does not.
  private static func checkGzip(
    _ file: MappedFile, _ limits: ArchiveLimits, _ path: String
  ) throws(DatasetError) {
    let (answer, message) = file.withBytes { bytes in
      guard bytes.starts(with: [0x1F, 0x8B]), nunchi_codec_has_gzip() else { return (Int32(NUNCHI_CODEC_OK), "") }
      var text = CMessage()
      let answer = text.receive { message, capacity in
        nunchi_gzip_check(
          bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, limits.bytes(of: bytes.count), message, capacity)
      }
      return (answer, text.text)
    }
    switch Int(answer) {
    case Int(NUNCHI_CODEC_OK): return
    case Int(NUNCHI_CODEC_LIMIT): throw limits.tooLarge(path)
    default: throw DatasetError(.damagedFile(expected: "a whole gzip file", found: message), path: path)
    }
  }

  static func damage(_ found: String, _ path: String) -> DatasetError {
    DatasetError(.damagedFile(expected: "a whole tar or 7z archive", found: found), path: path)
  }

  static func refusal(_ expected: String, _ found: String, _ path: String) -> DatasetError {
    DatasetError(.refusedArchive(expected: expected, found: found), path: path)
  }
}
