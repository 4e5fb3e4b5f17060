import NunchiGraph

/// Layers one after another, named by their position, as in PyTorch: `0.weight`.
///
///     let model = Sequential {
///       Conv2D(3, 32, kernel: 3); ReLU()
///       Flatten(); Dense(28_800, 10)
///     }
public struct Sequential: Layer {
  /// The layers under their names.
  public let sublayers: [NamedLayer]
  /// Where the layer stands in the source.
  public let location: SourceLocation?

  /// Layers named "0", "1", ….
  public init(
    file: String = #fileID, line: Int = #line, @LayerBuilder _ layers: () -> [any Layer]
  ) {
    self.init(layers(), file: file, line: line)
  }

  /// Layers named "0", "1", ….
  public init(_ layers: [any Layer], file: String = #fileID, line: Int = #line) {
    self.init(named: layers.enumerated().map { ("\($0)", $1) }, file: file, line: line)
  }

  /// Layers under names of their own, each used once.
  public init(named layers: [NamedLayer], file: String = #fileID, line: Int = #line) {
    precondition(Set(layers.map(\.name)).count == layers.count, "two layers of a Sequential have the same name")
    sublayers = layers
    location = SourceLocation(file: file, line: line)
  }

  /// The layers without their names.
  public var layers: [any Layer] { sublayers.map(\.layer) }
  public var summary: String { "Sequential" }

  public func forward(_ x: Value) -> Value { layers.reduce(x) { $1($0) } }
}

extension Sequential: RebuildableLayer {
  static let kind = "Sequential"

  public var specification: LayerSpecification? {
    describe(sublayers).map { LayerSpecification(Self.kind, children: $0) }
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    sublayers = try reader.children()
    location = nil
  }
}

/// The specifications of `layers`; nil where one has none.
func describe(_ layers: [NamedLayer]) -> [LayerSpecification.Child]? {
  let children = layers.compactMap { named in
    named.layer.specification.map { LayerSpecification.Child(named.name, $0) }
  }
  return children.count == layers.count ? children : nil
}

/// Collects the layers written in braces.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Several layers.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// Layers one after another.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// Layers that are there under a condition.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// Layers of the first branch.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// Layers of the other branch.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  /// Layers of a loop.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
