/// Parses the options and arguments of one command into its definitions, by the GNU conventions.
struct LineParser {
  let command: String
  let definitions: [Definition]
  private var rest: ArraySlice<String> = []
  private var positional: [String] = []

  init(command: String, definitions: [Definition]) {
    (self.command, self.definitions) = (command, definitions)
  }

  mutating func parse(_ arguments: [String]) throws(ArgumentError) {
    rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positional += rest
        rest = []
      } else if word.hasPrefix("--") {
        try long(word)
      } else if isCluster(word) {
        try cluster(word)
      } else {
        positional.append(word)
      }
    }
    try assignPositional()
    try checkRequired()
  }

  /// Whether the word is like `-b32` or `-v`, and neither `-` (standard input) nor a negative number.
  private func isCluster(_ word: String) -> Bool {
    word.hasPrefix("-") && word != "-" && (Double(word) == nil || find("-" + String(word.dropFirst().prefix(1))) != nil)
  }

  private func find(_ spelling: String) -> Definition? { definitions.first { $0.spellings.contains(spelling) } }

  private func long(named word: String) -> (spelling: String, value: String?) {
    guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
    return (String(word[..<equals]), String(word[word.index(after: equals)...]))
  }

  private mutating func long(_ word: String) throws(ArgumentError) {
    let (spelling, value) = long(named: word)
    if let definition = definitions.first(where: { $0.negation == spelling }) {
      return try set(definition, flag: false, spelling, value)
    }
    guard let definition = find(spelling) else { throw unknown(spelling) }
    switch definition.slot.form {
    case .flag: try set(definition, flag: true, spelling, value)
    case .option, .argument: try set(definition, spelling, value)
    }
  }

  /// Parses a word like `-vb32`: flags, then at most one option with its value.
  private mutating func cluster(_ word: String) throws(ArgumentError) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      let spelling = "-\(letter)"
      guard let definition = find(spelling) else { throw unknown(word, letter: spelling) }
      if case .flag = definition.slot.form {
        try set(definition, flag: true, spelling, letters.first == "=" ? String(letters.dropFirst()) : nil)
      } else {
        let value = letters.first == "=" ? letters.dropFirst() : letters
        do throws(ArgumentError) {
          return try set(definition, spelling, letters.isEmpty ? nil : String(value))
        } catch {
          // -epochs 3 is --epochs 3 with a dash missing, not -e with the value "pochs".
          throw find("-" + word) == nil ? error : unknown(word, letter: spelling)
        }
      }
    }
  }

  private func set(_ definition: Definition, flag: Bool, _ spelling: String, _ value: String?) throws(ArgumentError) {
    if let value {
      throw ArgumentError(.unexpectedValue, command, "\(spelling) expects no value, found \"\(value)\"")
    }
    store([flag.argumentText], in: definition)
  }

  private mutating func set(_ definition: Definition, _ spelling: String, _ given: String?) throws(ArgumentError) {
    let value: String
    if let given { value = given } else { value = try nextValue(definition, spelling) }
    var texts = [value]
    if definition.slot.form == .option(repeats: true), definition.slot.origin == .commandLine {
      texts = (definition.slot.texts ?? []) + texts
    }
    guard definition.slot.read(texts) else { throw definition.invalid(value, command: command) }
    definition.slot.origin = .commandLine
  }

  private mutating func nextValue(_ definition: Definition, _ spelling: String) throws(ArgumentError) -> String {
    let expectation = definition.slot.type.expectation
    guard let word = rest.first else {
      throw ArgumentError(.missingValue, command, "\(spelling) expects \(expectation), found nothing after it")
    }
    guard !word.hasPrefix("-") || word == "-" || Double(word) != nil else {
      let joined = spelling.hasPrefix("--") ? "\(spelling)=\(word)" : "\(spelling)\(word)"
      throw ArgumentError(
        .missingValue, command, "\(spelling) expects \(expectation), found the option \(word)",
        hint: "write \(joined) if that is the value")
    }
    rest = rest.dropFirst()
    return word
  }

  private func store(_ texts: [String], in definition: Definition) {
    precondition(definition.slot.read(texts))
    definition.slot.origin = .commandLine
  }

  private func unknown(_ word: String, letter: String? = nil) -> ArgumentError {
    let known = definitions.filter { $0.slot.help.isVisible }.flatMap { $0.spellings + [$0.negation].compactMap { $0 } }
    let long = (known + ["--help"]).filter { $0.hasPrefix("--") }
    // -epochs is --epochs with a dash missing.
    let spelled = letter != nil && word.count > 2 ? "-" + word : word
    let hint = spelled.count > 2 ? nearestHint(spelled, among: long) : nil
    return ArgumentError(
      .unknownOption, command, "unknown option \(hint == nil ? letter ?? word : word)",
      hint: hint ?? "see \(command) --help")
  }

  // MARK: Positional arguments

  /// Assigns positional words. Required arguments get theirs first; the rest goes to the others, from left to right.
  private func assignPositional() throws(ArgumentError) {
    var words = positional[...]
    let places = definitions.compactMap { definition -> (Definition, Int, Int)? in
      guard case .argument(let minimum, let maximum) = definition.slot.form else { return nil }
      // An argument that a config file or the environment has set is not required.
      return (definition, definition.slot.origin == .default ? minimum : 0, maximum)
    }
    var spare = max(0, words.count - places.reduce(0) { $0 + $1.1 })
    for (definition, minimum, maximum) in places {
      let extra = min(spare, maximum - minimum)
      spare -= extra
      let own = Array(words.prefix(minimum + extra))
      words = words.dropFirst(own.count)
      guard !own.isEmpty else { continue }
      guard definition.slot.read(own) else { throw definition.invalid(own.joined(separator: " "), command: command) }
      definition.slot.origin = .commandLine
    }
    if let word = words.first {
      let expected = places.isEmpty ? "no arguments" : "only \(places.map(\.0.placeholder).joined(separator: " "))"
      throw ArgumentError(.unexpectedArgument, command, "expects \(expected), found also \"\(word)\"")
    }
  }

  private func checkRequired() throws(ArgumentError) {
    guard let missing = definitions.first(where: { $0.slot.isMissing }) else { return }
    let expected = missing.spellings.isEmpty ? missing.placeholder : "\(missing.title) \(missing.placeholder)"
    throw ArgumentError(.missingArgument, command, "expects \(expected), found none", hint: "see \(command) --help")
  }
}
