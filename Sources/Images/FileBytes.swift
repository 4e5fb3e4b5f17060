import NunchiSystem

/// Whole files as bytes, without Foundation.
package enum FileBytes {
  /// No image or data set file that we read into memory at once is larger.
  package static let limit = 4 << 30

  /// The first `count` bytes of the file, or all of them.
  package static func read(_ path: String, upTo count: Int = .max) throws(ImageError) -> [UInt8] {
    let size: Int
    do throws(FileError) {
      let file = try OpenFile(reading: path)
      defer { file.close() }
      let status = try file.status()
      guard status.kind == .file else {
        throw FileError(path: path, action: "read", reason: status.kind == .folder ? "a folder" : "not a file")
      }
      size = min(status.size, count)
      if size <= limit { return try file.read(size) }
    } catch {
      throw ImageError(.unreadableFile(error.reason), source: path)
    }
    throw ImageError(.fileTooLarge(bytes: size, limit: limit), source: path)
  }

  /// All of standard input.
  package static func standardInput() throws(ImageError) -> [UInt8] {
    let (input, portion) = (OpenFile.standardInput, 1 << 16)
    var bytes: [UInt8] = []
    while true {
      let more: [UInt8]
      do {
        more = try input.read(portion)
      } catch {
        throw ImageError(.unreadableFile(error.reason), source: input.path)
      }
      bytes += more
      guard bytes.count <= limit else {
        throw ImageError(.fileTooLarge(bytes: bytes.count, limit: limit), source: input.path)
      }
      if more.count < portion { return bytes }
    }
  }

  /// Writes the file anew: to a temporary name beside it, then renamed.
  package static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
    do {
      try AtomicFile.write(bytes, to: path, permissions: 0o666, synchronised: false)
    } catch {
      throw ImageError(.unwritableFile(error.reason), source: path)
    }
  }
}
