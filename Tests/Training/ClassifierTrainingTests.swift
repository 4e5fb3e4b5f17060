import NunchiDatasets
import NunchiInference
import NunchiTraining
import Testing

@Suite(.serialized) struct ClassifierTrainingTests {
  /// In one line what a trainer does in several: the same weights, and nothing written.
  @Test func aFolderBecomesAClassifierInOneLine() throws {
    try withFolder { folder in
      try GeneratedFaces.write(to: folder + "/faces", count: 40, size: 24)
      func change(_ settings: inout TrainingSettings) {
        (settings.model, settings.size, settings.epochs, settings.width) = ("simple-cnn", 12, 2, 0.3)
        (settings.threads, settings.tuning) = (1, 0)
      }
      let classifier = try Classifier.train(on: folder + "/faces", change)
      var settings = TrainingSettings(data: folder + "/faces")
      settings.out = nil
      change(&settings)
      let result = try Trainer(settings).run()
      let image = GeneratedFaces.image(seed: 3, index: 1, size: 30)
      #expect(classifier.classes == result.best.classes)
      #expect(classifier.classify(image) == (try Classifier(result.best)).classify(image))
    }
    let classifier = try Classifier.train(on: patternSet()) { $0 = patternSettings(epochs: 8) }
    #expect(patterns(8, seed: 9).filter { classifier.classify($0.image).label == patternClasses[$0.label] }.count >= 6)
    #expect(throws: (any Error).self) { try Classifier.train(on: "nowhere") }
  }
}
