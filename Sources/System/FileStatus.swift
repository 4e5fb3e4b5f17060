/// The status of a file or folder: kind, size, time of change and identity.
package struct FileStatus: Sendable {
  package enum Kind: Sendable {
    case file, folder
    /// A device, a pipe, or a symbolic link that was not followed.
    case other
  }

  package let kind: Kind
  /// The size of a file, in bytes.
  package let size: Int
  /// The time of the last change, in nanoseconds since 1970.
  package let changed: Int
  private let place: [UInt64]

  /// - Parameter following: whether to follow a symbolic link.
  package init(_ path: String, following: Bool = true) throws(FileError) {
    var status = stat()
    guard (following ? stat(path, &status) : lstat(path, &status)) == 0 else { throw .last("examine", path) }
    self.init(status)
  }

  init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .other
      }
    size = Int(status.st_size)
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    changed = Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    place = [UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino)]
  }

  /// Whether there is a file at `path`, directly or through a link.
  package static func isFile(_ path: String) -> Bool { (try? FileStatus(path))?.kind == .file }

  /// Whether there is a folder at `path`, directly or through a link.
  package static func isFolder(_ path: String) -> Bool { (try? FileStatus(path))?.kind == .folder }

  /// Whether both paths lead to the same existing file.
  package static func isSame(_ one: String, _ other: String) -> Bool {
    guard let first = try? FileStatus(one), let second = try? FileStatus(other) else { return false }
    return first.place == second.place
  }
}
