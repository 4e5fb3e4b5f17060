#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The two streams: standard output carries the result, standard error everything else.
enum Console {
  /// Writes to standard output, with a line break at the end.
  static func result(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO) }

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

  private static func write(_ text: String, to file: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let written = Self.write(file, rest)
        if written < 0, errno == EINTR { continue }
        // Nobody reads any more, or the disk is full: there is no place left to say so.
        if written <= 0 { return }
        rest = rest.dropFirst(written)
      }
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
