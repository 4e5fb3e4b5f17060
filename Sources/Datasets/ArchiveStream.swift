import NunchiArchives
import NunchiSystem

/// The members of an archive from its front to its end.
final class ArchiveStream {
  struct Member {
    let name: String
    let size: Int?
    let kind: Kind
    let isEncrypted: Bool
  }

  enum Kind {
    case file, folder, other
  }

  let path: String
  private let file: MappedFile
  private let limits: ArchiveLimits
  private var archive: OpaquePointer?

  init(_ file: MappedFile, path: String, limits: ArchiveLimits) throws(DatasetError) {
    (self.path, self.file, self.limits) = (path, file, limits)
    var archive: OpaquePointer?
    let most = limits.bytes(of: file.count)
    // The mapping stays while `self` does.
    let (answer, message) = file.withBytes { bytes in
      var message = CMessage()
      let answer = message.receive { text, capacity in
        nunchi_archive_open(
          bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, Int64(most), &archive, text, capacity)
      }
      return (answer, message.text)
    }
    self.archive = archive
    _ = try goesOn(answer, message)
  }

  deinit { nunchi_archive_close(archive) }

  func next() throws(DatasetError) -> Member? {
    var member = nunchi_archive_member()
    var message = CMessage()
    let answer = message.receive { nunchi_archive_next(archive, &member, $0, $1) }
    guard try goesOn(answer, message.text) else { return nil }
    let kind: Kind =
      switch Int(member.kind) {
      case Int(NUNCHI_MEMBER_FILE): .file
      case Int(NUNCHI_MEMBER_FOLDER): .folder
      default: .other
      }
    return Member(
      name: String(cString: member.name), size: member.size < 0 ? nil : Int(member.size), kind: kind,
      isEncrypted: member.is_encrypted)
  }

  func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
    var message = CMessage()
    var answer = Int32(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, used in
      answer = message.receive { nunchi_archive_read(archive, target.baseAddress, count, $0, $1) }
      used = answer == NUNCHI_ARCHIVE_OK ? count : 0
    }
    _ = try goesOn(answer, message.text)
    return bytes
  }

  /// Whether there is something; `false` at the end.
  private func goesOn(_ answer: Int32, _ message: String) throws(DatasetError) -> Bool {
    switch Int(answer) {
    case Int(NUNCHI_ARCHIVE_OK): return true
    case Int(NUNCHI_ARCHIVE_END): return false
    case Int(NUNCHI_ARCHIVE_TOO_LARGE): throw limits.tooLarge(path)
    case Int(NUNCHI_ARCHIVE_ABSENT): throw DatasetError(.archiveAbsent, path: path)
    case Int(NUNCHI_ARCHIVE_FOREIGN):
      throw PackedArchive.refusal("a zip, tar or 7z archive", "another kind of file", path)
    case Int(NUNCHI_ARCHIVE_NESTED):
      throw PackedArchive.refusal("a zip, tar or 7z archive", "compressions inside each other", path)
    default: throw PackedArchive.damage("'\(message)'", path)
    }
  }
}
