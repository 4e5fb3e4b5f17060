/// An option that a list declares instead of a property: its value is kept as a text.
package struct ListedOption {
  let slot: Slot<String?>

  /// - Parameters:
  ///   - expectation: of a text, in words: "a whole number".
  ///   - allValues: all texts, where they are few.
  ///   - value: the default's text.
  ///   - shown: a text as it is shown and handed on; nil where it stands for no value.
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

/// The options of a list as if each were a property that stands here. A property of a command, without a wrapper.
package struct OptionList {
  let definitions: [Definition]

  package init(_ options: [ListedOption]) {
    definitions = options.map { Definition(property: "", slot: $0.slot) }
  }

  /// What the command line and the layers below it gave, by the options' names.
  package var given: [String: String] {
    let given = definitions.filter { $0.slot.origin != .default }
    return Dictionary(given.compactMap { option in option.slot.texts?.last.map { (option.name, $0) } }) { $1 }
  }

  /// Where the value of an option comes from; the default's, where the list has none of that name.
  package func origin(of name: String) -> Origin { definitions.first { $0.name == name }?.slot.origin ?? .default }
}
