/// A layer described by values, so that a network can be rebuilt from a file without its code.
public struct LayerSpecification: Hashable, Sendable, Codable {
  /// One setting of a layer.
  public enum Option: Hashable, Sendable {
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case numbers([Double])
  }

  /// A setting under its name.
  public struct NamedOption: Hashable, Sendable {
    public let name: String
    public let value: Option
  }

  /// A layer inside under its name.
  public struct Child: Hashable, Sendable, Codable {
    public let name: String
    public let layer: LayerSpecification

    public init(_ name: String, _ layer: LayerSpecification) {
      self.name = name
      self.layer = layer
    }
  }

  /// The kind of the layer, such as `Conv2D`.
  public let kind: String
  /// Ordered by name.
  public let options: [NamedOption]
  /// In the order of the network.
  public let children: [Child]

  public init(_ kind: String, _ options: [String: Option] = [:], children: [Child] = []) {
    self.kind = kind
    self.options = options.sorted { $0.key < $1.key }.map { NamedOption(name: $0.key, value: $0.value) }
    self.children = children
  }

  public subscript(option: String) -> Option? { options.first { $0.name == option }?.value }

  /// The same network with another number of outputs of its last dense layer; nil where it has none.
  package func withOutputs(_ outputs: Int) -> LayerSpecification? {
    var options = Dictionary(uniqueKeysWithValues: self.options.map { ($0.name, $0.value) })
    if kind == Dense.kind {
      options["outputs"] = .integer(outputs)
      return LayerSpecification(kind, options)
    }
    for place in children.indices.reversed() {
      guard let changed = children[place].layer.withOutputs(outputs) else { continue }
      var children = children
      children[place] = Child(children[place].name, changed)
      return LayerSpecification(kind, options, children: children)
    }
    return nil
  }

  /// What a file may ask for as a number of features or channels, and as elements of one weight.
  package static let largestExtent = 1 << 24
  package static let largestWeight = 1 << 31
}

// MARK: Codable

extension LayerSpecification {
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private enum Field: String, CodingKey { case kind, options, children }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    var options: [String: Option] = [:]
    if fields.contains(.options) {
      let container = try fields.nestedContainer(keyedBy: Key.self, forKey: .options)
      for key in container.allKeys { options[key.stringValue] = try container.decode(Option.self, forKey: key) }
    }
    self.init(
      try fields.decode(String.self, forKey: .kind), options,
      children: try fields.decodeIfPresent([Child].self, forKey: .children) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(kind, forKey: .kind)
    var container = fields.nestedContainer(keyedBy: Key.self, forKey: .options)
    for option in options { try container.encode(option.value, forKey: Key(stringValue: option.name)) }
    if !children.isEmpty { try fields.encode(children, forKey: .children) }
  }
}

extension LayerSpecification.Option: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .numbers(try container.decode([Double].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let flag): try container.encode(flag)
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .numbers(let numbers): try container.encode(numbers)
    }
  }
}
