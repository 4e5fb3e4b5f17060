import NunchiSystem

extension JSON {
  /// The order in which the members of objects are written.
  package enum KeyOrder: Hashable, Sendable {
    case asGiven
    /// By the bytes of the keys.
    case sorted
  }

  /// The value as JSON on one line, without spaces.
  ///
  /// Finite numbers read back bit for bit. NaN and infinity, which JSON lacks, are written as `null`.
  package func compact(keys: KeyOrder = .asGiven) -> String {
    var writer = JSONWriter(indented: false, order: keys)
    writer.write(self, level: 0)
    return writer.text
  }

  /// The value as JSON indented by two spaces, without a final line break. Arrays of plain values stay on one line.
  package func pretty(keys: KeyOrder = .asGiven) -> String {
    var writer = JSONWriter(indented: true, order: keys)
    writer.write(self, level: 0)
    return writer.text
  }

  fileprivate var isPlain: Bool {
    switch self {
    case .null, .bool, .integer, .number, .string: true
    case .array, .object: false
    }
  }
}

extension JSON: CustomStringConvertible {
  package var description: String { compact() }
}

private struct JSONWriter {
  let indented: Bool
  let order: JSON.KeyOrder
  var text = ""

  mutating func write(_ value: JSON, level: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): write(value)
    case .array(let elements): write(elements, level: level)
    case .object(let object): write(object, level: level)
    }
  }

  private mutating func write(_ elements: [JSON], level: Int) {
    let oneLine = elements.allSatisfy(\.isPlain)
    text += "["
    for (index, element) in elements.enumerated() {
      if index > 0 { text += oneLine && indented ? ", " : "," }
      if !oneLine { lineBreak(level + 1) }
      write(element, level: level + 1)
    }
    if !oneLine { lineBreak(level) }
    text += "]"
  }

  private mutating func write(_ object: JSON.Object, level: Int) {
    var members = object.members
    if order == .sorted { members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
    text += "{"
    for (index, member) in members.enumerated() {
      if index > 0 { text += "," }
      lineBreak(level + 1)
      write(member.key)
      text += indented ? ": " : ":"
      write(member.value, level: level + 1)
    }
    if !members.isEmpty { lineBreak(level) }
    text += "}"
  }

  private mutating func lineBreak(_ level: Int) {
    guard indented else { return }
    text += "\n"
    text += String(repeating: "  ", count: level)
  }

  private mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // Control characters, and the two Unicode line separators, which end a line of JavaScript.
      case "\u{0}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}": text += Self.escape(scalar)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    "\\u" + NumberText.padded(scalar.value, 4, radix: 16)
  }
}
