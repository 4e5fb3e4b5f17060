import NunchiTensors

/// What a plan is for. A parameter of the trace, never global state.
public enum Mode: String, Sendable, Hashable {
  /// Batch statistics, dropout.
  case training
  /// Running statistics, no dropout.
  case inference
}

/// Where something stands in the user's source.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// The file, as `#fileID` gives it.
  public let file: String
  /// The line, counted from 1.
  public let line: Int

  /// A place in a source file.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}

/// A graph could not be built: a shape does not fit, or an operation cannot be trained. Names the chain of layers,
/// innermost first.
public struct TraceError: Error, Hashable, CustomStringConvertible {
  /// What does not fit.
  public let message: String
  /// The layers that led there, the innermost first.
  public let chain: [String]

  /// An error with the chain of layers that led to it.
  public init(_ message: String, chain: [String] = []) {
    self.message = message
    self.chain = chain
  }

  public var description: String { ([message] + chain.map { "  in " + $0 }).joined(separator: "\n") }
}

/// What an operation's rules throw; the tracer adds the chain of layers.
package struct OperationError: Error {
  package let message: String
  package init(_ message: String) { self.message = message }
}

/// Records a graph while `forward` runs once on symbolic values.
public final class Tracer {
  /// What the graph is for: training or inference.
  public private(set) var mode: Mode
  package var graph = Graph()
  package private(set) var error: TraceError?
  private var frames: [Frame] = []
  private var rootChildren = 0
  private var bound: [Parameter: ValueID] = [:]

  /// An object that layers report to as they run, for summaries; its type is known to whoever sets it.
  package var observer: AnyObject?

  private struct Frame {
    var label: String
    var layer: String
    var location: SourceLocation?
    var children = 0

    var text: String { layer + (location.map { " at \($0)" } ?? "") }
  }

  /// An empty graph for this mode.
  public init(mode: Mode) { self.mode = mode }

  /// Records what `body` does in another mode: a part of a network that is not trained runs in `.inference` inside a graph
  /// of training.
  public func with<Result>(_ mode: Mode, _ body: () throws -> Result) rethrows -> Result {
    let outer = self.mode
    self.mode = mode
    defer { self.mode = outer }
    return try body()
  }

  // MARK: Leaves

  /// A tensor given at each run. With `batched` its leading axis is the batch.
  public func input(_ name: String, _ shape: Shape, _ dataType: DataType = .float32, batched: Bool = true) -> Value {
    let value = append(ValueType(shape, dataType, batched: batched), .input(name))
    graph.inputs.append(.init(name: name, value: value.id))
    return value
  }

  /// The value of a parameter, the same one for every use.
  public func parameter(_ parameter: Parameter) -> Value {
    if let id = bound[parameter] { return Value(self, id) }
    let value = append(ValueType(parameter.shape), .parameter(parameter))
    bound[parameter] = value.id
    graph.parameters.append(.init(parameter: parameter, value: value.id))
    return value
  }

  /// A value that is the same in every run.
  public func constant(_ tensor: Tensor) -> Value {
    append(ValueType(tensor.shape, tensor.dataType), .constant(tensor))
  }

  // MARK: Results

  /// Makes `value` readable after a run.
  public func output(_ name: String, _ value: Value) {
    guard !value.isPoisoned else { return }
    graph.outputs.append(.init(name: name, value: value.id))
  }

  /// Writes `value` back to the statistic `parameter` after a run. A layer used again continues from this value.
  package func assign(_ value: Value, to parameter: Parameter) {
    guard !value.isPoisoned else { return }
    graph.assignments.removeAll { $0.parameter == parameter }
    graph.assignments.append(.init(parameter: parameter, value: value.id))
    bound[parameter] = value.id
  }

  // MARK: Layers

  /// Runs `body` inside a layer: errors name it and random streams are keyed by its path.
  public func within<Result>(_ layer: String, at location: SourceLocation?, _ body: () -> Result) -> Result {
    let index: Int
    if frames.isEmpty {
      index = rootChildren
      rootChildren += 1
    } else {
      index = frames[frames.count - 1].children
      frames[frames.count - 1].children += 1
    }
    let kind = layer.prefix { $0 != "(" }
    frames.append(Frame(label: "\(index).\(kind)", layer: layer, location: location))
    defer { frames.removeLast() }
    return body()
  }

  /// The chain of layers being traced, such as `0.Sequential/3.Dropout`.
  public var path: String { frames.map(\.label).joined(separator: "/") }

  // MARK: Nodes

  /// Records `operation` and returns its outputs; poisoned ones where an input is or the operation does not fit.
  package func add(_ operation: Operation, _ inputs: [Value]) -> [Value] {
    let rule = operation.rule
    guard !inputs.contains(where: \.isPoisoned) else { return poisoned(rule.outputCount) }
    precondition(inputs.allSatisfy { $0.tracer === self }, "values of two traces in one operation")
    do {
      let types = try rule.resultTypes(inputs.map(\.type))
      let node = graph.nodes.count
      let outputs = types.enumerated().map { append($1, .node(node, output: $0)) }
      graph.nodes.append(.init(operation: operation, inputs: inputs.map(\.id), outputs: outputs.map(\.id), path: path))
      return outputs
    } catch {
      fail(error.message)
      return poisoned(rule.outputCount)
    }
  }

  /// Records an error with the chain of layers that led to it, if it is the first of the trace. The innermost layer is
  /// left out of the chain where the message already begins with its name.
  public func fail(_ message: String) {
    guard error == nil else { return }
    let named = frames.last.map { message.hasPrefix($0.layer) && $0.location == nil } ?? false
    error = TraceError(message, chain: frames.reversed().dropFirst(named ? 1 : 0).map(\.text))
  }

  package func poisoned() -> Value { Value(self, Value.poison) }
  private func poisoned(_ count: Int) -> [Value] { [Value](repeating: poisoned(), count: count) }

  private func append(_ type: ValueType, _ source: Graph.Source) -> Value {
    graph.values.append(.init(type: type, source: source))
    return Value(self, graph.values.count - 1)
  }

  /// The graph recorded so far, or the first error.
  public func finish() throws(TraceError) -> Graph {
    if let error { throw error }
    return graph
  }
}

/// Traces `body` once and returns its graph.
public func trace(_ mode: Mode, _ body: (Tracer) throws -> Void) throws -> Graph {
  let tracer = Tracer(mode: mode)
  try body(tracer)
  return try tracer.finish()
}
