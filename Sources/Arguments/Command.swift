/// A group of options and arguments: a command, or a part that commands share through `@OptionGroup`.
package protocol ParsableArguments {
  init()
  /// Checks after parsing that the values fit together. Throws a `ValidationError` where they do not.
  func validate() throws
}

extension ParsableArguments {
  package func validate() throws {}
}

/// A verb: its description, its options as properties, and its action.
///
/// The interface is that of Swift Argument Parser, so that one can replace the other.
package protocol ParsableCommand: ParsableArguments, SendableMetatype {
  static var configuration: CommandConfiguration { get }
  mutating func run() throws
}

extension ParsableCommand {
  /// Does nothing. A command that only has verbs is never run: the parser prints its help.
  package mutating func run() throws {}
}

/// The name and the help of a verb.
package struct CommandConfiguration: Sendable {
  package var commandName: String
  /// One line, without a full stop.
  package var abstract: String
  /// A complete command line that shows how to use the verb.
  package var example: String
  package var discussion: String
  /// The version, which the root prints for `--version`.
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

/// The help of an option.
package struct ArgumentHelp: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package var abstract: String
  /// The placeholder of the value: "DIR".
  package var valueName: String?
  /// Whether the help lists the option.
  package var isVisible: Bool

  package init(_ abstract: String = "", valueName: String? = nil, isVisible: Bool = true) {
    self.abstract = abstract
    self.valueName = valueName
    self.isVisible = isVisible
  }

  package init(stringLiteral value: String) { self.init(value) }
}

/// The name of an option on the command line.
package enum OptionName: Hashable, Sendable {
  /// The name of the property: `weightDecay` becomes `--weight-decay`.
  case long
  /// The first letter of the name of the property.
  case short
  case customLong(String)
  case customShort(Character)

  /// The name with dashes, for the property `property`.
  func text(for property: String) -> String {
    switch self {
    case .long: "--" + hyphenated(property)
    case .short: "-" + property.prefix(1).lowercased()
    case .customLong(let name): "--" + name
    case .customShort(let letter): "-" + String(letter)
    }
  }
}

/// A name in hyphens: `weightDecay` becomes `weight-decay`.
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
