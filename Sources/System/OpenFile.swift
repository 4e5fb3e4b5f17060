/// An open file: its descriptor, and its path for errors. It is not closed automatically.
package struct OpenFile: Sendable {
  package let number: Int32
  package let path: String

  package static let standardInput = OpenFile(number: STDIN_FILENO, path: "standard input")
  package static let standardOutput = OpenFile(number: STDOUT_FILENO, path: "standard output")
  package static let standardError = OpenFile(number: STDERR_FILENO, path: "standard error")

  package init(number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Opens the file at `path` for reading.
  package init(reading path: String) throws(FileError) {
    self.init(number: open(path, O_RDONLY | O_CLOEXEC), path: path)
    guard number >= 0 else { throw .last("read", path) }
  }

  package func close() { _ = systemClose(number) }

  /// Writes all bytes, in as many calls as the system needs.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
      // Linux writes at most 2 GiB per call.
      let written = systemWrite(number, base, min(rest.count, 1 << 30))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .last("write", path) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  package func status() throws(FileError) -> FileStatus {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw .last("read", path) }
    return FileStatus(status)
  }

  /// The next `count` bytes; fewer where the file ends.
  package func read(_ count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, used in
      do throws(FileError) {
        used = try read(into: UnsafeMutableRawBufferPointer(start: room.baseAddress, count: count))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The text at the beginning of a file, at most 16 KiB; nil where it cannot be read. For files of unknown size, as in
  /// `/proc`.
  package static func beginning(of path: String) -> String? {
    guard let file = try? OpenFile(reading: path) else { return nil }
    defer { file.close() }
    guard let bytes = try? file.read(16384), !bytes.isEmpty else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads until `target` is full or the file ends, and returns the number of bytes.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var count = 0
    while count < target.count {
      let got = systemRead(number, target.baseAddress! + count, target.count - count)
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .last("read", path) }
      if got == 0 { break }
      count += got
    }
    return count
  }
}

// Inside `OpenFile`, the plain names are its own methods.
private func systemRead(_ file: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(file, target, count)
}

private func systemWrite(_ file: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
  write(file, source, count)
}

private func systemClose(_ file: Int32) -> Int32 { close(file) }
