import Synchronization

/// Writes files whole or not at all: under a temporary name in the same folder, which is then renamed.
/// A reader finds either the old contents or the new ones at any moment, even after a kill.
package enum AtomicFile {
  /// Replaces the file at `path` by `text`.
  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Replaces the file at `path` by `bytes`.
  package static func write(
    _ bytes: [UInt8], to path: String, permissions: mode_t = 0o644, synchronised: Bool = true
  ) throws(FileError) {
    try write(to: path, permissions: permissions, synchronised: synchronised) { (file) throws(FileError) in
      let result = bytes.withUnsafeBytes { block in Result { () throws(FileError) in try file.write(block) } }
      try result.get()
    }
  }

  /// Replaces the file at `path` by what `body` writes. If `body` throws, the old file is unchanged.
  /// - Parameters:
  ///   - permissions: the permissions of the file, reduced by the process's umask.
  ///   - synchronised: whether to wait until the bytes are on the disk, which protects against power cuts too.
  package static func write(
    to path: String, permissions: mode_t = 0o644, synchronised: Bool = true,
    _ body: (OpenFile) throws(FileError) -> Void
  ) throws(FileError) {
    let temporary = temporaryName(of: path)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw .last("write", path) }
    do throws(FileError) {
      do throws(FileError) {
        try body(OpenFile(number: descriptor, path: path))
        guard !synchronised || fsync(descriptor) == 0 else { throw .last("write", path) }
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0 else { throw .last("write", path) }
      guard rename(temporary, path) == 0 else { throw .last("write", path) }
    } catch {
      unlink(temporary)
      throw error
    }
    if synchronised { synchroniseFolder(of: path) }
  }

  /// Part of the name of every temporary file. A killed process may leave such files behind.
  package static let temporaryMark = ".tmp-"

  private static let serial = Atomic<Int>(0)

  /// A unique name in the same folder.
  package static func temporaryName(of path: String) -> String {
    "\(path)\(temporaryMark)\(getpid())-\(serial.add(1, ordering: .relaxed).newValue)"
  }

  /// Makes the new name durable. Some file systems cannot synchronise a folder; the contents are safe all the same.
  private static func synchroniseFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
