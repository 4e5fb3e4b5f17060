/// Options and arguments that belong together; a command, or a part that several commands share through `@OptionGroup`.
public protocol ParsableArguments {
  init()
  /// Whether the values go together; called after parsing. Throw a `ValidationError`.
  func validate() throws
}

extension ParsableArguments {
  public func validate() throws {}
}

/// A verb: its description, its options as properties, and what it does.
///
/// The shape is that of Swift Argument Parser, so that one can be exchanged for the other.
public protocol ParsableCommand: ParsableArguments, SendableMetatype {
  static var configuration: CommandConfiguration { get }
  mutating func run() throws
}

extension ParsableCommand {
  /// A command that only has verbs does nothing itself: the parser prints its help.
  public mutating func run() throws {}
}

/// What a verb is called and what its help says.
public struct CommandConfiguration: Sendable {
  public var commandName: String
  /// One line, without a full stop.
  public var abstract: String
  /// A whole command line that shows the verb at work.
  public var example: String
  public var discussion: String
  /// Printed for `--version`, at the root.
  public var version: String
  public var subcommands: [any ParsableCommand.Type]
  public var aliases: [String]

  public init(
    commandName: String, abstract: String = "", example: String = "", discussion: String = "", version: String = "",
    subcommands: [any ParsableCommand.Type] = [], aliases: [String] = []
  ) {
    self.commandName = commandName
    self.abstract = abstract
    self.example = example
    self.discussion = discussion
    self.version = version
    self.subcommands = subcommands
    self.aliases = aliases
  }
}

/// What the help says of one option.
public struct ArgumentHelp: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public var abstract: String
  /// The placeholder of the value: "DIR".
  public var valueName: String?
  /// Whether the help mentions the option.
  public var isVisible: Bool

  public init(_ abstract: String = "", valueName: String? = nil, isVisible: Bool = true) {
    self.abstract = abstract
    self.valueName = valueName
    self.isVisible = isVisible
  }

  public init(stringLiteral value: String) { self.init(value) }
}

/// What an option is called on the command line.
public enum OptionName: Hashable, Sendable {
  /// The property's name: `weightDecay` is `--weight-decay`.
  case long
  /// The first letter of the property's name.
  case short
  case customLong(String)
  case customShort(Character)

  /// With its dashes, for the property `property`.
  func text(for property: String) -> String {
    switch self {
    case .long: "--" + hyphenated(property)
    case .short: "-" + property.prefix(1).lowercased()
    case .customLong(let name): "--" + name
    case .customShort(let letter): "-" + String(letter)
    }
  }
}

/// `weightDecay` as `weight-decay`.
func hyphenated(_ name: String) -> String {
  name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
}

/// Where the value of an option comes from, the weakest first.
public enum Origin: Hashable, Sendable, CustomStringConvertible {
  case `default`
  /// The file's path.
  case configFile(String)
  case environment
  case commandLine

  public var description: String {
    switch self {
    case .default: "default"
    case .configFile(let path): "config file \(path)"
    case .environment: "environment"
    case .commandLine: "command line"
    }
  }
}
