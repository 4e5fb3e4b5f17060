/// Why a request could not be carried out: a sentence for people and a code for programs. The caller maps it to an exit
/// status or an HTTP status.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the fault is.
  package enum Kind: Sendable, Hashable {
    /// In the request, which is invalid.
    case request
    /// In the data.
    case data
    /// In this program.
    case program
  }

  package let kind: Kind
  /// A code for programs, such as `bad_files`.
  package let code: String
  /// What was expected, what was found, and where.
  package let message: String
  /// The remedy, where it is known.
  package let hint: String?
  /// The file or folder of the problem.
  package let path: String?

  package init(_ kind: Kind, _ code: String, _ message: String, hint: String? = nil, path: String? = nil) {
    (self.kind, self.code, self.message, self.hint, self.path) = (kind, code, message, hint, path)
  }

  package var description: String { message + (hint.map { "; \($0)" } ?? "") }
}
