import NunchiDatasets
import NunchiGraph
import NunchiLayers
import NunchiModelFiles

/// A model that a training starts from: its network, its preprocessing and its weights. The last dense layer is new
/// where the classes differ.
struct StartingPoint {
  let model: any Layer
  let loaded: LoadedModel
  let hasNewHead: Bool
  private let path: String

  /// - Parameter classes: the classes of the training data.
  init(path: String, classes: [String]) throws {
    self.path = path
    loaded = try ModelFile.read(path)
    hasNewHead = loaded.classes != classes
    guard hasNewHead else {
      model = loaded.model
      return
    }
    guard let changed = loaded.model.specification?.withOutputs(classes.count) else {
      throw TrainingError.start(
        path: path, expected: "a network that ends in a dense layer, for \(classes.count) other classes",
        found: "none")
    }
    model = try makeLayer(changed)
  }

  /// Copies the weights of the model over the initial ones, except those of a new head.
  func copy(into weights: inout Weights) throws(TrainingError) {
    let sources = Dictionary(loaded.model.namedParameters().map { ($0.name, $0.parameter) }) { first, _ in first }
    let head = hasNewHead ? Set(headNames) : []
    for (name, parameter) in model.namedParameters() where !head.contains(name) {
      guard let source = sources[name], source.shape == parameter.shape else {
        throw .start(path: path, expected: "a parameter \(name) of shape \(parameter.shape)", found: "another")
      }
      weights[parameter] = loaded.weights[source]
    }
  }

  /// The note of a training that starts from it.
  var note: String {
    "starts with the weights of \(path)" + (hasNewHead ? "; its last layer is new, for other classes" : "")
  }

  private var headNames: [String] { Self.head(of: model) }

  /// The names of the parameters of the last dense layer.
  static func head(of model: any Layer) -> [String] {
    func search(_ layer: any Layer, _ prefix: String) -> [String]? {
      if layer is Dense { return layer.parameters.map { prefix + $0.name } }
      for named in layer.sublayers.reversed() {
        if let found = search(named.layer, prefix + named.name + ".") { return found }
      }
      return nil
    }
    return search(model, "") ?? []
  }
}

/// A network where only the layers from the last dense one on are trained. The others run as in inference, so that
/// batch norms keep their statistics.
struct FrozenTrunk {
  /// The layers in order; the first `count` of them are frozen.
  private let layers: [any Layer]
  private let count: Int
  let parameters: Set<Parameter>

  /// Nil where the network is not a `Sequential` with a dense layer.
  init?(_ model: any Layer) {
    guard let sequence = model as? Sequential, let last = sequence.layers.lastIndex(where: { $0 is Dense }) else {
      return nil
    }
    layers = sequence.layers
    count = last
    let head = Set(StartingPoint.head(of: model))
    parameters = Set(
      model.namedParameters().filter { !head.contains($0.name) && $0.parameter.role != .statistic }.map(\.parameter))
  }

  func callAsFunction(_ x: Value) -> Value {
    let features = x.tracer.with(.inference) { layers[..<count].reduce(x) { $1($0) } }
    return layers[count...].reduce(features) { $1($0) }
  }
}
