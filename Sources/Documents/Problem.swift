/// Why something asked for could not be done, in a sentence for a person and a word for a program. Whoever asked decides
/// what becomes of it: the command an exit status, a server a status of HTTP.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  /// Whose it is to mend.
  package enum Kind: Sendable, Hashable {
    /// Whoever asked: the request itself makes no sense.
    case request
    /// Whoever has the data.
    case data
    /// Ours.
    case program
  }

  package let kind: Kind
  /// A word for programs, such as `bad_files`.
  package let code: String
  /// What was expected, what was found, and where.
  package let message: String
  /// The remedy, where it is certain.
  package let hint: String?
  /// The file or folder that it is about.
  package let path: String?

  package init(_ kind: Kind, _ code: String, _ message: String, hint: String? = nil, path: String? = nil) {
    (self.kind, self.code, self.message, self.hint, self.path) = (kind, code, message, hint, path)
  }

  package var description: String { message + (hint.map { "; \($0)" } ?? "") }
}
