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
    weights[entry.parameter] = (0..<entry.count).map { _ in stream.uniform(0.2...1.5) }
  }
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
    let answers = try Classifier(model, pool: WorkerPool(threads: 1), batch: 8).classify(images)
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
    let together = try Classifier(model, pool: WorkerPool(threads: 1), batch: 7).classify(images)
    #expect(Set(together).count == 7, "the pictures are not told apart")
    for (batch, threads) in [(1, 1), (3, 2), (32, 3)] {
      let classifier = try Classifier(model, pool: WorkerPool(threads: threads), batch: batch)
      #expect(classifier.classify(images) == together)
      #expect(classifier.classify(images.reversed()) == together.reversed())
      #expect(classifier.classify([]).isEmpty)
    }
  }

  @Test func bytesAndImagesGiveTheSameAnswers() throws {
    let (model, images) = (try sample(), pictures(5))
    let classifier = try Classifier(model, pool: WorkerPool(threads: 2), batch: 2)
    let bytes = images.flatMap { model.preprocessing.apply(to: $0).bytes }
    let flat = bytes.withUnsafeBufferPointer { classifier.probabilities($0) }
    #expect(flat == classifier.classify(images).flatMap { $0 })
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
    #expect(first.predictions.map(\.probabilities) == classifier.classify(images))
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
