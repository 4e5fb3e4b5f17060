import NunchiImages
import NunchiSystem

/// Puts the files of an archive into a folder: all of them, or none.
struct Unpacking {
  struct Member {
    /// Safe, with `/` between its parts.
    let path: String
    let bytes: () throws -> [UInt8]
  }

  private let folder: String

  init(_ folder: String) { self.folder = folder }

  // MARK: - Reading

  /// The files of a zip, tar or 7z archive, without those that systems leave behind.
  static func members(_ path: String) throws -> [Member] {
    let start = try FileBytes.read(path, upTo: PackedArchive.signatureBytes)
    let members: [Member]
    if ZipArchive.begins(start) {
      let archive = try ZipArchive(path: path)
      members = archive.members.enumerated().filter { !$1.isFolder }.map { index, member in
        Member(path: member.path) { try archive.bytes(index) }
      }
    } else if PackedArchive.begins(start, path: path) {
      let archive = try PackedArchive(path: path)
      members = archive.members.enumerated().map { index, member in
        Member(path: member.path) { try archive.bytes(index) }
      }
    } else {
      throw DatasetError(
        .refusedArchive(expected: "a zip, tar or 7z archive", found: "a file that begins like none"), path: path)
    }
    return members.filter { !$0.path.split(separator: "/").contains { Folder.isHidden(String($0)) } }
  }

  /// Without the one folder that everything was packed in, if it holds folders.
  static func withoutWrapping(_ members: [Member]) -> [Member] {
    var members = members
    while let top = members.first?.path.split(separator: "/").first, Split(folder: String(top)) == nil,
      members.allSatisfy({ $0.path.utf8.starts(with: (top + "/").utf8) })
    {
      members = members.map { member in
        Member(
          path: String(decoding: member.path.utf8.dropFirst(top.utf8.count + 1), as: UTF8.self), bytes: member.bytes)
      }
    }
    return members
  }

  // MARK: - Writing

  /// Writes the files into a folder of their own first, then moves what is at its top to its place, where nothing of
  /// the same name may be.
  func place(
    _ members: [Member], _ report: (_ done: Int, _ of: Int) -> Bool
  ) throws {
    let temporary = folder + "/.unpacking-\(getpid())"
    try Self.makeFolder(temporary)
    var written: [String] = []
    var folders: [String] = []
    defer {
      for path in written { unlink(path) }
      for path in folders.reversed() { rmdir(path) }
      rmdir(temporary)
    }
    var known: Set<String> = []
    for (index, member) in members.enumerated() {
      guard report(index, members.count) else { throw DownloadError(.stopped, folder) }
      var path = temporary
      for part in member.path.split(separator: "/").dropLast() {
        path += "/" + part
        guard known.insert(path).inserted else { continue }
        try Self.makeFolder(path)
        folders.append(path)
      }
      let file = temporary + "/" + member.path
      written.append(file)
      try FileBytes.write(member.bytes(), to: file)
    }
    try moveUp(members, from: temporary)
  }

  private func moveUp(_ members: [Member], from temporary: String) throws {
    var seen: Set<String> = []
    let tops = members.compactMap { $0.path.split(separator: "/").first.map(String.init) }
      .filter { seen.insert($0).inserted }
    for top in tops {
      guard (try? FileStatus(folder + "/" + top, following: false)) == nil else {
        throw DownloadError(.file("'\(top)', which is there already"), folder)
      }
    }
    for top in tops { try Self.rename(temporary + "/" + top, folder + "/" + top) }
  }

  /// Makes a folder and those that it lies in.
  static func makeFolder(_ path: String) throws(DownloadError) {
    do {
      try Folder.makeAll(path)
    } catch {
      throw DownloadError(.file(error.reason), error.path)
    }
    guard FileStatus.isFolder(path) else { throw DownloadError(.file(.init(number: EEXIST)), path) }
  }

  static func rename(_ old: String, _ new: String) throws(DownloadError) {
    guard systemRename(old, new) == 0 else { throw DownloadError(.file(.last), new) }
  }
}

// Inside `Unpacking` the name `rename` is its own; this is the system's.
private func systemRename(_ old: String, _ new: String) -> Int32 { rename(old, new) }
