import NunchiSystem

/// The two streams: standard output carries the result, standard error everything else.
enum Console {
  /// Why the result could not be written completely, in the system's words: `No space left on device`.
  nonisolated(unsafe) private(set) static var lostResult: String?

  /// Writes a text and a line break to standard output. If that fails, the program fails at its end.
  static func result(_ text: String) {
    let error = write(text.hasSuffix("\n") ? text : text + "\n", to: .standardOutput)
    if let error { lostResult = error.description }
  }

  /// Writes a line to standard error.
  static func note(_ text: String) { write(text + "\n", to: .standardError) }

  /// Writes to standard error, without a line break.
  static func draw(_ text: String) { write(text, to: .standardError) }

  /// Whether standard error is a terminal that can redraw a line.
  static let isTerminal = isatty(STDERR_FILENO) == 1 && Environment.value("TERM") != "dumb"

  /// The width of the terminal; 80 where it is unknown.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes all of a text; returns why it could not, or nil.
  @discardableResult
  private static func write(_ text: String, to file: OpenFile) -> FileError.Reason? {
    var text = text
    return text.withUTF8 { bytes in
      do throws(FileError) {
        try file.write(UnsafeRawBufferPointer(bytes))
        return nil
      } catch {
        return error.reason
      }
    }
  }
}
