import NunchiDocuments
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiModels
import NunchiTensors
import Testing

/// A layer that no file can describe.
private struct Doubling: Layer {
  func forward(_ x: Value) -> Value { x + x }
}

@Suite struct ModelFileTests {
  /// A name, a shape, an order or a setting that does not survive the file, in any layer that presets use.
  @Test(arguments: ModelPreset.all.map(\.name))
  func everyPresetReadsBackBitForBit(_ name: String) throws {
    let (network, input, count) = try ModelPreset.named(name).miniature()
    let classes = (0..<count).map { "class \($0)" }
    let model = sample(network, width: input[2], height: input[1], channels: input[3], classes: classes, rule: .pad)
    try withModelPath { path in
      try ModelFile.write(model, to: path)
      let read = try ModelFile.read(path)
      #expect(bits(read) == bits(model))
      #expect(read.model.specification == network.specification)
      #expect(read.classes == classes)
      #expect(read.preprocessing == model.preprocessing)
      #expect(read.normalization.scale == model.normalization.scale)
      #expect(read.normalization.mean == model.normalization.mean)
      #expect(read.normalization.deviation == model.normalization.deviation)
      #expect(read.provenance == model.provenance)
      // Written again it is the same file.
      let first = try contents(path)
      try ModelFile.write(read, to: path)
      let second = try contents(path)
      #expect(first == second)
    }
  }

  /// The rebuilt network computes what the first one did.
  @Test func theRebuiltNetworkGivesTheSameAnswers() throws {
    let (network, input, _) = try ModelPreset.vgg6.miniature()
    let model = sample(network, width: input[2], height: input[1], channels: input[3], classes: ["a", "b", "c"])
    let read = try withModelPath { path in
      try ModelFile.write(model, to: path)
      return try ModelFile.read(path)
    }
    var stream = RandomStream(seed: 1, name: "images")
    let images = ReferenceArray<Float>(input, (0..<input.count).map { _ in stream.uniform() })
    let answers = try [model, read].map { model in
      let graph = try trace(.inference) { tracer in
        tracer.output("logits", model.model(tracer.input("images", input)))
      }
      let executor = ReferenceExecutor<Float>(inputs: ["images": images], parameters: model.weights.reference())
      return executor.run(graph).outputs["logits"]!.values
    }
    #expect(answers[0] == answers[1])
  }

  @Test func theDocumentSaysWhatTheModelIs() throws {
    try withModelPath { path in
      try ModelFile.write(tiny(), to: path)
      let file = try SafetensorsFile(path: path, checksum: .required)
      let document = try JSON(parsing: file.metadata("nunchi")!)
      #expect(document["format_version"] == 1)
      #expect(document["classes"] == ["가", "no, \"never\"\n"])
      #expect(document["architecture"]?["kind"] == "Sequential")
      #expect(document["architecture"]?["layers"]?[0]?["options"]?["kernel"] == [2.0, 2.0])
      #expect(document["preprocessing"]?["color"] == "gray")
      #expect(document["preprocessing"]?["resize"] == "crop")
      #expect(file.tensors.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
    }
  }

  /// Options of every form: flags, whole numbers, texts, lists, and numbers that happen to be whole.
  @Test func optionsReadBack() throws {
    let network = Sequential {
      LeakyReLU(slope: 1); Conv2D(1, 1, kernel: 1, bias: false); BatchNorm2D(1, momentum: 1); Dropout(0.5); Flatten()
      Dense(4, 2, initializer: .normal(deviation: 2))
    }
    try withModelPath { path in
      try ModelFile.write(sample(network, width: 2, height: 2, channels: 1, classes: ["a", "b"]), to: path)
      #expect(try ModelFile.read(path).model.specification == network.specification)
    }
  }

  /// A parameter that two layers share stands in the file for both.
  @Test func sharedParametersAreWrittenForEachLayer() throws {
    let shared = Dense(4, 4)
    let model = sample(
      Sequential {
        Flatten(); shared; ReLU(); shared
      }, width: 2, height: 2, channels: 1, classes: ["a", "b", "c", "d"])
    try withModelPath { path in
      try ModelFile.write(model, to: path)
      let read = try ModelFile.read(path)
      #expect(bits(read)["1.weight"] == bits(model)["1.weight"])
      #expect(bits(read)["3.bias"] == bits(model)["1.bias"])
    }
  }

  @Test func whatCannotBeReadAgainIsNotWritten() throws {
    func reason(_ model: LoadedModel) throws -> ModelFileError.Reason? {
      try withModelPath { path in
        do throws(ModelFileError) {
          try ModelFile.write(model, to: path)
          return nil
        } catch {
          #expect((try? contents(path)) == nil, "a file was left")
          return error.reason
        }
      }
    }
    let strange = sample(
      Sequential {
        Flatten(); Sequential { Doubling() }; Dense(4, 2)
      }, width: 2, height: 2, channels: 1, classes: ["a", "b"])
    #expect(try reason(strange) == .notDescribable(layer: "Doubling"))
    var broken = tiny()
    var weights = broken.weights
    weights[broken.model.namedParameters()[0].parameter][2] = .nan
    broken = LoadedModel(
      model: broken.model, weights: weights, classes: broken.classes, preprocessing: broken.preprocessing,
      normalization: broken.normalization)
    #expect(try reason(broken) == .notFinite(tensor: "0.weight", index: 2))
    let other = LoadedModel(
      model: broken.model, weights: tiny().weights, classes: ["one"], preprocessing: broken.preprocessing,
      normalization: broken.normalization)
    guard case .architecture(let why)? = try reason(other) else {
      Issue.record("three classes were accepted")
      return
    }
    #expect(why.contains("[1, 2]") && why.contains("1 classes"))
  }

  /// A file of the first version, made once: it must be read as long as the package lives.
  @Test func theFirstVersionIsStillRead() throws {
    let path = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
    let read = try ModelFile.read("/\(path)/Fixtures/model-v1.safetensors")
    let made = tiny()
    #expect(bits(read) == bits(made))
    #expect(read.classes == made.classes)
    #expect(read.preprocessing == made.preprocessing)
    #expect(read.normalization.mean == made.normalization.mean)
    #expect(read.normalization.deviation == made.normalization.deviation)
    #expect(read.model.specification == made.model.specification)
    #expect(read.provenance == made.provenance)
  }
}
