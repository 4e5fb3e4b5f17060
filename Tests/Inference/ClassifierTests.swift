import Foundation
import NunchiDatasets
import NunchiEngine
import NunchiGraph
import NunchiImages
import NunchiInference
import NunchiLayers
import NunchiModelFiles
import NunchiModels
import NunchiTensors
import Testing

/// vgg6 in miniature for pictures of 32x32, with statistics that are not those of the start.
private func sample(classes: [String] = ["cat", "dog", "eel"]) throws -> LoadedModel {
  let model = try ModelPreset.vgg6.make(classes: classes.count, size: 32, width: 1.0 / 16)
  var weights = Weights(WeightsLayout(model.namedParameters()), seed: 5)
  for entry in weights.layout.entries where entry.segment == .statistics {
    var stream = RandomStream(seed: 9, name: entry.name)
    let range: ClosedRange<Float> = entry.name.hasSuffix("mean") ? -0.5...0.1 : 0.2...1.5
    weights[entry.parameter] = (0..<entry.count).map { _ in stream.uniform(range) }
  }
  // Small enough for answers between 0 and 1.
  let head = weights.layout.entries.last { $0.parameter.role == .weight }!.parameter
  weights[head] = weights[head].map { $0 * 0.05 }
  return LoadedModel(
    model: model, weights: weights, classes: classes,
    preprocessing: Preprocessing(width: 32, height: 32, channels: 3, rule: .pad),
    normalization: Normalization(mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.25, 0.3]))
}

/// Pictures of different shapes, some gray: all of the preprocessing is used.
private func pictures(_ count: Int) -> [Image] {
  (0..<count).map { index in
    var stream = RandomStream(seed: 11, name: "picture", position: (UInt32(index), 0))
    let (width, height, channels) = (20 + index * 7 % 31, 20 + index * 5 % 23, index % 4 == 3 ? 1 : 3)
    return Image(
      width: width, height: height, channels: channels,
      bytes: (0..<width * height * channels).map { _ in UInt8(stream.integer(below: 256)) })
  }
}

@Suite(.serialized) struct ClassifierTests {
  /// A normalisation that is left out or applied twice, a batch norm folded wrongly, a softmax over the wrong axis.
  @Test func answersAreThoseOfTheReference() throws {
    let (model, images) = (try sample(), pictures(3))
    let answers = try Classifier(model, pool: WorkerPool(threads: 1), batch: 8).probabilities(of: images)
    for (image, answer) in zip(images, answers) {
      // By hand: preprocess, (byte / 255 − mean) / deviation, network, softmax.
      let bytes = model.preprocessing.apply(to: image).bytes
      let (mean, deviation) = (model.normalization.mean, model.normalization.deviation)
      let pixels = bytes.enumerated().map { index, byte in
        (Double(byte) / 255 - Double(mean[index % 3])) / Double(deviation[index % 3])
      }
      let graph = try trace(.inference) { tracer in
        tracer.output("logits", model.model(tracer.input("images", [1, 32, 32, 3])))
      }
      let executor = ReferenceExecutor<Double>(
        inputs: ["images": ReferenceArray([1, 32, 32, 3], pixels)], parameters: model.weights.reference())
      let logits = executor.run(graph).outputs["logits"]!.values
      let exponentials = logits.map { Double.exponential($0 - logits.max()!) }
      for (value, exponential) in zip(answer, exponentials) {
        #expect(abs(Double(value) - exponential / exponentials.reduce(0, +)) < 1e-4)
      }
      #expect(abs(answer.reduce(0, +) - 1) < 1e-5)
    }
  }

  /// Neither the batch, nor the images beside it, nor the threads show in an answer.
  @Test func anAnswerDependsOnItsImageAlone() throws {
    let (model, images) = (try sample(), pictures(7))
    let together = try Classifier(model, pool: WorkerPool(threads: 1), batch: 7).probabilities(of: images)
    #expect(Set(together).count == 7, "the pictures are not told apart")
    for (batch, threads) in [(1, 1), (3, 2), (32, 3)] {
      let classifier = try Classifier(model, pool: WorkerPool(threads: threads), batch: batch)
      #expect(classifier.probabilities(of: images) == together)
      #expect(classifier.probabilities(of: images.reversed()) == together.reversed())
      #expect(classifier.probabilities(of: []).isEmpty)
    }
  }

  /// A label of another class than the probability, an order that forgets who is equal, thresholds that are not asked.
  @Test func aPredictionNamesItsClass() throws {
    let model = lightMeter()
    let classifier = try Classifier(model, pool: WorkerPool(threads: 1), batch: 2)
    let images = grays([255, 0, 200])
    let predictions = classifier.classify(images)
    #expect(predictions.map(\.label) == ["day", "night", "day"])
    #expect(predictions.map(\.probabilities) == classifier.probabilities(of: images))
    for prediction in predictions {
      #expect(prediction.probability == prediction[prediction.label] && prediction.probability > 0.5)
      #expect(prediction["dusk"] == nil)
      #expect(prediction.ranked.map(\.label) == (prediction.label == "day" ? ["day", "night"] : ["night", "day"]))
      #expect(prediction.ranked.map(\.probability) == prediction.probabilities.sorted(by: >))
    }
    #expect(classifier.classify(images[2]) == predictions[2])
    #expect(
      Prediction(classes: ["a", "b", "c"], probabilities: [0.25, 0.5, 0.25], answer: 1).ranked.map(\.label) == [
        "b", "a", "c",
      ])
    #expect("\(Prediction(classes: ["a", "b"], probabilities: [0.126, 0.874], answer: 1))" == "b (87 %)")
    let strict = try Classifier(model.deciding(Decision(thresholds: [0.999, nil])), pool: WorkerPool(threads: 1))
    #expect(strict.classify(images[0]).label == "night")
  }

  /// The file goes through the same preprocessing as the picture; what cannot be read is thrown.
  @Test func filesAreClassified() throws {
    let folder = NSTemporaryDirectory() + "nunchi-classifier-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let model = folder + "/model.safetensors"
    try ModelFile.write(lightMeter(), to: model)
    let image = pictures(1)[0]
    let text = "P6 \(image.width) \(image.height) 255\n"
    try (Data(text.utf8) + Data(image.bytes)).write(to: URL(fileURLWithPath: folder + "/picture.ppm"))
    let classifier = try Classifier(model)
    #expect(try classifier.classify(file: folder + "/picture.ppm") == classifier.classify(image))
    #expect(throws: ImageError.self) { try classifier.classify(file: folder + "/nothing.jpg") }
    #expect(throws: ModelFileError.self) { try Classifier(folder + "/nothing.safetensors") }
  }

  @Test func bytesAndImagesGiveTheSameAnswers() throws {
    let (model, images) = (try sample(), pictures(5))
    let classifier = try Classifier(model, pool: WorkerPool(threads: 2), batch: 2)
    let bytes = images.flatMap { model.preprocessing.apply(to: $0).bytes }
    let flat = bytes.withUnsafeBufferPointer { classifier.probabilities($0) }
    #expect(flat == classifier.probabilities(of: images).flatMap { $0 })
  }

  /// Labels are matched by name: the data set's order is not the model's.
  @Test func classesAreMatchedByName() throws {
    let model = try sample()
    let images = pictures(6).map { model.preprocessing.apply(to: $0) }
    let classifier = try Classifier(model, pool: WorkerPool(threads: 1), batch: 4)
    func evaluation(_ classes: [String]) throws -> SplitEvaluation {
      let test = images.enumerated().map { index, image in
        (image: image, label: classes.firstIndex(of: ["cat", "dog", "eel"][index % 3])!)
      }
      return try classifier.evaluate(Dataset(classes: classes, train: [], test: test), .test)
    }
    let (first, second) = (try evaluation(["cat", "dog", "eel"]), try evaluation(["eel", "cat", "dog"]))
    #expect(first.predictions.map(\.truth) == [0, 1, 2, 0, 1, 2])
    #expect(second.predictions.map(\.truth) == first.predictions.map(\.truth))
    #expect(second.metrics == first.metrics)
    #expect(first.predictions.map(\.probabilities) == classifier.probabilities(of: images))
    #expect(first.predictions.map(\.identity) == (0..<6).map { "test/\($0)" })
  }

  @Test func aDataSetThatDoesNotFitIsNamed() throws {
    let classifier = try Classifier(try sample(), pool: WorkerPool(threads: 1))
    let set = Dataset(classes: ["cat", "fox"], train: [], test: pictures(1).map { ($0, 1) })
    #expect(throws: EvaluationSetupError.unknownClass("fox", known: ["cat", "dog", "eel"])) {
      try classifier.evaluate(set, .test)
    }
    let empty = Dataset(classes: ["cat", "dog"], train: [])
    #expect(throws: EvaluationSetupError.emptySplit(.validation, path: "")) {
      try classifier.evaluate(empty, .validation)
    }
  }
}
