import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiModels
import NunchiSystem
import NunchiTensors

/// The path of a model file that is gone after the body.
func withModelPath<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/nunchi-model-XXXXXX".utf8CString)
  let path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  defer {
    unlink(path + "/model.safetensors")
    rmdir(path)
  }
  return try body(path + "/model.safetensors")
}

func contents(_ path: String) throws -> [UInt8] { try MappedFile(path: path).withBytes { Array($0) } }

/// Writes a file without waiting for the disk: thousands of damaged ones would take minutes.
func writeQuickly(_ bytes: [UInt8], to path: String) {
  let file = fopen(path, "w")!
  precondition(fwrite(bytes, 1, bytes.count, file) == bytes.count && fclose(file) == 0, "cannot write \(path)")
}

/// A model with random weights, none of them zero: every value of the file counts.
func sample(
  _ model: any Layer, width: Int, height: Int, channels: Int, classes: [String], rule: ResizeRule = .crop
) -> LoadedModel {
  let layout = WeightsLayout(model.namedParameters())
  var weights = Weights(layout, seed: 3)
  for entry in layout.entries {
    var stream = RandomStream(seed: 7, name: entry.name)
    weights[entry.parameter] = (0..<entry.count).map { _ in stream.uniform(0.1...2) }
  }
  return LoadedModel(
    model: model, weights: weights, classes: classes,
    preprocessing: Preprocessing(width: width, height: height, channels: channels, rule: rule),
    normalization: Normalization(
      mean: (0..<channels).map { 0.1 + Float($0) / 7 }, deviation: (0..<channels).map { 0.3 + Float($0) / 9 }),
    provenance: ["settings": ["model": "sample", "lr": 0.001], "seed": 7])
}

/// A network of 12 numbers for pictures of 2x2: one file of it is small enough to damage everywhere.
func tiny() -> LoadedModel {
  let model = Sequential {
    Conv2D(1, 1, kernel: 2); ReLU(); Flatten()
    Dense(1, 2)
  }
  return sample(model, width: 2, height: 2, channels: 1, classes: ["가", "no, \"never\"\n"])
}

/// The bits of all values, by name.
func bits(_ model: LoadedModel) -> [String: [UInt32]] {
  Dictionary(
    uniqueKeysWithValues: model.model.namedParameters().map { ($0.name, model.weights[$0.parameter].map(\.bitPattern)) }
  )
}
