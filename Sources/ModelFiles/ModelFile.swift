import NunchiDocuments
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiTensors

/// Trained classifiers in files: one `.safetensors` file with the weights under PyTorch's names and in PyTorch's order,
/// and one JSON document in its metadata that says everything else. Nothing in it is code.
///
/// The same model gives the same bytes. Reading checks everything before anything is used, the checksum included.
public enum ModelFile {
  /// The metadata key of the description.
  public static let metadataKey = "nunchi"
  /// The version that is written; older ones are still read.
  public static let formatVersion = 1

  /// Writes the model whole or not at all.
  public static func write(_ model: LoadedModel, to path: String) throws(ModelFileError) {
    let specification = try specification(of: model.model, path: path)
    // What could not be read again is not written.
    _ = try rebuild(
      specification, input: model.inputShape(batch: 1), classes: model.classes.count, path: path)
    let order = try order(model.model, model.inputShape(batch: 1), path: path)
    var tensors: [SafetensorsWriter.Entry] = []
    // A parameter that several layers share stands under every name that it has.
    for (name, parameter) in model.model.namedParameters() {
      let values = order.stored(parameter, model.weights[parameter])
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw ModelFileError(path: path, .notFinite(tensor: name, index: index))
      }
      tensors.append((name, order.storedShape(parameter), values))
    }
    let description = ModelDescription(model, specification).json.compact()
    do {
      try SafetensorsWriter.write(path: path, metadata: [(metadataKey, description)], tensors: tensors)
    } catch {
      throw ModelFileError(path: path, .container(error.reason))
    }
  }

  /// The model in the file at `path`.
  public static func read(_ path: String) throws(ModelFileError) -> LoadedModel {
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(path: path, checksum: .required)
    } catch {
      // A file of another program has no checksum of ours; that it has no description says more.
      if error.reason == .checksumMissing { throw ModelFileError(path: path, .descriptionMissing) }
      throw ModelFileError(path: path, .container(error.reason))
    }
    guard let text = file.metadata(metadataKey) else { throw ModelFileError(path: path, .descriptionMissing) }
    let description = try ModelDescription(parsing: text, path: path)
    let preprocessing = description.preprocessing
    let input: Shape = [1, preprocessing.height, preprocessing.width, preprocessing.channels]
    let (model, graph) = try rebuild(
      description.architecture, input: input, classes: description.classes.count, path: path)
    return LoadedModel(
      model: model, weights: try weights(of: model, ParameterOrder(graph), in: file), classes: description.classes,
      preprocessing: preprocessing, normalization: description.normalization, provenance: description.provenance,
      decision: description.decision)
  }

  // MARK: Parts

  private static func specification(of model: any Layer, path: String) throws(ModelFileError) -> LayerSpecification {
    guard let specification = model.specification else {
      throw ModelFileError(path: path, .notDescribable(layer: undescribed(model).summary))
    }
    return specification
  }

  /// The innermost first layer without a specification.
  private static func undescribed(_ layer: any Layer) -> any Layer {
    layer.sublayers.first { $0.layer.specification == nil }.map { undescribed($0.layer) } ?? layer
  }

  private static func order(_ model: any Layer, _ input: Shape, path: String) throws(ModelFileError) -> ParameterOrder {
    do {
      return try ParameterOrder(model, input: input)
    } catch {
      throw ModelFileError(path: path, .architecture(error.description))
    }
  }

  /// The network, checked to take its images and to give a number for each class, and its graph.
  private static func rebuild(
    _ specification: LayerSpecification, input: Shape, classes: Int, path: String
  ) throws(ModelFileError) -> (model: any Layer, graph: Graph) {
    do {
      let model = try makeLayer(specification)
      let tracer = Tracer(mode: .inference)
      let output = model(tracer.input("images", input))
      tracer.output("outputs", output)
      let graph = try tracer.finish()
      guard output.shape == [1, classes] else {
        throw ModelFileError(
          path: path, .architecture("it gives shape \(output.shape) for one image and \(classes) classes"))
      }
      return (model, graph)
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw ModelFileError(path: path, .architecture("\(error)"))
    }
  }

  private static func weights(
    of model: any Layer, _ order: ParameterOrder, in file: SafetensorsFile
  ) throws(ModelFileError) -> Weights {
    let named = model.namedParameters()
    let entries = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    // All shapes first: no memory is taken for what the file does not hold.
    for (name, parameter) in named {
      guard let entry = entries[name] else { throw ModelFileError(path: file.path, .tensorMissing(name)) }
      let expected = order.storedShape(parameter)
      guard entry.shape == expected else {
        throw ModelFileError(
          path: file.path, .shapeMismatch(tensor: name, expected: expected, found: entry.shape))
      }
    }
    let names = Set(named.map(\.name))
    if let unexpected = file.tensors.first(where: { !names.contains($0.name) }) {
      throw ModelFileError(path: file.path, .tensorUnexpected(unexpected.name))
    }
    var weights = Weights(zeros: WeightsLayout(named))
    for (name, parameter) in named { try read(name, of: file, as: parameter, order, into: &weights) }
    return weights
  }

  /// Brings one tensor from where the file is mapped to its place in the arena.
  private static func read(
    _ name: String, of file: SafetensorsFile, as parameter: Parameter, _ order: ParameterOrder,
    into weights: inout Weights
  ) throws(ModelFileError) {
    do {
      try file.withFloats(named: name) { stored in
        if let index = firstNotFinite(stored) {
          throw ModelFileError(path: file.path, .notFinite(tensor: name, index: index))
        }
        weights.write(parameter) { order.restore(parameter, from: stored, to: $0) }
      }
    } catch let error as ModelFileError {
      throw error
    } catch let error as SafetensorsError {
      throw ModelFileError(path: file.path, .container(error.reason))
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The place of the first infinity or NaN. Those have an exponent of ones: a one added to it carries into the sign.
  private static func firstNotFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
    var carries: UInt32 = 0
    for value in values { carries |= (value.bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
    return carries & 0x8000_0000 == 0 ? nil : values.firstIndex { !$0.isFinite }
  }
}
