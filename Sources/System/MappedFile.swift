/// The bytes of a file, mapped for reading until the last reference is released.
package final class MappedFile: @unchecked Sendable {
  private let bytes: UnsafeRawBufferPointer

  package init(path: String) throws(FileError) {
    let file = try OpenFile(reading: path)
    defer { file.close() }
    let status = try file.status()
    guard status.kind == .file else {
      throw FileError(path: path, action: "read", reason: "expected a file, found a folder or a device")
    }
    let count = status.size
    // An empty file cannot be mapped.
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.number, 0)
    guard let address, address != MAP_FAILED else { throw .last("read", path) }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  package var count: Int { bytes.count }

  /// Calls `body` with the bytes, which stay mapped until it returns.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Else the last reference could be released, and the file unmapped, before `body` returns.
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }
}
