import NunchiSystem

/// Reports a crash in one line with exit status 1, instead of a stack trace. Where the environment sets
/// `SWIFT_BACKTRACE`, the trace is kept for developers.
enum Crash {
  nonisolated(unsafe) private static var json = false
  private static let line = "nunchi: internal failure; please report it with the lines above and the command line\n"
  private static let document =
    #"{"schema_version":1,"status":"error","error":{"code":"internal","message":"internal failure","#
    + #""hint":"please report it with the lines on standard error and the command line","path":null}}"# + "\n"
  /// Prepared in advance, because a signal handler may not allocate.
  nonisolated(unsafe) private static let lineBytes = bytes(line)
  nonisolated(unsafe) private static let documentBytes = bytes(document)

  static func watch(json wanted: Bool) {
    guard Environment.value("SWIFT_BACKTRACE").map({ $0.contains("enable=no") }) ?? true else { return }
    json = wanted
    _ = (lineBytes.count, documentBytes.count)
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
      signal(number) { _ in
        _ = write(STDERR_FILENO, Crash.lineBytes.baseAddress, Crash.lineBytes.count)
        if Crash.json { _ = write(STDOUT_FILENO, Crash.documentBytes.baseAddress, Crash.documentBytes.count) }
        _exit(ExitStatus.internalFailure.rawValue)
      }
    }
  }

  private static func bytes(_ text: String) -> UnsafeBufferPointer<UInt8> {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
    _ = copy.initialize(from: text.utf8)
    return UnsafeBufferPointer(copy)
  }
}
