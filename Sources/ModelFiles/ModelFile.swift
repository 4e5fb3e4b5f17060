import NunchiDocuments
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiTensors

/// Reads and writes model files: `.safetensors` files with the weights under PyTorch's names and in PyTorch's order,
/// and a JSON document in the metadata that describes everything else. A model file holds no code.
///
///     let model = try ModelFile.read("model.safetensors")
///     try ModelFile.write(model, to: "copy.safetensors")
///
/// The same model gives the same bytes. Reading checks the whole file first, its checksum included.
public enum ModelFile {
  /// The metadata key of the description.
  public static let metadataKey = "nunchi"
  /// The version of the format that is written. Older ones are still read.
  public static let formatVersion = 1

  /// Writes the model to a file, whole or not at all.
  public static func write(_ model: LoadedModel, to path: String) throws(ModelFileError) {
    let specification = try specification(of: model.model, path: path)
    // A model that could not be read again is refused.
    _ = try rebuild(
      specification, input: model.inputShape(batch: 1), classes: model.classes.count, path: path)
    let order = try order(model.model, model.inputShape(batch: 1), path: path)
    var tensors: [SafetensorsWriter.Entry] = []
    // A parameter that several layers share is written under each of its names.
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

  /// Reads the model in the file at `path`.
  public static func read(_ path: String) throws(ModelFileError) -> LoadedModel {
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(path: path, checksum: .required)
    } catch {
      // A file of another program lacks our checksum as well; the missing description is the clearer error.
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

  /// The first layer without a specification, looked for as deep inside others as possible.
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

  /// The network of a specification with its graph. Checks that it takes its images and gives one output per class.
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
    // Shapes are checked first, so that memory is only taken for tensors that the file holds.
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

  /// Copies one tensor from the mapped file to its place in the arena.
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

  /// The index of the first infinity or NaN. Their exponent bits are all ones, so adding one carries into the sign bit.
  private static func firstNotFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
    var carries: UInt32 = 0
    for value in values { carries |= (value.bitPattern & 0x7F80_0000) &+ 0x0080_0000 }
    return carries & 0x8000_0000 == 0 ? nil : values.firstIndex { !$0.isFinite }
  }
}
