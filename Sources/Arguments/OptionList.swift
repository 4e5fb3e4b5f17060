/// An option that is declared in a list instead of as a property. Its value is a text.
package struct ListedOption {
  let slot: Slot<String?>

  /// - Parameters:
  ///   - expectation: what a text must be, in words: "a whole number".
  ///   - allValues: all valid texts, where they are few.
  ///   - value: the text of the default.
  ///   - shown: the form in which a text is shown and passed on; nil where it is invalid.
  package init(
    _ name: String, letter: Character? = nil, help: String, placeholder: String, expectation: String,
    allValues: [String], value: String?, shown: @escaping (String) -> String?
  ) {
    slot = Slot(
      .option(repeats: false), (letter.map { [.customShort($0)] } ?? []) + [.customLong(name)], ArgumentHelp(help),
      SlotType(expectation: expectation, placeholder: placeholder, allValues: allValues), value: .some(value),
      text: { $0.map { [$0] } }, read: { $0.last.flatMap(shown).map(Optional.some) })
  }
}

/// Options from a list, as a property of a command without a wrapper. They act as if each were declared in its place.
package struct OptionList {
  let definitions: [Definition]

  package init(_ options: [ListedOption]) {
    definitions = options.map { Definition(property: "", slot: $0.slot) }
  }

  /// The texts that the command line and the layers below it gave, by option name.
  package var given: [String: String] {
    let given = definitions.filter { $0.slot.origin != .default }
    return Dictionary(given.compactMap { option in option.slot.texts?.last.map { (option.name, $0) } }) { $1 }
  }

  /// Where the value of an option comes from; `default` where the list has no such option.
  package func origin(of name: String) -> Origin { definitions.first { $0.name == name }?.slot.origin ?? .default }
}
