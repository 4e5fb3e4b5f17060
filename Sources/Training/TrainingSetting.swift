import NunchiDocuments

/// One setting of a training: its name, where it stands in `TrainingSettings`, how it is written and read, which values make
/// sense, and its help. Documents, command lines, comparisons and checks are made from the one list of them, `all`.
package struct TrainingSetting: Sendable {
  /// What is another where the setting is.
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
  package let usual: String?
  /// A text as it is shown; nil where it stands for no value.
  package let kept: @Sendable (String) -> String?
  /// The value in a document; nil where a document leaves it out.
  package let json: @Sendable (TrainingSettings) -> JSON?
  /// The value as a document that leaves nothing out would have it.
  package let value: @Sendable (TrainingSettings) -> JSON
  let read: @Sendable (SettingsReader, inout TrainingSettings) throws(SettingsReader.Problem) -> Void
  /// Takes the value from a text.
  let take: @Sendable (String, inout TrainingSettings) throws(SettingRefusal) -> Void
  /// What is expected and found where the value makes no sense.
  let fault: @Sendable (TrainingSettings) -> (expected: String, found: String)?

  /// - Parameters:
  ///   - placeholder: other than that of the codec.
  ///   - kept: a text as it is shown; nil: as the value would be written.
  ///   - isFixed: whether the default is the same whatever the other settings are.
  ///   - unwritten: the value that documents leave out.
  ///   - refuse: a sentence where a text does not go with the settings before it in the list.
  ///   - fault: what is wrong with a value beside the other settings.
  init<Value: Equatable>(
    _ name: String, _ path: any WritableKeyPath<TrainingSettings, Value> & Sendable, _ codec: SettingCodec<Value>,
    _ bearing: Bearing = .learning, letter: Character? = nil, placeholder: String? = nil, help: String,
    isFixed: Bool = true, kept: (@Sendable (String) -> String?)? = nil,
    unwritten: (@Sendable (TrainingSettings) -> Value)? = nil,
    refuse: @escaping @Sendable (String, TrainingSettings) -> String? = { _, _ in nil },
    fault: @escaping @Sendable (TrainingSettings) -> (expected: String, found: String)? = { _ in nil }
  ) {
    (self.name, self.letter, self.bearing, self.help) = (name, letter, bearing, help)
    self.placeholder = placeholder ?? codec.placeholder
    (expectation, allTexts) = (codec.expectation, codec.allTexts)
    usual = isFixed && unwritten == nil ? codec.text(TrainingSettings()[keyPath: path]) : nil
    self.kept = kept ?? { codec.parse($0).flatMap(codec.text) }
    json = { settings in
      let value = settings[keyPath: path]
      return value == unwritten?(settings) ? JSON?.none : codec.json(value)
    }
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

  /// The setting of that name.
  package static func named(_ name: String) -> TrainingSetting? { all.first { $0.name == name } }
}

/// Why a text cannot be a setting beside the others, in one sentence.
package struct SettingRefusal: Error, CustomStringConvertible {
  package let description: String
}

extension TrainingSettings {
  /// Throws where a value lies outside of what makes sense.
  public func validate() throws(TrainingError) {
    for setting in TrainingSetting.all {
      guard let fault = setting.fault(self) else { continue }
      throw .setting(name: setting.name, expected: fault.expected, found: fault.found)
    }
  }

  /// The settings that texts stand for, by their names; a setting that is not named keeps its default, or follows from
  /// those that are.
  package init(data: String = "", texts: [String: String]) throws(SettingRefusal) {
    self.init(data: data)
    for setting in TrainingSetting.all {
      if let text = texts[setting.name] { try setting.take(text, &self) }
    }
    let epochsAreNamed = texts["epochs"] != nil
    if timeBudget != nil, !epochsAreNamed { epochs = Self.mostEpochsInTime }
    if texts["mix-plain"] == nil { mixing.plainEpochs = epochs / 10 }
    // Who asks for epochs wants to see them run.
    if epochsAreNamed, texts["patience"] == nil { patience = nil }
  }

  /// Where a time decides.
  private static let mostEpochsInTime = 1000
}
