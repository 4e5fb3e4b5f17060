import NunchiSystem

/// A command line that cannot be understood (exit 2). The text says who, what was expected and what was found.
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
    /// A command's own `validate` refused the values.
    case invalidCombination = "invalid_combination"
  }

  package let kind: Kind
  /// Who complains: `nunchi train`.
  package let command: String
  /// What was expected and found, without `command` and `hint`.
  package let message: String
  /// The nearest match, or where help is.
  package let hint: String?

  init(_ kind: Kind, _ command: String, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.command = command
    self.message = message
    self.hint = hint
  }

  package var description: String { "\(command): \(message)" + (hint.map { "; \($0)" } ?? "") }
}

/// What a command throws from `validate` when its values do not go together.
package struct ValidationError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ message: String) { description = message }
}

/// The hint that names the candidate nearest to `found`, if one is near.
func nearestHint(_ found: String, among candidates: [String]) -> String? {
  nearest(found, among: candidates).map { "did you mean \($0)?" }
}

/// The candidate with the smallest distance, the first one among equals; `nil` where none is within a third of the length
/// and none begins with `found`.
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
