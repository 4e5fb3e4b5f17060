import NunchiDocuments

/// A value in the description of a model. Errors name its place.
struct DescriptionReader {
  let json: JSON
  let place: String
  let path: String

  init(_ json: JSON, place: String = "", path: String) {
    self.json = json
    self.place = place
    self.path = path
  }

  func malformed(_ expected: String, found: String? = nil) -> ModelFileError {
    let place = place.isEmpty ? "the document" : place
    return ModelFileError(
      path: path, .malformedDescription(place: place, expected: expected, found: found ?? json.kind))
  }

  private func inside(_ json: JSON, _ name: String) -> DescriptionReader {
    DescriptionReader(json, place: place.isEmpty ? name : place + "." + name, path: path)
  }

  /// The member `key`, which must be there.
  subscript(key: String) -> DescriptionReader {
    get throws(ModelFileError) {
      guard json.objectValue != nil else { throw malformed("an object") }
      guard let value = json[key] else { throw inside(.null, key).malformed("a value", found: "nothing") }
      return inside(value, key)
    }
  }

  func optional(_ key: String) -> DescriptionReader? { json[key].map { inside($0, key) } }

  func members() throws(ModelFileError) -> [(name: String, value: DescriptionReader)] {
    guard let object = json.objectValue else { throw malformed("an object") }
    return object.members.map { ($0.key, inside($0.value, $0.key)) }
  }

  func elements() throws(ModelFileError) -> [DescriptionReader] {
    guard let elements = json.arrayValue else { throw malformed("an array") }
    return elements.enumerated().map { inside($1, String($0)) }
  }

  func text() throws(ModelFileError) -> String {
    guard let text = json.stringValue else { throw malformed("a text") }
    return text
  }

  func integer(in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
    guard let integer = json.intValue, range.contains(integer) else {
      throw malformed("a whole number from \(range.lowerBound) to \(range.upperBound)", found: json.compact())
    }
    return integer
  }

  func number() throws(ModelFileError) -> Double {
    guard let number = json.doubleValue, number.isFinite else { throw malformed("a number") }
    return number
  }

  func numbers() throws(ModelFileError) -> [Double] {
    var numbers: [Double] = []
    for element in try elements() { numbers.append(try element.number()) }
    return numbers
  }

  /// A number that a `Float` can hold.
  func float() throws(ModelFileError) -> Float {
    let value = Float(try number())
    guard value.isFinite else { throw malformed("a number that a Float can hold", found: json.compact()) }
    return value
  }
}
