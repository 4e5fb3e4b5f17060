/// A file or folder that could not be used: which, for what, and why.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why not: the system's reason with its number, or one of our own.
  package struct Reason: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
    /// What the system left in `errno`; nil where the reason is our own.
    package let number: Int32?
    /// In words: "No such file or directory".
    package let description: String

    /// The system's reason.
    package init(number: Int32) { self.init(String(cString: strerror(number)), number: number) }

    /// A reason of our own, which may stand for one of the system.
    package init(_ description: String, number: Int32? = nil) {
      self.number = number
      self.description = description
    }

    package init(stringLiteral description: String) { self.init(description) }

    /// The reason of the last call that failed on this thread.
    package static var last: Reason { Reason(number: errno) }

    /// There is no file or folder of this name.
    package var isMissing: Bool { number == ENOENT }
    /// The system forbids it: for want of a permission, or because the medium is read-only.
    package var isForbidden: Bool { number == EACCES || number == EPERM || number == EROFS }
    /// There is no room left on the disk.
    package var isFull: Bool { number == ENOSPC }
  }

  package let path: String
  /// What was tried: "open", "write".
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
