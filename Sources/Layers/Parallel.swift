import NunchiGraph

/// Branches over the same input, their results side by side along the channels, as in GoogLeNet.
public struct Parallel: Layer {
  /// The branches under their names.
  public let sublayers: [NamedLayer]
  /// Where the layer stands in the source.
  public let location: SourceLocation?

  /// Branches named "0", "1", ….
  public init(
    file: String = #fileID, line: Int = #line, @LayerBuilder _ branches: () -> [any Layer]
  ) {
    self.init(named: branches().enumerated().map { ("\($0)", $1) }, file: file, line: line)
  }

  /// Branches under names of their own, each used once.
  public init(named branches: [NamedLayer], file: String = #fileID, line: Int = #line) {
    precondition(!branches.isEmpty, "Parallel needs at least one branch")
    precondition(Set(branches.map(\.name)).count == branches.count, "two branches of a Parallel have the same name")
    sublayers = branches
    location = SourceLocation(file: file, line: line)
  }

  public var summary: String { "Parallel" }

  public func forward(_ x: Value) -> Value {
    let results = sublayers.map { $0.layer(x) }
    guard !results.contains(where: \.isPoisoned) else { return x.tracer.poisoned() }
    return concatenate(results, axis: results[0].shape.rank - 1)
  }
}

extension Parallel: RebuildableLayer {
  static let kind = "Parallel"

  public var specification: LayerSpecification? {
    describe(sublayers).map { LayerSpecification(Self.kind, children: $0) }
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    sublayers = try reader.children()
    guard !sublayers.isEmpty else { throw reader.error(nil, "needs at least one branch") }
    location = nil
  }
}
