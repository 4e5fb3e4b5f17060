import NunchiDocuments
import NunchiImages
import NunchiGraph
import NunchiLayers
import NunchiModelFiles
import NunchiModels
import NunchiSystem
import NunchiTensors

extension FuzzTarget {
  /// The description in a model file, without tensors: whatever it says, the network is refused or one without parameters.
  static let description = FuzzTarget(
    name: "description",
    seeds: {
      let bare = small(Sequential { Flatten() }, [1, 1, 2, 1], classes: 2)
      let presets = try ModelPreset.all.map { preset in
        let (model, input, classes) = try preset.miniature()
        return small(model, input, classes: classes)
      }
      return try ([bare] + presets).map { model in
        let path = "\(Scratch.folder)/seed"
        try ModelFile.write(model, to: path)
        return Array(try SafetensorsFile(path: path).metadata(ModelFile.metadataKey)!.utf8)
      }
    },
    body: { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      let path = "\(Scratch.folder)/description.safetensors"
      guard (try? SafetensorsWriter.write(path: path, metadata: [(ModelFile.metadataKey, text)], tensors: [])) != nil
      else { fatalError("a text that cannot be written") }
      writtenAgain(path)
    })

  /// A whole model file.
  static let model = FuzzTarget(
    name: "model",
    seeds: {
      let network = Sequential {
        Conv2D(1, 2, kernel: 2); BatchNorm2D(2); ReLU(); Flatten()
        Dense(2, 2)
      }
      let path = "\(Scratch.folder)/seed"
      try ModelFile.write(small(network, [1, 2, 2, 1], classes: 2), to: path)
      let plain = try MappedFile(path: path).withBytes { Array($0) }
      let decided = try ModelFile.read(path).deciding(Decision(temperature: 2, thresholds: [0.25, nil]))
      try ModelFile.write(decided, to: path)
      return [plain, try MappedFile(path: path).withBytes { Array($0) }]
    },
    body: { bytes in
      guard let file = try? opened(bytes) else { return }
      writtenAgain(file.path)
    })

  /// A model that can be read is written and read as the same.
  private static func writtenAgain(_ path: String) {
    let model: LoadedModel
    do throws(ModelFileError) {
      model = try ModelFile.read(path)
    } catch {
      return require(!error.description.isEmpty, "an error without words")
    }
    let copy = "\(Scratch.folder)/copy.safetensors"
    guard (try? ModelFile.write(model, to: copy)) != nil, let again = try? ModelFile.read(copy) else {
      fatalError("a model that cannot be written and read")
    }
    require(again.model.specification == model.model.specification, "another network after writing")
    require(again.classes == model.classes && again.decision == model.decision, "other answers after writing")
    require(again.preprocessing == model.preprocessing, "another preprocessing after writing")
  }

  private static func small(_ model: any Layer, _ input: Shape, classes: Int) -> LoadedModel {
    LoadedModel(
      model: model, weights: Weights(WeightsLayout(model.namedParameters()), seed: 1),
      classes: (0..<classes).map { "class \($0)" },
      preprocessing: Preprocessing(width: input[2], height: input[1], channels: input[3]),
      normalization: Normalization(
        mean: [Float](repeating: 0.5, count: input[3]), deviation: [Float](repeating: 0.25, count: input[3])))
  }
}
