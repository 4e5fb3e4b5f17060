/// A type whose values can be written on the command line.
///
/// An enum with text as raw values and `CaseIterable` needs nothing but the conformance.
public protocol ExpressibleByArgument {
  /// The value that `argument` stands for; `nil` where it stands for none.
  init?(argument: String)
  /// The value as it would be written.
  var argumentText: String { get }
  /// What is expected, in words: "a whole number".
  static var expectation: String { get }
  /// The placeholder in the help: "N".
  static var placeholder: String { get }
  /// All values, where they are few.
  static var allValueStrings: [String] { get }
}

extension ExpressibleByArgument {
  public var argumentText: String { "\(self)" }
  public static var expectation: String { "a value" }
  public static var placeholder: String { "VALUE" }
  public static var allValueStrings: [String] { [] }
}

extension ExpressibleByArgument where Self: RawRepresentable & CaseIterable, RawValue == String {
  public init?(argument: String) { self.init(rawValue: argument) }
  public var argumentText: String { rawValue }
  public static var expectation: String { "one of \(allValueStrings.joined(separator: ", "))" }
  public static var placeholder: String { allValueStrings.joined(separator: "|") }
  public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

extension String: ExpressibleByArgument {
  public init?(argument: String) { self = argument }
  public static var expectation: String { "a text" }
  public static var placeholder: String { "TEXT" }
}

extension Int: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public static var expectation: String { "a whole number" }
  public static var placeholder: String { "N" }
}

extension UInt64: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public static var expectation: String { "a whole number from 0" }
  public static var placeholder: String { "N" }
}

extension Float: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    if !isFinite { return nil }
  }
  public static var expectation: String { "a number" }
  public static var placeholder: String { "X" }
}

extension Double: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    if !isFinite { return nil }
  }
  public static var expectation: String { "a number" }
  public static var placeholder: String { "X" }
}

extension Bool: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument.lowercased() {
    case "true", "yes", "on", "1": self = true
    case "false", "no", "off", "0": self = false
    default: return nil
    }
  }
  public static var expectation: String { "true or false" }
  public static var placeholder: String { "true|false" }
  public static var allValueStrings: [String] { ["true", "false"] }
}
