/// Parses command lines for a command with verbs. It has no side effects: printing, running and exiting are up to the
/// caller.
package struct CommandParser: Sendable {
  private let root: any ParsableCommand.Type

  package init(_ root: any ParsableCommand.Type) { self.root = root }

  /// What a command line asks for.
  package enum Outcome {
    case run(ParsedCommand)
    /// Print this text, help or version, on standard output.
    case print(String)
  }

  /// - Parameters:
  ///   - arguments: the arguments without the program's name.
  ///   - layers: settings from elsewhere, the weakest first. The command line overrides them.
  package func parse(_ arguments: [String], layers: [SettingLayer] = []) throws(ArgumentError) -> Outcome {
    if arguments.first == "help" { return .print(try help(for: Array(arguments.dropFirst()))) }
    if arguments.first == "--version", arguments.count == 1 { return .print(root.configuration.version) }
    let (verb, rest) = try descend(from: arguments)
    let takesVerb = !verb.type.configuration.subcommands.isEmpty
    if takesVerb, let first = rest.first, !first.hasPrefix("-") { throw verb.unknownVerbOrOption(first) }
    let own = rest.prefix { $0 != "--" }
    if own.contains("--help") || own.contains("-h") { return .print(verb.help) }
    if takesVerb {
      guard let first = rest.first else { return .print(verb.help) }
      throw verb.unknownVerbOrOption(first)
    }
    let command = verb.type.init()
    let definitions = Definition.all(of: command)
    for layer in layers { try layer.apply(to: definitions, of: verb.name) }
    var line = LineParser(command: verb.name, definitions: definitions)
    try line.parse(rest)
    do {
      try Self.validate(command)
    } catch {
      throw ArgumentError(.invalidCombination, verb.name, "\(error)")
    }
    return .run(ParsedCommand(command: command, verbs: verb.path, definitions: definitions))
  }

  private static func validate(_ arguments: any ParsableArguments) throws {
    for child in Mirror(reflecting: arguments).children {
      if let holder = child.value as? any GroupHolder { try validate(holder.group) }
    }
    try arguments.validate()
  }

  /// The verb that the arguments begin with, and the other arguments.
  private func descend(from arguments: [String]) throws(ArgumentError) -> (Verb, [String]) {
    var verb = Verb(type: root, path: [root.configuration.commandName])
    var rest = arguments[...]
    while let name = rest.first, let next = verb.subcommand(name) {
      verb = next
      rest = rest.dropFirst()
    }
    return (verb, Array(rest))
  }

  private func help(for verbs: [String]) throws(ArgumentError) -> String {
    var verb = Verb(type: root, path: [root.configuration.commandName])
    for name in verbs {
      guard let next = verb.subcommand(name) else { throw verb.unknownVerbOrOption(name) }
      verb = next
    }
    return verb.help
  }
}

/// A command with its path from the root.
struct Verb {
  let type: any ParsableCommand.Type
  /// The names from the root, with aliases resolved.
  let path: [String]

  var name: String { path.joined(separator: " ") }

  func subcommand(_ name: String) -> Verb? {
    let found = type.configuration.subcommands.first {
      $0.configuration.commandName == name || $0.configuration.aliases.contains(name)
    }
    return found.map { Verb(type: $0, path: path + [$0.configuration.commandName]) }
  }

  func unknownVerbOrOption(_ found: String) -> ArgumentError {
    if found.hasPrefix("-") {
      let known = ["--help"] + (path.count == 1 ? ["--version"] : [])
      return ArgumentError(
        .unknownOption, name, "unknown option \(found) before the verb",
        hint: nearestHint(found, among: known) ?? "options follow the verb")
    }
    let candidates = type.configuration.subcommands.flatMap {
      [$0.configuration.commandName] + $0.configuration.aliases
    }
    guard !candidates.isEmpty else {
      return ArgumentError(.unknownVerb, name, "expects no further verb, found \"\(found)\"")
    }
    return ArgumentError(
      .unknownVerb, name, "unknown verb \"\(found)\"",
      hint: nearestHint(found, among: candidates) ?? "see \(name) --help")
  }
}

/// A parsed command with its values.
package struct ParsedCommand {
  /// The command. Call `run()` on it.
  package var command: any ParsableCommand
  /// The names from the root, with aliases resolved: `["nunchi", "model", "list"]`.
  package let verbs: [String]
  private let definitions: [Definition]

  init(command: any ParsableCommand, verbs: [String], definitions: [Definition]) {
    (self.command, self.verbs, self.definitions) = (command, verbs, definitions)
  }

  /// All options and arguments, in the order of declaration.
  package var settings: [Setting] {
    definitions.map { Setting(name: $0.name, values: $0.slot.texts, origin: $0.slot.origin) }
  }
}

/// An option with its value and origin.
package struct Setting: Hashable, Sendable {
  /// The name without dashes: "weight-decay".
  package let name: String
  /// The texts of the value: one, or several for an option that repeats; `nil` where there is no value.
  package let values: [String]?
  package let origin: Origin
}

/// Settings from a config file or the environment.
package struct SettingLayer: Sendable {
  private let origin: Origin
  private let values: [(name: String, values: [String])]

  /// Settings of a config file. An unknown name is an error.
  package static func configFile(_ path: String, _ values: [(name: String, values: [String])]) -> SettingLayer {
    SettingLayer(origin: .configFile(path), values: values)
  }

  /// Settings of environment variables such as `PREFIX_WEIGHT_DECAY`. Unknown names are ignored.
  package static func environment(_ variables: [String: String], prefix: String) -> SettingLayer {
    let own = variables.filter { $0.key.hasPrefix(prefix + "_") && !$0.value.isEmpty }
    return SettingLayer(
      origin: .environment,
      values: own.sorted { $0.key < $1.key }.map { (String($0.key.dropFirst(prefix.count + 1)), [$0.value]) })
  }

  func apply(to definitions: [Definition], of command: String) throws(ArgumentError) {
    for (name, texts) in values {
      let found = definitions.first { origin == .environment ? variable($0.name) == name : $0.name == name }
      guard let definition = found else {
        if origin == .environment { continue }
        let hint = nearestHint(name, among: definitions.map(\.name))
        throw ArgumentError(.unknownSetting, command, "unknown setting \(name) in \(origin)", hint: hint)
      }
      guard definition.slot.read(texts) else {
        throw definition.invalid(texts.joined(separator: " "), command: command, source: " in \(origin)")
      }
      definition.slot.origin = origin
    }
  }

  private func variable(_ name: String) -> String { String(name.map { $0 == "-" ? "_" : $0 }).uppercased() }
}

extension Definition {
  /// The error for the invalid value `found`.
  func invalid(_ found: String, command: String, source: String = "") -> ArgumentError {
    ArgumentError(
      .invalidValue, command, "\(title) expects \(slot.type.expectation), found \"\(found)\"\(source)",
      hint: nearestHint(found, among: slot.type.allValues))
  }
}
