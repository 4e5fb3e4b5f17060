import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiImages

/// An object of JSON, read with errors that name the key.
struct SettingsReader {
  /// What is wrong, and under which key.
  struct Problem: Error, CustomStringConvertible {
    let key: String
    let expected: String
    let found: String

    var description: String { "\(key): expected \(expected), found \(found)" }
  }

  private let json: JSON

  init(_ json: JSON) { self.json = json }

  func optional<Value>(
    _ key: String, _ expected: String, _ read: (JSON) -> Value?
  ) throws(Problem) -> Value? {
    guard let value = json[key], !value.isNull else { return nil }
    guard let meant = read(value) else { throw Problem(key: key, expected: expected, found: value.compact()) }
    return meant
  }

  func value<Value>(_ key: String, _ expected: String, _ read: (JSON) -> Value?) throws(Problem) -> Value {
    guard let value = try optional(key, expected, read) else {
      throw Problem(key: key, expected: expected, found: "nothing")
    }
    return value
  }

  func text(_ key: String) throws(Problem) -> String { try value(key, "a text", \.stringValue) }
  func integer(_ key: String) throws(Problem) -> Int { try value(key, "a whole number", \.intValue) }
  func number(_ key: String) throws(Problem) -> Double { try value(key, "a number", \.doubleValue) }
  func float(_ key: String) throws(Problem) -> Float { Float(try number(key)) }
  func flag(_ key: String) throws(Problem) -> Bool { try value(key, "true or false", \.boolValue) }

  func object(_ key: String) throws(Problem) -> SettingsReader {
    SettingsReader(try value(key, "an object") { $0.objectValue == nil ? nil : $0 })
  }

  /// One of the words of an enum.
  func word<Word: RawRepresentable & CaseIterable>(_ key: String, _: Word.Type = Word.self) throws(Problem) -> Word
  where Word.RawValue == String {
    let expected = "one of " + Word.allCases.map(\.rawValue).joined(separator: ", ")
    return try value(key, expected) { $0.stringValue.flatMap(Word.init(rawValue:)) }
  }
}

extension TrainingSettings {
  /// The settings that `json` wrote.
  init(reading reader: SettingsReader) throws(SettingsReader.Problem) {
    self.init(data: try reader.text("data"))
    model = try reader.text("model")
    size = try reader.optional("size", "a whole number", \.intValue)
    channels = try reader.optional("channels", "a whole number", \.intValue)
    width = try reader.number("width")
    dropout = try reader.optional("dropout", "a number", \.doubleValue).map { Float($0) }
    resize = try reader.word("resize")
    normalization = try reader.word("normalize")
    augmentation = try reader.value("augment", "an augmentation") { json in
      json.stringValue.flatMap { try? Augmentation(parsing: $0) }
    }
    let mix = try reader.optional("mix", "the name of a mixing") { $0.stringValue.flatMap(MixingName.init(rawValue:)) }
    let alpha = try reader.optional("mix-alpha", "a number above 0") { $0.doubleValue.flatMap { $0 > 0 ? $0 : nil } }
    let plain = try reader.optional("mix-plain", "a number from 0") { $0.intValue.flatMap { $0 >= 0 ? $0 : nil } }
    mixing = MixingSchedule((mix ?? .none).mixing(alpha: alpha.map { Float($0) }), plainEpochs: plain ?? 0)
    start = try reader.optional("from", "a text", \.stringValue)
    freeze = try reader.optional("freeze", "none or trunk") { $0.stringValue.flatMap(Freeze.init(rawValue:)) } ?? .none
    epochs = try reader.integer("epochs")
    batch = try reader.integer("batch")
    accumulation = try reader.optional("accumulate", "a whole number", \.intValue) ?? 1
    rate = try reader.float("lr")
    optimizer = try reader.word("optimizer")
    loss = try reader.word("loss")
    labelSmoothing = try reader.float("label-smoothing")
    weightDecay = try reader.float("weight-decay")
    schedule = try reader.word("schedule")
    warmup = try reader.number("warmup")
    imbalance = try reader.word("imbalance")
    fractions = SplitFractions(
      validation: try reader.number("validation"), test: try reader.number("test"))
    let folds = try reader.optional("folds", "a number of folds, or one such as 2/5") { json in
      FoldChoice(json.intValue.map(String.init) ?? json.stringValue ?? "")
    }
    if case .one(let fold) = folds { self.fold = fold }
    monitor = try reader.value("monitor", "the name of a monitor") { $0.stringValue.flatMap { Monitor($0) } }
    patience = try reader.optional("patience", "a whole number", \.intValue)
    minDelta = try reader.optional("min-delta", "a number", \.doubleValue) ?? 0
    averaging = try reader.optional("ema", "a number", \.doubleValue).map { Float($0) }
    timeBudget = try reader.optional("time", "a number", \.doubleValue)
    seed = try reader.value("seed", "a whole number from 0") { json in
      json.intValue.flatMap(UInt64.init(exactly:)) ?? json.stringValue.flatMap { UInt64($0) }
    }
    threads = try reader.optional("threads", "a whole number", \.intValue)
    out = try reader.optional("out", "a text", \.stringValue)
  }
}

extension EpochRecord {
  /// The record that `json` wrote.
  init(reading reader: SettingsReader) throws(SettingsReader.Problem) {
    var measured: [Metric: Double] = [:]
    for metric in Metric.allCases {
      measured[metric] = try reader.optional("val_" + metric.rawValue, "a number", \.doubleValue)
    }
    self.init(
      epoch: try reader.integer("epoch"), seconds: try reader.number("seconds"), rate: try reader.float("lr"),
      imagesPerSecond: try reader.number("images_per_second"), trainLoss: try reader.number("train_loss"),
      validationLoss: try reader.optional("val_loss", "a number", \.doubleValue),
      validation: measured.isEmpty ? nil : measured,
      // A value that is no number has no place in JSON.
      monitored: try reader.optional("monitored", "a number", \.doubleValue) ?? .nan, isBest: try reader.flag("best"))
  }
}
