#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The two streams: standard output carries the result, standard error everything else.
enum Console {
  /// Why a result could not be written whole, in the system's words: `No space left on device`.
  nonisolated(unsafe) private(set) static var lostResult: String?

  /// Writes to standard output, with a line break at the end. What is lost there makes the program fail at its end.
  static func result(_ text: String) {
    let error = write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    if let error { lostResult = String(cString: strerror(error)) }
  }

  /// Writes a line to standard error.
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes to standard error as it stands.
  static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Whether standard error is a terminal that can redraw a line.
  static let isTerminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

  /// The width of the terminal, 80 where it is not known.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The number of the error that ended the writing; nil where all was written.
  @discardableResult
  private static func write(_ text: String, to file: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let written = Self.write(file, rest)
        if written < 0, errno == EINTR { continue }
        if written <= 0 { return errno }
        rest = rest.dropFirst(written)
      }
      return nil
    }
  }

  private static func write(_ file: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let part = UnsafeRawBufferPointer(rebasing: bytes)
    #if canImport(Glibc)
    return Glibc.write(file, part.baseAddress, part.count)
    #elseif canImport(Musl)
    return Musl.write(file, part.baseAddress, part.count)
    #else
    return Darwin.write(file, part.baseAddress, part.count)
    #endif
  }
}
