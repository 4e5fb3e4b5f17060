import NunchiDocuments
import NunchiEvaluation

/// Reads the members of a JSON object. Errors name the key.
package struct SettingsReader {
  /// What is wrong, and under which key.
  package struct Problem: Error, CustomStringConvertible {
    let key: String
    let expected: String
    let found: String

    package var description: String { "\(key): expected \(expected), found \(found)" }
  }

  private let json: JSON

  package init(_ json: JSON) { self.json = json }

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
}

extension EpochRecord {
  /// Reads the record that `json` wrote.
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
      // JSON has no NaN: it was written as null.
      monitored: try reader.optional("monitored", "a number", \.doubleValue) ?? .nan, isBest: try reader.flag("best"))
  }
}
