extension JSON {
  /// The limits of a parser, which keep untrusted text from exhausting the stack or the memory.
  package struct Limits: Hashable, Sendable {
    /// The deepest nesting of values.
    package var depth: Int
    /// The longest text, in bytes.
    package var bytes: Int

    package init(depth: Int = 128, bytes: Int = 256 << 20) {
      self.depth = depth
      self.bytes = bytes
    }
  }

  /// Parses a document, strictly by RFC 8259: no comments, no trailing commas, no duplicate keys, nothing after it.
  ///
  /// A whole number that an `Int` cannot hold becomes a `number`.
  package init(parsing text: some StringProtocol, limits: Limits = Limits()) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }

  /// Parses a document from its UTF-8 bytes.
  package init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(JSONError) {
    let result = bytes.withUnsafeBufferPointer { JSON.parse($0, limits) }
    self = try result.get()
  }

  /// Parses a document from UTF-8 bytes in place.
  package init(parsing bytes: UnsafeRawBufferPointer, limits: Limits = Limits()) throws(JSONError) {
    self = try JSON.parse(bytes.bindMemory(to: UInt8.self), limits).get()
  }

  private static func parse(_ text: UnsafeBufferPointer<UInt8>, _ limits: Limits) -> Result<JSON, JSONError> {
    Result { () throws(JSONError) in
      guard text.count <= limits.bytes else {
        throw JSONError(.tooLarge(bytes: text.count, limit: limits.bytes), at: 0, in: text)
      }
      var parser = JSONParser(text: text, depthLimit: limits.depth)
      return try parser.document()
    }
  }
}

/// A recursive-descent parser over UTF-8 bytes. The depth limit bounds the recursion.
private struct JSONParser {
  let text: UnsafeBufferPointer<UInt8>
  let depthLimit: Int
  var position = 0

  mutating func document() throws(JSONError) -> JSON {
    let value = try self.value(depth: 1)
    skipSpace()
    guard position == text.count else { throw error(.textAfterDocument) }
    return value
  }

  private func error(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
    JSONError(reason, at: offset ?? position, in: text)
  }

  private func unexpected(_ expected: String) -> JSONError {
    guard position < text.count else { return error(.unexpectedEnd(expected: expected)) }
    return error(.unexpected(found: text[position], expected: expected))
  }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Consumes `byte` if it comes next, and returns whether it did.
  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    skipSpace()
    guard let first = next else { throw unexpected("a value") }
    switch first {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    for index in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[index] else { throw unexpected("\(word)") }
      position += 1
    }
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    guard depth <= depthLimit else { throw error(.tooDeep(limit: depthLimit)) }
    position += 1
    skipSpace()
    if take("]") { return .array([]) }
    var elements: [JSON] = []
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw unexpected("',' or ']'") }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    guard depth <= depthLimit else { throw error(.tooDeep(limit: depthLimit)) }
    position += 1
    skipSpace()
    if take("}") { return .object(JSON.Object()) }
    var members: [JSON.Member] = []
    var keys: Set<[UInt8]> = []
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
      let start = position
      let key = try string()
      guard keys.insert(Array(key.utf8)).inserted else { throw error(.duplicateKey(key), at: start) }
      skipSpace()
      guard take(":") else { throw unexpected("':'") }
      members.append(JSON.Member(key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(JSON.Object(members)) }
      guard take(",") else { throw unexpected("',' or '}'") }
    }
  }

  // MARK: Numbers

  private mutating func digits() throws(JSONError) {
    guard let first = next, isDigit(first) else { throw error(.invalidNumber) }
    while let byte = next, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    let negative = take("-")
    if take("0") {
      if let byte = next, isDigit(byte) { throw error(.invalidNumber) }
    } else {
      try digits()
    }
    var whole = true
    if take(".") {
      whole = false
      try digits()
    }
    if take("e") || take("E") {
      whole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let spelling = String(decoding: text[start..<position], as: UTF8.self)
    // -0 becomes a Double, which has a negative zero.
    if whole, let value = Int(spelling), !(negative && value == 0) { return .integer(value) }
    guard let value = Double(spelling), value.isFinite else { throw error(.numberOutOfRange, at: start) }
    return .number(value)
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var bytes: [UInt8] = []
    while true {
      guard let byte = next else { throw error(.unexpectedEnd(expected: "the closing quote of a text")) }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error(.invalidUTF8, at: start) }
        return text
      case UInt8(ascii: "\\"): bytes.append(contentsOf: try escape())
      case 0..<0x20: throw error(.controlCharacter(byte))
      default:
        bytes.append(byte)
        position += 1
      }
    }
  }

  /// The character of an escape sequence, in UTF-8.
  private mutating func escape() throws(JSONError) -> [UInt8] {
    let start = position
    position += 1
    guard let byte = next else { throw error(.unexpectedEnd(expected: "an escape")) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(Character(try unicodeScalar(from: start))).utf8)
    default: throw error(.invalidEscape, at: start)
    }
  }

  private mutating func unicodeScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimal(from: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take("\\"), take("u") else { throw error(.unpairedSurrogate, at: start) }
    let second = try hexadecimal(from: start)
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error(.unpairedSurrogate, at: start) }
    return scalar
  }

  private mutating func hexadecimal(from start: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw error(.unexpectedEnd(expected: "four hexadecimal digits")) }
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { throw error(.invalidEscape, at: start) }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
