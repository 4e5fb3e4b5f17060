/// A type whose values can be given on the command line.
///
/// A `CaseIterable` enum with text as raw values only needs the conformance.
package protocol ExpressibleByArgument {
  /// Parses a value; `nil` where the text is invalid.
  init?(argument: String)
  /// The text of the value.
  var argumentText: String { get }
  /// What a text must be, in words: "a whole number".
  static var expectation: String { get }
  /// The placeholder in the help: "N".
  static var placeholder: String { get }
  /// All valid texts, where they are few.
  static var allValueStrings: [String] { get }
}

extension ExpressibleByArgument {
  package var argumentText: String { "\(self)" }
  package static var expectation: String { "a value" }
  package static var placeholder: String { "VALUE" }
  package static var allValueStrings: [String] { [] }
}

extension ExpressibleByArgument where Self: RawRepresentable & CaseIterable, RawValue == String {
  package init?(argument: String) { self.init(rawValue: argument) }
  package var argumentText: String { rawValue }
  package static var expectation: String { "one of \(allValueStrings.joined(separator: ", "))" }
  package static var placeholder: String { allValueStrings.joined(separator: "|") }
  package static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

extension String: ExpressibleByArgument {
  package init?(argument: String) { self = argument }
  package static var expectation: String { "a text" }
  package static var placeholder: String { "TEXT" }
}

extension Int: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
  package static var expectation: String { "a whole number" }
  package static var placeholder: String { "N" }
}

extension UInt64: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
  package static var expectation: String { "a whole number from 0" }
  package static var placeholder: String { "N" }
}

extension Float: ExpressibleByArgument {
  package init?(argument: String) {
    self.init(argument)
    if !isFinite { return nil }
  }
  package static var expectation: String { "a number" }
  package static var placeholder: String { "X" }
}

extension Double: ExpressibleByArgument {
  package init?(argument: String) {
    self.init(argument)
    if !isFinite { return nil }
  }
  package static var expectation: String { "a number" }
  package static var placeholder: String { "X" }
}

extension Bool: ExpressibleByArgument {
  package init?(argument: String) {
    switch argument.lowercased() {
    case "true", "yes", "on", "1": self = true
    case "false", "no", "off", "0": self = false
    default: return nil
    }
  }
  package static var expectation: String { "true or false" }
  package static var placeholder: String { "true|false" }
  package static var allValueStrings: [String] { ["true", "false"] }
}
