import NunchiDocuments

/// One setting of a training: its name, where it stands in `TrainingSettings`, how it is written and read, which values make
/// sense, and its help. Documents, command lines, comparisons and checks are made from the one list of them, `all`.
package struct TrainingSetting: Sendable {
  /// What depends on a setting.
  package enum Bearing: Sendable {
    /// Where the images or the first weights come from: a name that only this machine knows.
    case source
    /// The network and its input; a model to start from brings them along.
    case network
    /// How the network learns.
    case learning
    /// Where the training runs and what it leaves there; the weights do not depend on it.
    case run
  }

  /// In documents and on the command line: `weight-decay`.
  package let name: String
  /// Its short name on the command line.
  package let letter: Character?
  package let bearing: Bearing
  package let help: String
  /// What stands for the value in a help: `PIXELS`.
  package let placeholder: String
  /// What is expected of a text: "a whole number".
  package let expectation: String
  /// All texts, where they are few.
  package let allTexts: [String]
  /// The text of the default; nil where there is none, or where it depends on other settings.
  package let defaultText: String?
  /// A text as it is shown; nil where it stands for no value.
  package let shown: @Sendable (String) -> String?
  /// The value in a document; nil where a document leaves it out.
  package let json: @Sendable (TrainingSettings) -> JSON?
  /// The value as a document that leaves nothing out would have it.
  package let value: @Sendable (TrainingSettings) -> JSON
  /// The text of null in a document; nil where there is none.
  private let nullText: String?
  let read: @Sendable (SettingsReader, inout TrainingSettings) throws(SettingsReader.Problem) -> Void
  /// Takes the value from a text.
  let take: @Sendable (String, inout TrainingSettings) throws(SettingRefusal) -> Void
  /// What is expected and found where the value makes no sense.
  let fault: @Sendable (TrainingSettings) -> (expected: String, found: String)?

  /// - Parameters:
  ///   - placeholder: other than that of the codec.
  ///   - shown: a text as it is shown and handed on; nil: as the value would be written.
  ///   - isFixed: whether the default is the same whatever the other settings are.
  ///   - unwritten: the value that documents leave out.
  ///   - refuse: a sentence where a text does not go with the settings before it in the list.
  ///   - fault: what is wrong with a value beside the other settings.
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

  /// Whether other weights come of another value.
  package var decidesWeights: Bool {
    switch bearing {
    case .source, .network, .learning: true
    case .run: false
    }
  }

  /// What stands on a command line for the value of a document; nil where nothing does.
  package static func text(_ name: String, _ value: JSON) -> String? { value.plainText ?? named(name)?.nullText }

  /// The setting of that name.
  package static func named(_ name: String) -> TrainingSetting? { all.first { $0.name == name } }
}

/// Why a text cannot be a setting beside the others, in one sentence.
package struct SettingRefusal: Error, CustomStringConvertible {
  package let description: String
}
