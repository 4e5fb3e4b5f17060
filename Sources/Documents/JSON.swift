/// A JSON value. Members of an object keep their order, and whole numbers are distinct from other numbers.
package enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  /// One `"key": value` of an object.
  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSON

    package init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// The members of an object, in order. Keys are compared byte by byte, so two Unicode normalisations of one word are
  /// two keys, as in other JSON libraries. Looking up a key is a linear search.
  package struct Object: Hashable, Sendable {
    package private(set) var members: [Member]

    package init(_ members: [Member] = []) { self.members = members }

    package var count: Int { members.count }
    package var keys: [String] { members.map(\.key) }

    /// The value of a key. Setting replaces it in place or appends a new member; setting `nil` removes the member.
    package subscript(key: String) -> JSON? {
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

  /// A number that reads back as the same `Float`, with the fewest digits (0.1, not 0.10000000149011612).
  package init(_ value: Float) {
    let short = Double(value.description) ?? Double(value)
    self = .number(Float(short) == value ? short : Double(value))
  }

  package init(_ value: Double) { self = .number(value) }
  package init(_ value: Double?) { self = value.map(JSON.number) ?? .null }
  package init(_ value: Int) { self = .integer(value) }
  package init(_ value: Int?) { self = value.map(JSON.integer) ?? .null }
  package init(_ value: Bool) { self = .bool(value) }
  package init(_ value: String) { self = .string(value) }
  package init(_ value: String?) { self = value.map(JSON.string) ?? .null }
  package init(_ values: [String]) { self = .array(values.map(JSON.string)) }
  package init(_ values: [Int]) { self = .array(values.map(JSON.integer)) }
  package init(_ values: [Double]) { self = .array(values.map(JSON.number)) }
  package init(_ values: [Float]) { self = .array(values.map { JSON($0) }) }
}

extension JSON {
  /// A random seed as a number, or as a text of its digits where it exceeds `Int`.
  package static func seed(_ value: UInt64) -> JSON { Int(exactly: value).map(JSON.integer) ?? .string(String(value)) }

  /// The seed that `seed` wrote.
  package var seedValue: UInt64? { intValue.flatMap(UInt64.init(exactly:)) ?? stringValue.flatMap { UInt64($0) } }

  /// A text, number or boolean as written on a command line; nil for anything else.
  package var plainText: String? {
    switch self {
    case .null, .array, .object: nil
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): number.description
    case .string(let text): text
    }
  }

  /// A value as text for people, compact where it is an array or an object; nil for null.
  package var shownText: String? { isNull ? nil : plainText ?? compact() }
}

// MARK: - Access

extension JSON {
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var intValue: Int? { if case .integer(let value) = self { value } else { nil } }
  package var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  package var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var objectValue: Object? { if case .object(let value) = self { value } else { nil } }
  package var isNull: Bool { self == .null }

  /// The value of a number, whole or not.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// The member `key` of an object; `nil` where there is none, or this is no object.
  package subscript(key: String) -> JSON? { objectValue?[key] }

  /// The element at `index` of an array; `nil` where there is none, or this is no array.
  package subscript(index: Int) -> JSON? {
    guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The kind of value in words: "an object", "a whole number".
  package var kind: String {
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
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Object(elements.map { Member($0.0, $0.1) }))
  }
}
