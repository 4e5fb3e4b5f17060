import NunchiGraph
import NunchiLayers
import NunchiTensors

/// A network in a table: its layers in the order in which they run.
public struct ModelSummary: Sendable {
  /// What one layer does.
  public struct Row: Sendable, Hashable {
    /// The layer's name in the network, such as `layer1.0.conv1`.
    public let path: String
    /// The layer in a line, such as `Dense(128 → 10)`.
    public let summary: String
    /// The shape behind it.
    public let outputShape: Shape
    /// Learned values of the layer; 0 where an earlier row counted them.
    public let parameters: Int
    /// Multiplications with an addition, for one batch.
    public let multiplyAdds: Int
  }

  /// The layers in the order in which they run.
  public let rows: [Row]
  /// The shape that the network was given.
  public let inputShape: Shape
  /// The shape behind it.
  public let outputShape: Shape
  /// Learned values; running statistics are not.
  public let parameters: Int
  /// Running statistics.
  public let statistics: Int
  /// Multiply-adds of one forward pass over `inputShape`.
  public let multiplyAdds: Int
  /// The names of parameters that weight decay leaves alone: biases, scales and shifts.
  public let undecayed: [String]

  /// Traces `model` once in inference on a batch of shape `input`.
  public init(_ model: some Layer, input: Shape) throws(TraceError) {
    let tracer = Tracer(mode: .inference)
    let recorder = LayerRecorder()
    tracer.observer = recorder
    let output = model(tracer.input("images", input))
    let graph = try tracer.finish()
    var counted: Set<Parameter> = []
    rows = recorder.rows.filter { !$0.isCompound || !$0.parameters.isEmpty }.map { row in
      let own = row.parameters.filter { $0.role != .statistic && counted.insert($0).inserted }
      return Row(
        path: row.path, summary: row.summary, outputShape: row.output,
        parameters: own.reduce(0) { $0 + $1.shape.count }, multiplyAdds: row.isCompound ? 0 : row.multiplyAdds)
    }
    inputShape = input
    outputShape = output.shape
    let named = model.namedParameters()
    parameters = model.parameterCount
    statistics = Set(named.map(\.parameter).filter { $0.role == .statistic }).reduce(0) { $0 + $1.shape.count }
    multiplyAdds = graph.multiplyAdds
    undecayed = named.filter { $0.parameter.role == .bias || $0.parameter.role == .normalization }.map(\.name)
  }
}
