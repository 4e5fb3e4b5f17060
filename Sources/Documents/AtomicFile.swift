import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes files whole or not at all: to a temporary name in the same folder, synchronised to the disk, then renamed.
/// Whoever opens the path at any moment finds the old contents or the new ones, also after a kill or a power cut.
public enum AtomicFile {
  /// Replaces the file at `path` by `text`.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// Replaces the file at `path` by `bytes`.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try write(to: path) { (sink) throws(FileError) in
      let result = bytes.withUnsafeBytes { block in Result { () throws(FileError) in try sink.write(block) } }
      try result.get()
    }
  }

  /// Replaces the file at `path` by what `body` writes; if `body` throws, the old file stays as it was.
  package static func write(
    to path: String, _ body: (borrowing Sink) throws(FileError) -> Void
  ) throws(FileError) {
    let temporary = "\(path)\(temporaryMark)\(getpid())-\(serial.add(1, ordering: .relaxed).newValue)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last("write", path) }
    do throws(FileError) {
      do throws(FileError) {
        try body(Sink(descriptor: descriptor, path: path))
        guard fsync(descriptor) == 0 else { throw .last("write", path) }
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
    synchroniseFolder(of: path)
  }

  /// What stands in the names of files that are not whole yet; a killed process may leave one.
  package static let temporaryMark = ".tmp-"

  private static let serial = Atomic<Int>(0)

  /// Makes the new name itself durable. Some file systems refuse to synchronise a folder; the contents are safe anyway.
  private static func synchroniseFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Where the body of a write puts its bytes.
  package struct Sink: ~Copyable {
    let descriptor: Int32
    let path: String

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
      var rest = bytes
      while let base = rest.baseAddress, rest.count > 0 {
        // Linux writes at most 2 GiB a call.
        let written = systemWrite(descriptor, base, min(rest.count, 1 << 30))
        if written < 0 {
          if errno == EINTR { continue }
          throw .last("write", path)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, base, count)
}
