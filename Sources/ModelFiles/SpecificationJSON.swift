import NunchiDocuments
import NunchiLayers

extension LayerSpecification {
  /// `{"kind": …, "options": {…}, "layers": [{"name": …, "kind": …, …}, …]}`
  var json: JSON { .object(members()) }

  private func members(name: String? = nil) -> JSON.Object {
    var object = JSON.Object()
    object["name"] = name.map(JSON.string)
    object["kind"] = .string(kind)
    if !options.isEmpty {
      object["options"] = .object(JSON.Object(options.map { JSON.Member($0.name, $0.value.json) }))
    }
    if !children.isEmpty {
      object["layers"] = .array(children.map { .object($0.layer.members(name: $0.name)) })
    }
    return object
  }

  init(_ reader: DescriptionReader) throws(ModelFileError) {
    var options: [String: Option] = [:]
    if let given = reader.optional("options") {
      for (name, value) in try given.members() { options[name] = try Option(value) }
    }
    var children: [Child] = []
    if let given = reader.optional("layers") {
      for layer in try given.elements() {
        children.append(Child(try layer["name"].text(), try LayerSpecification(layer)))
      }
    }
    self.init(try reader["kind"].text(), options, children: children)
  }
}

extension LayerSpecification.Option {
  fileprivate var json: JSON {
    switch self {
    case .flag(let flag): .bool(flag)
    case .integer(let integer): .integer(integer)
    case .number(let number): .number(number)
    case .text(let text): .string(text)
    case .numbers(let numbers): JSON(numbers)
    }
  }

  fileprivate init(_ reader: DescriptionReader) throws(ModelFileError) {
    switch reader.json {
    case .bool(let flag): self = .flag(flag)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = .number(number)
    case .string(let text): self = .text(text)
    case .array: self = .numbers(try reader.numbers())
    case .null, .object: throw reader.malformed("a setting of a layer")
    }
  }
}
