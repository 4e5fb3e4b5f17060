/// A text that is read from the front: words, numbers and signs, spaces between them skipped.
struct TextScanner {
  private let characters: [Character]
  private(set) var position = 0

  init(_ text: String) {
    characters = Array(text)
    skipSpaces()
  }

  var isAtEnd: Bool { position == characters.count }

  /// Whether what follows begins like a number.
  var isAtNumber: Bool { !isAtEnd && (characters[position].isASCIIDigit || "+-.".contains(characters[position])) }

  /// What was read since `start`.
  func text(from start: Int) -> String {
    var text = String(characters[start..<position])
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// Goes on behind `sign` where it comes next.
  mutating func take(_ sign: String) -> Bool {
    guard characters[position...].starts(with: sign) else { return false }
    position += sign.count
    skipSpaces()
    return true
  }

  mutating func open(after name: String) throws(AugmentationError) {
    guard take("(") else { throw error("\"(\" after \(name)") }
  }

  mutating func close() throws(AugmentationError) {
    guard take(")") else { throw error("a comma or \")\"") }
  }

  /// Letters, digits and hyphens that begin with a letter, in lower case.
  mutating func word() -> String? {
    guard !isAtEnd, characters[position].isLetter else { return nil }
    return run { $0.isLetter || $0.isASCIIDigit || $0 == "-" || $0 == "_" }.lowercased()
  }

  mutating func number(_ what: String, _ range: ClosedRange<Float>) throws(AugmentationError) -> Float {
    let start = position
    let expected = "\(what) from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
    guard isAtNumber else { throw error(expected) }
    let text = run { $0.isASCIIDigit || "+-.eE".contains($0) }
    guard let value = Float(text), range.contains(value) else {
      throw AugmentationError(expected: expected, found: "\"\(text)\"", position: start, remedy: nil)
    }
    return value
  }

  mutating func wholeNumber(_ what: String) throws(AugmentationError) -> Int {
    guard !isAtEnd, characters[position].isASCIIDigit else { throw error(what) }
    let start = position
    let text = run(\.isASCIIDigit)
    guard let value = Int(text) else {
      throw AugmentationError(expected: what, found: "\"\(text)\"", position: start, remedy: nil)
    }
    return value
  }

  /// That something else was expected here.
  func error(_ expected: String, remedy: String? = nil) -> AugmentationError {
    let rest = characters[position...].prefix(12)
    let found = rest.isEmpty ? "the end" : "\"\(String(rest))\(rest.endIndex < characters.count ? "…" : "")\""
    return AugmentationError(expected: expected, found: found, position: position, remedy: remedy)
  }

  /// A number as it is written, whole ones without a point.
  static func text(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : "\(value)"
  }

  private mutating func run(_ belongs: (Character) -> Bool) -> String {
    let start = position
    while !isAtEnd, belongs(characters[position]) { position += 1 }
    defer { skipSpaces() }
    return String(characters[start..<position])
  }

  private mutating func skipSpaces() {
    while !isAtEnd, characters[position].isWhitespace { position += 1 }
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { "0"..."9" ~= self }
}
