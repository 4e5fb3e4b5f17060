/// Options and arguments that belong together; a command, or a part that several commands share through `@OptionGroup`.
package protocol ParsableArguments {
  init()
  /// Whether the values go together; called after parsing. Throw a `ValidationError`.
  func validate() throws
}

extension ParsableArguments {
  package func validate() throws {}
}

/// A verb: its description, its options as properties, and what it does.
///
/// The shape is that of Swift Argument Parser, so that one can be exchanged for the other.
package protocol ParsableCommand: ParsableArguments, SendableMetatype {
  static var configuration: CommandConfiguration { get }
  mutating func run() throws
}

extension ParsableCommand {
  /// A command that only has verbs does nothing itself: the parser prints its help.
  package mutating func run() throws {}
}

/// What a verb is called and what its help says.
package struct CommandConfiguration: Sendable {
  package var commandName: String
  /// One line, without a full stop.
  package var abstract: String
  /// A whole command line that shows the verb at work.
  package var example: String
  package var discussion: String
  /// Printed for `--version`, at the root.
  package var version: String
  package var subcommands: [any ParsableCommand.Type]
  package var aliases: [String]

  package init(
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
package struct ArgumentHelp: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package var abstract: String
  /// The placeholder of the value: "DIR".
  package var valueName: String?
  /// Whether the help mentions the option.
  package var isVisible: Bool

  package init(_ abstract: String = "", valueName: String? = nil, isVisible: Bool = true) {
    self.abstract = abstract
    self.valueName = valueName
    self.isVisible = isVisible
  }

  package init(stringLiteral value: String) { self.init(value) }
}

/// What an option is called on the command line.
package enum OptionName: Hashable, Sendable {
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
package enum Origin: Hashable, Sendable, CustomStringConvertible {
  case `default`
  /// The file's path.
  case configFile(String)
  case environment
  case commandLine

  package var description: String {
    switch self {
    case .default: "default"
    case .configFile(let path): "config file \(path)"
    case .environment: "environment"
    case .commandLine: "command line"
    }
  }
}
