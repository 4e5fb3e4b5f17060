import NunchiCodecs
import NunchiImages
import NunchiSystem

/// A zip archive over a mapped file. Opening one reads its directory and refuses what is not safe; members are expanded
/// when they are asked for, each by itself and from any thread.
///
/// A file that another program shortens while it is mapped ends this program.
package final class ZipArchive: Sendable {
  struct Member {
    /// With `/` between its parts, none of them empty, `.` or `..`.
    let path: String
    let isFolder: Bool
    let method: Method
    /// Where the packed bytes lie in the file.
    let packed: Range<Int>
    /// Bytes when expanded.
    let size: Int
    let checksum: UInt32
  }

  enum Method: Int {
    case stored = 0
    case deflated = 8
  }

  let path: String
  /// Whether it stands for another file.
  let isCopy: Bool
  let members: [Member]
  private let file: MappedFile

  /// - Parameter shown: what messages call the archive.
  package init(
    path: String, shownAs shown: String? = nil, limits: ArchiveLimits = ArchiveLimits()
  ) throws(DatasetError) {
    let shown = shown ?? path
    (self.path, isCopy) = (shown, shown != path)
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw DatasetError(.file(error.reason), path: shown)
    }
    members = try file.withBytes { bytes throws(DatasetError) in
      try ZipDirectory(bytes, path: shown, limits: limits).members()
    }
  }

  /// Whether a file begins like a zip archive.
  static func begins(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x50, 0x4B, 5, 6])
  }

  package var count: Int { members.count }

  /// Bytes of a member when expanded.
  package func size(_ index: Int) -> Int { members[index].size }

  /// What messages call a member.
  func source(_ index: Int) -> String { path + "/" + members[index].path }

  /// The first `count` bytes of a member, or all of them; all of them are checked against their checksum.
  package func bytes(_ index: Int, upTo count: Int = .max) throws(ImageError) -> [UInt8] {
    let member = members[index]
    let wanted = min(count, member.size)
    guard wanted <= FileBytes.limit else {
      throw ImageError(.fileTooLarge(bytes: member.size, limit: FileBytes.limit), source: source(index))
    }
    let result = file.withBytes { file in
      Result { () throws(ImageError) in
        let packed = UnsafeRawBufferPointer(rebasing: file[member.packed])
        return switch member.method {
        case .stored: Array(packed.prefix(wanted))
        case .deflated: try expand(packed, wanted, whole: wanted == member.size, source(index))
        }
      }
    }
    let bytes = try result.get()
    if wanted == member.size,
      bytes.withUnsafeBufferPointer({ nunchi_crc32($0.baseAddress, $0.count) }) != member.checksum
    {
      throw ImageError(.damagedMember("bytes that contradict their checksum"), source: source(index))
    }
    return bytes
  }

  private func expand(
    _ packed: UnsafeRawBufferPointer, _ wanted: Int, whole: Bool, _ source: String
  ) throws(ImageError) -> [UInt8] {
    var message = CMessage()
    var result = nunchi_inflated()
    var answer = Int32(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { target, used in
      answer = message.receive {
        nunchi_inflate(
          packed.bindMemory(to: UInt8.self).baseAddress, packed.count, target.baseAddress, wanted, &result, $0, $1)
      }
      used = answer == NUNCHI_CODEC_OK ? result.produced : 0
    }
    guard answer == NUNCHI_CODEC_OK else {
      throw ImageError(.damagedMember(message.text), source: source)
    }
    guard bytes.count == wanted, !whole || (result.ended && result.consumed == packed.count) else {
      throw ImageError(.damagedMember("more or fewer bytes than the archive says"), source: source)
    }
    return bytes
  }
}

extension ImageDecoder {
  /// The picture in a member of an archive.
  func decode(
    _ archive: ZipArchive, _ index: Int, for preprocessing: Preprocessing?
  ) throws(ImageError) -> Image {
    let bytes = try archive.bytes(index)
    do {
      return try decode(bytes, for: preprocessing)
    } catch {
      throw error.about(archive.source(index))
    }
  }
}
