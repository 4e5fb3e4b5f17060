import NunchiSystem

/// A command line that cannot be parsed (exit status 2).
package struct ArgumentError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable {
    case unknownOption = "unknown_option"
    case unknownVerb = "unknown_verb"
    case unknownSetting = "unknown_setting"
    case missingVerb = "missing_verb"
    case missingValue = "missing_value"
    case unexpectedValue = "unexpected_value"
    case invalidValue = "invalid_value"
    case missingArgument = "missing_argument"
    case unexpectedArgument = "unexpected_argument"
    /// The command's `validate` refused the values.
    case invalidCombination = "invalid_combination"
  }

  package let kind: Kind
  /// The command, such as `nunchi train`.
  package let command: String
  /// What was expected and found, without `command` and `hint`.
  package let message: String
  /// The nearest valid word, or where help is.
  package let hint: String?

  init(_ kind: Kind, _ command: String, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.command = command
    self.message = message
    self.hint = hint
  }

  package var description: String { "\(command): \(message)" + (hint.map { "; \($0)" } ?? "") }
}

/// Thrown by a command's `validate` where its values do not fit together.
package struct ValidationError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ message: String) { description = message }
}

/// A hint with the candidate most similar to `found`; nil where none is similar.
func nearestHint(_ found: String, among candidates: [String]) -> String? {
  nearest(found, among: candidates).map { "did you mean \($0)?" }
}

/// The candidate with the smallest edit distance, the first of equal ones. Where none is within a third of the length,
/// it is the first that begins with `found`, else nil.
func nearest(_ found: String, among candidates: [String]) -> String? {
  let word = found.lowercased()
  let rated = candidates.map { (distance: editDistance(word, $0.lowercased()), candidate: $0) }
  if let best = rated.min(by: { $0.distance < $1.distance }),
    best.distance <= max(1, max(word.count, best.candidate.count) / 3)
  {
    return best.candidate
  }
  return candidates.first { word.drop { $0 == "-" }.count >= 2 && $0.lowercased().hasPrefix(word) }
}
