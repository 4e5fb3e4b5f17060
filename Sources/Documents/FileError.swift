#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file or folder that could not be used: which, for what, and why.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  /// What was tried: "open", "write".
  public let action: String
  /// The system's reason: "No such file or directory".
  public let reason: String

  public init(path: String, action: String, reason: String) {
    self.path = path
    self.action = action
    self.reason = reason
  }

  /// The error of the last system call.
  package static func last(_ action: String, _ path: String) -> FileError {
    FileError(path: path, action: action, reason: String(cString: strerror(errno)))
  }

  public var description: String { "\(path): cannot \(action): \(reason)" }
}
