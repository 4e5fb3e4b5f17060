import NunchiDatasets
import NunchiDocuments
import NunchiImages

/// How the values of a setting are written: as JSON in documents, and as text on the command line, in a config file and
/// in the environment.
struct SettingCodec<Value: Sendable>: Sendable {
  /// What a text must be, for messages: "a whole number".
  var expectation: String
  /// The placeholder of the value in the help: "N".
  var placeholder: String
  /// All valid texts, where they are few.
  var allTexts: [String] = []
  /// The text of a value; nil for a value without one.
  var text: @Sendable (Value) -> String?
  var parse: @Sendable (String) -> Value?
  /// What a document must have, for messages.
  var document: String
  var json: @Sendable (Value) -> JSON
  var read: @Sendable (JSON) -> Value?
  /// The value where a document lacks the setting; nil where it is required.
  var absent: Value?
  /// The valid values, in words and as a test.
  var bound: (expected: String, holds: @Sendable (Value) -> Bool)?

  /// Bounds the valid values. Others can still be read; `TrainingSettings.validate` refuses them.
  func bounded(_ expected: String, _ holds: @escaping @Sendable (Value) -> Bool) -> SettingCodec {
    var codec = self
    codec.bound = (expected, holds)
    return codec
  }

  /// Describes and restricts the values that can be read from a document.
  func documented(_ expected: String, where isReadable: @escaping @Sendable (Value) -> Bool = { _ in true })
    -> SettingCodec
  {
    var codec = self
    codec.document = expected
    codec.read = { [read] in read($0).flatMap { isReadable($0) ? $0 : nil } }
    return codec
  }

  /// The value for documents of older releases, which lack the setting.
  func added(meaning value: Value) -> SettingCodec {
    var codec = self
    codec.absent = value
    return codec
  }
}

extension SettingCodec where Value: LosslessStringConvertible {
  /// The text of a value is that of Swift.
  init(
    _ expectation: String, _ placeholder: String, json: @escaping @Sendable (Value) -> JSON,
    read: @escaping @Sendable (JSON) -> Value?
  ) {
    self.init(
      expectation: expectation, placeholder: placeholder, text: { $0.description }, parse: { Value($0) },
      document: expectation, json: json, read: read)
  }
}

extension SettingCodec where Value == String {
  static let plain = SettingCodec("a text", "TEXT", json: { .string($0) }, read: \.stringValue)
}

extension SettingCodec where Value == Int {
  static let whole = SettingCodec("a whole number", "N", json: { .integer($0) }, read: \.intValue)

  /// A number of epochs. With `+` on the command line it is added to the epochs of a resumed run.
  static var epochs: SettingCodec {
    var codec = whole
    codec.expectation = "a number from 1, or with --resume +N for more"
    codec.parse = { ResumedEpochs($0)?.count }
    return codec
  }
}

extension SettingCodec where Value == UInt64 {
  static let seed = SettingCodec("a whole number from 0", "N", json: { .seed($0) }, read: \.seedValue)
}

extension SettingCodec where Value: BinaryFloatingPoint & LosslessStringConvertible {
  /// Refuses texts for infinity and NaN.
  fileprivate var finite: SettingCodec {
    var codec = self
    codec.parse = { Value($0).flatMap { $0.isFinite ? $0 : nil } }
    return codec
  }
}

extension SettingCodec where Value == Double {
  static let number = SettingCodec("a number", "X", json: { .number($0) }, read: \.doubleValue).finite

  /// A number of seconds in documents; a text such as `90s`, `10m` or `1h30m` on the command line.
  static var duration: SettingCodec {
    var codec = number
    codec.expectation = "a duration such as 90s, 10m or 1h30m"
    codec.placeholder = "DURATION"
    codec.parse = { DurationText.seconds($0) }
    return codec
  }
}

extension SettingCodec where Value == Float {
  static let single = SettingCodec(
    "a number", "X", json: { JSON($0) }, read: { $0.doubleValue.map { Float($0) } }
  ).finite
}

extension SettingCodec {
  /// One of a few values, by name.
  static func word(_ all: [Value], _ name: @escaping @Sendable (Value) -> String) -> SettingCodec {
    let names = all.map(name)
    let expected = "one of " + names.joined(separator: ", ")
    let named: @Sendable (String) -> Value? = { text in zip(names, all).first { $0.0 == text }?.1 }
    return SettingCodec(
      expectation: expected, placeholder: names.joined(separator: "|"), allTexts: names, text: name, parse: named,
      document: expected, json: { .string(name($0)) }, read: { $0.stringValue.flatMap(named) })
  }

  /// A value or none: null in documents, without a text.
  static func optional<Wrapped>(_ codec: SettingCodec<Wrapped>) -> SettingCodec where Value == Wrapped? {
    SettingCodec(
      expectation: codec.expectation, placeholder: codec.placeholder, allTexts: codec.allTexts,
      text: { $0.flatMap(codec.text) }, parse: { codec.parse($0).map(Optional.some) }, document: codec.document,
      json: { $0.map(codec.json) ?? .null }, read: { codec.read($0).map(Optional.some) }, absent: .some(nil),
      bound: codec.bound.map { bound in (bound.expected, { $0.map(bound.holds) ?? true }) })
  }

  /// A number or none, which has the text 0.
  static func zeroForNone<Number>(_ codec: SettingCodec<Number>) -> SettingCodec
  where Value == Number?, Number: ExpressibleByIntegerLiteral & Equatable {
    var optional = Self.optional(codec)
    optional.text = { codec.text($0 ?? 0) }
    optional.parse = { codec.parse($0).map { $0 == 0 ? nil : $0 } }
    return optional
  }
}

extension SettingCodec where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// A case of an enum, by its raw value.
  static var word: SettingCodec { word(Array(Value.allCases)) { $0.rawValue } }
}

extension SettingCodec where Value == Augmentation {
  static let augmentation = SettingCodec(
    expectation: "a text", placeholder: "TEXT", text: { $0.description }, parse: { try? Augmentation(parsing: $0) },
    document: "an augmentation", json: { JSON($0.description) },
    read: { $0.stringValue.flatMap { try? Augmentation(parsing: $0) } })
}

extension SettingCodec where Value == Monitor {
  static let monitor = SettingCodec(
    expectation: "a number such as val.f1_macro, val.accuracy or val.loss", placeholder: "NAME",
    allTexts: Monitor.names, text: { $0.description }, parse: { Monitor($0) }, document: "the name of a monitor",
    json: { .string($0.description) }, read: { $0.stringValue.flatMap { Monitor($0) } })
}

extension SettingCodec where Value == Fold? {
  /// A fold of a cross-validation. A bare number of folds, which is a whole cross-validation, reads as no fold.
  static let fold = SettingCodec(
    expectation: "a number of folds from 2, or one of them such as 2/5", placeholder: "COUNT",
    text: { $0?.description }, parse: { FoldChoice($0).map(\.fold) },
    document: "a number of folds, or one such as 2/5", json: { JSON($0?.description) },
    read: { json in FoldChoice(json.intValue.map(String.init) ?? json.stringValue ?? "").map(\.fold) },
    absent: .some(nil))
}
