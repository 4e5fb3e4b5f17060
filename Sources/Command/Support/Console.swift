import NunchiSystem

/// The two streams: standard output carries the result, standard error everything else.
enum Console {
  /// Why a result could not be written whole, in the system's words: `No space left on device`.
  nonisolated(unsafe) private(set) static var lostResult: String?

  /// Writes to standard output, with a line break at the end. What is lost there makes the program fail at its end.
  static func result(_ text: String) {
    let error = write(text.hasSuffix("\n") ? text : text + "\n", to: .standardOutput)
    if let error { lostResult = error.description }
  }

  /// Writes a line to standard error.
  static func note(_ text: String) { write(text + "\n", to: .standardError) }

  /// Writes to standard error as it stands.
  static func draw(_ text: String) { write(text, to: .standardError) }

  /// Whether standard error is a terminal that can redraw a line.
  static let isTerminal = isatty(STDERR_FILENO) == 1 && Environment.value("TERM") != "dumb"

  /// The width of the terminal, 80 where it is not known.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Why the writing ended early; nil where all was written.
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
