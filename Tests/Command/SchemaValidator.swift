import Foundation
import NunchiDocuments
import Testing

/// The part of JSON Schema that `docs/schemas` uses: type, const, enum, properties, required, additionalProperties,
/// items, minimum, maximum, minItems, `$ref` to `#/$defs` and to another file. Any other keyword is an error, so that
/// nothing is checked less than it looks.
struct SchemaValidator {
  private let file: String
  private let root: JSON
  private static let ignored: Set<String> = ["$schema", "$id", "title", "description", "$defs"]

  init(_ file: String) throws {
    self.file = file
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/schemas")
    let text = try String(contentsOf: folder.appendingPathComponent(file + ".json"), encoding: .utf8)
    root = try JSON(parsing: text)
  }

  /// What is wrong with `value`, each with its place.
  func problems(_ value: JSON) throws -> [String] { try problems(value, root, "$") }

  private func problems(_ value: JSON, _ schema: JSON, _ place: String) throws -> [String] {
    var found: [String] = []
    for member in schema.objectValue?.members ?? [] where !Self.ignored.contains(member.key) {
      let rule = member.value
      switch member.key {
      case "type": if !Self.matches(value, rule) { found.append("\(place): \(value.kind), expected \(rule)") }
      case "const": if value != rule { found.append("\(place): \(value), expected \(rule)") }
      case "enum": if rule.arrayValue?.contains(value) != true { found.append("\(place): \(value), expected \(rule)") }
      case "minimum":
        if let number = value.doubleValue, number < rule.doubleValue! { found.append("\(place): \(number) < \(rule)") }
      case "maximum":
        if let number = value.doubleValue, number > rule.doubleValue! { found.append("\(place): \(number) > \(rule)") }
      case "minItems":
        if let items = value.arrayValue, items.count < rule.intValue! { found.append("\(place): \(items.count) items") }
      case "items":
        for (index, item) in (value.arrayValue ?? []).enumerated() {
          found += try problems(item, rule, "\(place)[\(index)]")
        }
      case "required":
        for key in rule.arrayValue ?? [] where value.objectValue != nil && value[key.stringValue!] == nil {
          found.append("\(place): no \(key)")
        }
      case "properties":
        for property in rule.objectValue?.members ?? [] {
          if let inner = value[property.key] {
            found += try problems(inner, property.value, "\(place).\(property.key)")
          }
        }
      case "additionalProperties": found += try additional(value, schema, rule, place)
      case "$ref": found += try reference(value, rule.stringValue!, place)
      default: found.append("schema \(file): keyword \(member.key) is not known to the validator")
      }
    }
    return found
  }

  private func additional(_ value: JSON, _ schema: JSON, _ rule: JSON, _ place: String) throws -> [String] {
    let known = Set(schema["properties"]?.objectValue?.keys ?? [])
    return try (value.objectValue?.members ?? []).filter { !known.contains($0.key) }.flatMap { member in
      rule == .bool(false)
        ? ["\(place): unexpected \(member.key)"] : try problems(member.value, rule, "\(place).\(member.key)")
    }
  }

  private func reference(_ value: JSON, _ target: String, _ place: String) throws -> [String] {
    if target.hasPrefix("#/$defs/") {
      return try problems(value, root["$defs"]![String(target.dropFirst(8))]!, place)
    }
    return try SchemaValidator(String(target.dropLast(".json".count))).problems(value).map { place + $0.dropFirst() }
  }

  private static func matches(_ value: JSON, _ types: JSON) -> Bool {
    (types.arrayValue ?? [types]).contains { type in
      switch (type.stringValue, value) {
      case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number),
        ("string", .string), ("array", .array), ("object", .object):
        true
      default: false
      }
    }
  }
}

/// Records an issue for everything in `document` that the schema does not allow.
func expectValid(_ document: JSON, _ schema: String) throws {
  let problems = try SchemaValidator(schema).problems(document)
  #expect(problems.isEmpty, "\(schema): \(problems.joined(separator: "; "))")
}

struct SchemaValidatorTests {
  /// A validator that lets everything pass would make every other test empty.
  @Test(arguments: [
    (#"{"status":"error"}"#, "no \"schema_version\""),
    (
      #"{"schema_version":2,"status":"error","error":{"code":"a","message":"b","hint":null,"path":null}}"#, "expected 1"
    ),
    (
      #"{"schema_version":1,"status":"error","error":{"code":1,"message":"b","hint":null,"path":null}}"#,
      "expected \"string\""
    ),
    (
      #"{"schema_version":1,"status":"error","error":{"code":"a","message":"b","hint":null,"path":null,"x":1}}"#,
      "unexpected x"
    ),
  ])
  func finds(text: String, problem: String) throws {
    let problems = try SchemaValidator("error").problems(JSON(parsing: text))
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }
}
