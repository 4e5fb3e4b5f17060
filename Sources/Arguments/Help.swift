extension Verb {
  /// The help of the verb: what it does, usage, an example, arguments, options and verbs.
  var help: String {
    let configuration = type.configuration
    let definitions = Definition.all(of: type.init()).filter { $0.slot.help.isVisible }
    var parts: [String] = []
    if !configuration.abstract.isEmpty { parts.append(configuration.abstract + "\n") }
    parts.append("Usage: \(usage(definitions))\n")
    if !configuration.example.isEmpty { parts.append("Example: \(configuration.example)\n") }
    if !configuration.discussion.isEmpty { parts.append(configuration.discussion + "\n") }
    parts.append(section("Arguments", definitions.filter(\.isArgument).map { ($0.placeholder, $0.helpText) }))
    let verbs = configuration.subcommands.map { $0.configuration }.map { verb in
      (([verb.commandName] + verb.aliases).joined(separator: ", "), verb.abstract)
    }
    parts.append(section("Verbs", verbs))
    var options = definitions.filter { !$0.isArgument }.map { ($0.form, $0.helpText) }
    if path.count == 1, !configuration.version.isEmpty { options.append(("--version", "print the version")) }
    options.append(("-h, --help", "show this help"))
    parts.append(section("Options", options))
    if !configuration.subcommands.isEmpty {
      parts.append("\(path[0]) help \((path.dropFirst() + ["VERB"]).joined(separator: " ")) tells more.\n")
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func usage(_ definitions: [Definition]) -> String {
    var words = [name]
    if !type.configuration.subcommands.isEmpty { words.append("VERB") }
    if definitions.contains(where: { !$0.isArgument }) { words.append("[options]") }
    for definition in definitions {
      switch definition.slot.form {
      case .argument(let minimum, let maximum):
        let place = definition.placeholder + (maximum > 1 ? "…" : "")
        words.append(minimum > 0 ? place : "[\(place)]")
      case .option, .flag: break
      }
    }
    return words.joined(separator: " ")
  }

  /// A section with names to the left and texts beside them, wrapped before column 100.
  private func section(_ title: String, _ rows: [(String, String)]) -> String {
    guard !rows.isEmpty else { return "" }
    let column = min(rows.map(\.0.count).max() ?? 0, 28) + 4
    return "\(title):\n"
      + rows.map { name, text in
        guard !text.isEmpty else { return "  \(name)\n" }
        var lines = wrapped(text, to: 100 - column)
        var line = "  " + name
        if line.count > column - 2 {
          line += "\n" + String(repeating: " ", count: column)
        } else {
          line += String(repeating: " ", count: column - line.count)
        }
        line += lines.removeFirst()
        for next in lines { line += "\n" + String(repeating: " ", count: column) + next }
        return line + "\n"
      }.joined()
  }

  private func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

extension Definition {
  var isArgument: Bool { spellings.isEmpty }

  /// The spellings with the placeholder: `-e, --epochs N` or `--live, --no-live`.
  var form: String {
    let short = spellings.filter { !$0.hasPrefix("--") }
    let long = spellings.filter { $0.hasPrefix("--") }
    let names = (short + long + [negation].compactMap { $0 }).joined(separator: ", ")
    switch slot.form {
    case .flag: return names
    case .option, .argument: return "\(names) \(placeholder)"
    }
  }

  /// The description with the default. A plain flag has no default.
  var helpText: String {
    let text = slot.help.abstract
    guard let values = slot.texts, !values.isEmpty, slot.form != .flag(inverted: false) else { return text }
    let value = slot.form == .flag(inverted: true) ? (values == ["true"] ? "on" : "off") : values.joined(separator: " ")
    return "\(text) (default: \(value))"
  }
}
