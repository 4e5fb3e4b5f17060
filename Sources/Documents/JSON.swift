/// A JSON document. Members of an object keep their order; whole numbers are kept apart from other numbers.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  /// One `"key": value` of an object.
  public struct Member: Hashable, Sendable {
    public var key: String
    public var value: JSON

    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The members of an object in their order. Keys are compared byte by byte, so that two Unicode spellings of one word
  /// are two keys, as in every other reader of JSON. Finding a key is a linear search.
  public struct Object: Hashable, Sendable {
    public private(set) var members: [Member]

    public init(_ members: [Member] = []) { self.members = members }

    public var count: Int { members.count }
    public var keys: [String] { members.map(\.key) }

    /// Setting appends a new key, replaces the value of a known one in its place, and with `nil` removes it.
    public subscript(key: String) -> JSON? {
      get { index(of: key).map { members[$0].value } }
      set {
        switch (index(of: key), newValue) {
        case (let place?, let value?): members[place].value = value
        case (let place?, nil): members.remove(at: place)
        case (nil, let value?): members.append(Member(key, value))
        case (nil, nil): break
        }
      }
    }

    private func index(of key: String) -> Int? {
      members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
    }
  }

  /// A number that reads back as the same `Float`, with as few digits as that takes (0.1, not 0.10000000149011612).
  public init(_ value: Float) {
    let short = Double(value.description) ?? Double(value)
    self = .number(Float(short) == value ? short : Double(value))
  }

  public init(_ value: Double) { self = .number(value) }
  public init(_ value: Double?) { self = value.map(JSON.number) ?? .null }
  public init(_ value: Int) { self = .integer(value) }
  public init(_ value: Int?) { self = value.map(JSON.integer) ?? .null }
  public init(_ value: Bool) { self = .bool(value) }
  public init(_ value: String) { self = .string(value) }
  public init(_ value: String?) { self = value.map(JSON.string) ?? .null }
  public init(_ values: [String]) { self = .array(values.map(JSON.string)) }
  public init(_ values: [Int]) { self = .array(values.map(JSON.integer)) }
  public init(_ values: [Double]) { self = .array(values.map(JSON.number)) }
  public init(_ values: [Float]) { self = .array(values.map { JSON($0) }) }
}

extension JSON {
  /// The number of a random seed; its digits, where only unsigned numbers hold it.
  package static func seed(_ value: UInt64) -> JSON { Int(exactly: value).map(JSON.integer) ?? .string(String(value)) }

  /// What `seed` wrote.
  package var seedValue: UInt64? { intValue.flatMap(UInt64.init(exactly:)) ?? stringValue.flatMap { UInt64($0) } }

  /// A text, number or truth as it is written on a command line; nil for anything else.
  package var plainText: String? {
    switch self {
    case .null, .array, .object: nil
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): number.description
    case .string(let text): text
    }
  }

  /// A value as a person reads it, compact where it is an array or an object; nil for null.
  package var shownText: String? { isNull ? nil : plainText ?? compact() }
}

// MARK: - Looking inside

extension JSON {
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var intValue: Int? { if case .integer(let value) = self { value } else { nil } }
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var objectValue: Object? { if case .object(let value) = self { value } else { nil } }
  public var isNull: Bool { self == .null }

  /// A number, whole or not.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// The member `key` of an object; `nil` where there is none or the document is no object.
  public subscript(key: String) -> JSON? { objectValue?[key] }

  /// The element at `index` of an array; `nil` where there is none or the document is no array.
  public subscript(index: Int) -> JSON? {
    guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// What the document is, in words: "an object", "a whole number".
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .string: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

// MARK: - Literals

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Object(elements.map { Member($0.0, $0.1) }))
  }
}
