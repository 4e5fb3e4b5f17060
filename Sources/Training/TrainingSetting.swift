import NunchiDocuments

/// One setting of a training: its name, its property of `TrainingSettings`, its codec, its valid values and its help.
/// Documents, options, comparisons and checks are made from the list of them, `all`.
package struct TrainingSetting: Sendable {
  /// What a setting affects.
  package enum Bearing: Sendable {
    /// Where the images or the initial weights come from: a path that is only valid on this machine.
    case source
    /// The network and its input. A model to start from fixes them.
    case network
    /// How the network learns.
    case learning
    /// Where and how the training runs. The weights do not depend on it.
    case run
  }

  /// The name in documents and on the command line: `weight-decay`.
  package let name: String
  /// The short name on the command line.
  package let letter: Character?
  package let bearing: Bearing
  package let help: String
  /// The placeholder of the value in the help: `PIXELS`.
  package let placeholder: String
  /// What a text must be, for messages: "a whole number".
  package let expectation: String
  /// All valid texts, where they are few.
  package let allTexts: [String]
  /// The text of the default; nil where there is none, or where it depends on other settings.
  package let defaultText: String?
  /// The form in which a text is shown; nil where it is invalid.
  package let shown: @Sendable (String) -> String?
  /// The value in a document; nil where a document leaves it out.
  package let json: @Sendable (TrainingSettings) -> JSON?
  /// The value in a document that leaves nothing out.
  package let value: @Sendable (TrainingSettings) -> JSON
  /// The text of a null in a document; nil where there is none.
  private let nullText: String?
  let read: @Sendable (SettingsReader, inout TrainingSettings) throws(SettingsReader.Problem) -> Void
  /// Sets the value from a text.
  let take: @Sendable (String, inout TrainingSettings) throws(SettingRefusal) -> Void
  /// What is expected and found where the value is invalid.
  let fault: @Sendable (TrainingSettings) -> (expected: String, found: String)?

  /// - Parameters:
  ///   - placeholder: replaces that of the codec.
  ///   - shown: the form in which a text is shown and passed on; nil shows the text of the value.
  ///   - isFixed: whether the default is independent of other settings.
  ///   - unwritten: the value that documents leave out.
  ///   - refuse: a message where a text does not fit the settings before it in the list.
  ///   - fault: what is wrong with a value given the other settings.
  init<Value: Equatable>(
    _ name: String, _ path: any WritableKeyPath<TrainingSettings, Value> & Sendable, _ codec: SettingCodec<Value>,
    _ bearing: Bearing = .learning, letter: Character? = nil, placeholder: String? = nil, help: String,
    isFixed: Bool = true, shown: (@Sendable (String) -> String?)? = nil,
    unwritten: (@Sendable (TrainingSettings) -> Value)? = nil,
    refuse: @escaping @Sendable (String, TrainingSettings) -> String? = { _, _ in nil },
    fault: @escaping @Sendable (TrainingSettings) -> (expected: String, found: String)? = { _ in nil }
  ) {
    (self.name, self.letter, self.bearing, self.help) = (name, letter, bearing, help)
    self.placeholder = placeholder ?? codec.placeholder
    (expectation, allTexts) = (codec.expectation, codec.allTexts)
    defaultText = isFixed && unwritten == nil ? codec.text(TrainingSettings()[keyPath: path]) : nil
    self.shown = shown ?? { codec.parse($0).flatMap(codec.text) }
    json = { settings in
      let value = settings[keyPath: path]
      return value == unwritten?(settings) ? JSON?.none : codec.json(value)
    }
    nullText = codec.absent.flatMap { codec.json($0).isNull ? codec.text($0) : nil }
    value = { codec.json($0[keyPath: path]) }
    read = { (reader, settings) throws(SettingsReader.Problem) in
      let found = try reader.optional(name, codec.document, codec.read) ?? codec.absent
      guard let found else { throw .init(key: name, expected: codec.document, found: "nothing") }
      settings[keyPath: path] = found
    }
    take = { (text, settings) throws(SettingRefusal) in
      if let sentence = refuse(text, settings) { throw SettingRefusal(description: sentence) }
      guard let value = codec.parse(text) else {
        throw SettingRefusal(description: "--\(name) expects \(codec.expectation), found \"\(text)\"")
      }
      settings[keyPath: path] = value
    }
    self.fault = { settings in
      let value = settings[keyPath: path]
      if let bound = codec.bound, !bound.holds(value) { return (bound.expected, codec.text(value) ?? "nothing") }
      return fault(settings)
    }
  }

  /// Whether the weights depend on the setting.
  package var decidesWeights: Bool {
    switch bearing {
    case .source, .network, .learning: true
    case .run: false
    }
  }

  /// The text on a command line for a value of a document; nil where there is none.
  package static func text(_ name: String, _ value: JSON) -> String? { value.plainText ?? named(name)?.nullText }

  /// The setting of that name.
  package static func named(_ name: String) -> TrainingSetting? { all.first { $0.name == name } }
}

/// Why a text is no valid value of a setting, in a sentence.
package struct SettingRefusal: Error, CustomStringConvertible {
  package let description: String
}
