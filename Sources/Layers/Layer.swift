import NunchiGraph

/// A parameter under its name inside its layer, such as `weight`.
public typealias NamedParameter = (name: String, parameter: Parameter)

/// A layer under its name inside another, such as `conv1`; the empty name adds nothing to the names below it.
public typealias NamedLayer = (name: String, layer: any Layer)

/// A part of a network: a function of symbolic values and the parameters it owns.
///
/// Call a layer like a function; implement `forward`. What it owns is listed explicitly, in a fixed order and under
/// PyTorch's names, in `parameters` and `sublayers`: what is missing there is neither trained nor saved.
public protocol Layer: Sendable {
  /// Records the layer's operations. Runs once a plan, never once a batch. Other layers are called, not forwarded to.
  func forward(_ x: Value) -> Value
  /// The parameters and statistics of the layer itself.
  var parameters: [NamedParameter] { get }
  /// The layers inside, in the order of their names in files.
  var sublayers: [NamedLayer] { get }
  /// Where the layer stands in the user's source.
  var location: SourceLocation? { get }
  /// The layer in a line, such as `Dense(128 → 10)`: what errors and summaries call it.
  var summary: String { get }
  /// What rebuilds the layer without its code; nil where that cannot be said.
  var specification: LayerSpecification? { get }
}

extension Layer {
  public var parameters: [NamedParameter] { [] }
  public var sublayers: [NamedLayer] { [] }
  public var location: SourceLocation? { nil }
  public var summary: String { String(describing: Self.self) }
  public var specification: LayerSpecification? { nil }

  /// Runs the layer on `x`, so that errors and random streams know where they are.
  public func callAsFunction(_ x: Value) -> Value {
    let tracer = x.tracer
    guard let recorder = tracer.observer as? LayerRecorder else {
      return tracer.within(summary, at: location) { forward(x) }
    }
    recorder.enter(self, tracer)
    let y = tracer.within(summary, at: location) { forward(x) }
    recorder.leave(self, y)
    return y
  }

  /// All parameters and statistics under their full names, such as `layer1.0.conv1.weight`, own ones first, each
  /// followed by those of the layers inside.
  public func namedParameters(_ prefix: String = "") -> [NamedParameter] {
    let own = parameters.map { (name: joined(prefix, $0.name), parameter: $0.parameter) }
    return own + sublayers.flatMap { $0.layer.namedParameters(joined(prefix, $0.name)) }
  }

  /// The number of learned values; a parameter that several layers share counts once, statistics do not.
  public var parameterCount: Int {
    let learned = namedParameters().map(\.parameter).filter { $0.role != .statistic }
    return Set(learned).reduce(0) { $0 + $1.shape.count }
  }

  /// Reports that `x` does not fit and returns the poisoned value that stands for the result.
  func reject(_ x: Value, _ message: String) -> Value {
    x.tracer.fail("\(summary) \(message)")
    return x.tracer.poisoned()
  }
}

/// `outer.inner`, where either may be empty.
func joined(_ outer: String, _ inner: String) -> String {
  if outer.isEmpty { return inner }
  return inner.isEmpty ? outer : outer + "." + inner
}
