/// A layer described by values, so that a network can be rebuilt from a file without its code.
public struct LayerSpecification: Hashable, Sendable {
  /// One setting of a layer.
  public enum Option: Hashable, Sendable {
    /// Yes or no.
    case flag(Bool)
    /// A whole number.
    case integer(Int)
    /// A number.
    case number(Double)
    /// A word.
    case text(String)
    /// Several numbers.
    case numbers([Double])
  }

  /// A setting under its name.
  package struct NamedOption: Hashable, Sendable {
    package let name: String
    package let value: Option
  }

  /// A layer inside under its name.
  public struct Child: Hashable, Sendable {
    /// The name of the layer inside.
    public let name: String
    /// What it is.
    public let layer: LayerSpecification

    /// A layer inside, under its name.
    public init(_ name: String, _ layer: LayerSpecification) {
      self.name = name
      self.layer = layer
    }
  }

  /// The kind of the layer, such as `Conv2D`.
  public let kind: String
  /// Ordered by name.
  package let options: [NamedOption]
  /// In the order of the network.
  public let children: [Child]

  /// A layer of this kind with its settings and the layers inside.
  public init(_ kind: String, _ options: [String: Option] = [:], children: [Child] = []) {
    self.kind = kind
    self.options = options.sorted { $0.key < $1.key }.map { NamedOption(name: $0.key, value: $0.value) }
    self.children = children
  }

  /// The value of a setting; nil where there is none of that name.
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
