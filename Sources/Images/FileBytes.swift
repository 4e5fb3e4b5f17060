#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Whole files as bytes, without Foundation.
package enum FileBytes {
  /// No image or data set file that we read into memory at once is larger.
  package static let limit = 4 << 30

  /// The first `count` bytes of the file, or all of them.
  package static func read(_ path: String, upTo count: Int = .max) throws(ImageError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ImageError(.unreadableFile(systemMessage()), source: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ImageError(.unreadableFile(systemMessage()), source: path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.unreadableFile(status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a file"), source: path)
    }
    let size = min(Int(status.st_size), count)
    guard size <= limit else { throw ImageError(.fileTooLarge(bytes: size, limit: limit), source: path) }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, used in
      while used < size {
        let got = readSome(descriptor, buffer.baseAddress! + used, size - used)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failed = true }
        if got <= 0 { break }
        used += got
      }
    }
    if failed { throw ImageError(.unreadableFile(systemMessage()), source: path) }
    return bytes
  }

  /// All of standard input.
  package static func standardInput() throws(ImageError) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = block.withUnsafeMutableBufferPointer { readSome(STDIN_FILENO, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw ImageError(.unreadableFile(systemMessage()), source: "standard input") }
      if count == 0 { return bytes }
      bytes += block[..<count]
      guard bytes.count <= limit else {
        throw ImageError(.fileTooLarge(bytes: bytes.count, limit: limit), source: "standard input")
      }
    }
  }

  /// Whether both names lead to one file that is there.
  package static func isSameFile(_ one: String, _ other: String) -> Bool {
    var first = stat()
    var second = stat()
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev
      && first.st_ino == second.st_ino
  }

  /// Writes the file anew: to a temporary name beside it, then renamed.
  package static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
    let temporary = path + ".part\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw ImageError(.unwritableFile(systemMessage()), source: path) }
    var written = 0
    let complete = bytes.withUnsafeBufferPointer { buffer in
      while written < buffer.count {
        let count = writeSome(descriptor, buffer.baseAddress! + written, buffer.count - written)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        written += count
      }
      return true
    }
    let message = systemMessage()
    guard close(descriptor) == 0, complete, rename(temporary, path) == 0 else {
      let later = complete ? systemMessage() : message
      unlink(temporary)
      throw ImageError(.unwritableFile(later), source: path)
    }
  }

  /// What the system says of the last failed call.
  package static func systemMessage() -> String { String(cString: strerror(errno)) }
}

// Inside `FileBytes` the names `read` and `write` are its own; these are the system's.
private func readSome(_ file: Int32, _ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(file, target, count)
}

private func writeSome(_ file: Int32, _ source: UnsafePointer<UInt8>, _ count: Int) -> Int {
  write(file, source, count)
}
