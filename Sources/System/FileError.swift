/// A file or folder could not be used: which one, for what, and why.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason: the system's with its `errno`, or one of this program.
  package struct Reason: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    /// The system's `errno`; nil where the reason is one of this program.
    package let number: Int32?
    /// In words: "No such file or directory".
    package let description: String

    /// The system's reason.
    package init(number: Int32) { self.init(String(cString: strerror(number)), number: number) }

    /// A reason of this program. `number` is given where it stands for one of the system.
    package init(_ description: String, number: Int32? = nil) {
      self.number = number
      self.description = description
    }

    package init(stringLiteral description: String) { self.init(description) }

    /// The reason of the last failed call on this thread.
    package static var last: Reason { Reason(number: errno) }

    /// Whether there is no file or folder of this name.
    package var isMissing: Bool { number == ENOENT }
    /// Whether the system forbids it: a permission is missing, or the medium is read-only.
    package var isForbidden: Bool { number == EACCES || number == EPERM || number == EROFS }
    /// Whether the disk is full.
    package var isFull: Bool { number == ENOSPC }
  }

  package let path: String
  /// What was tried: "read", "write".
  package let action: String
  package let reason: Reason

  package init(path: String, action: String, reason: Reason) {
    self.path = path
    self.action = action
    self.reason = reason
  }

  /// The error of the last system call.
  package static func last(_ action: String, _ path: String) -> FileError {
    FileError(path: path, action: action, reason: .last)
  }

  public var description: String { "\(path): cannot \(action): \(reason)" }
}
