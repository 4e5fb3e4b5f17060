import NunchiDatasets
import NunchiImages
import NunchiModelFiles
import NunchiTraining
import Testing

/// Trainings that begin with the weights of a model.
@Suite(.serialized) struct StartTests {
  private let names = patternClasses

  /// A model that knows the patterns, in a file.
  private func withModel(_ body: (String, TrainingResult) throws -> Void) throws {
    try withFolder { folder in
      var settings = patternSettings("deep-cnn", epochs: 6)
      settings.out = folder
      let result = try Trainer(settings, dataset: patternSet()).run()
      try body(result.modelPath!, result)
    }
  }

  private func values(_ model: LoadedModel) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: model.model.namedParameters().map { ($0.name, model.weights[$0.parameter]) })
  }

  private func settings(_ path: String, rate: Float = 1e-3) -> TrainingSettings {
    var settings = patternSettings("mlp", epochs: 2)
    settings.start = path
    settings.rate = rate
    return settings
  }

  @Test func aTrainingBeginsWhereTheModelIs() throws {
    try withModel { path, model in
      let still = try Trainer(settings(path, rate: 1e-12), dataset: patternSet()).run()
      #expect(still.test!.metrics.accuracy == model.test!.metrics.accuracy)
      #expect(still.best.preprocessing == model.best.preprocessing)
      // The classes in another order are other classes to the last layer.
      #expect(still.warnings.contains("starts with the weights of \(path)"))
    }
  }

  /// Three classes instead of four, in other words: a new last layer on the old ones.
  @Test func otherClassesGetANewHead() throws {
    try withModel { path, model in
      func few(_ count: Int, _ seed: UInt64) -> [(image: Image, label: Int)] {
        patterns(count, seed: seed).filter { $0.label != 3 }
      }
      let data = Dataset(classes: ["x", "y", "z"], train: few(90, 1), validation: few(40, 2), test: few(40, 3))
      var longer = settings(path, rate: 1e-2)
      longer.epochs = 6
      let result = try Trainer(longer, dataset: data).run()
      #expect(result.best.classes == ["x", "y", "z"])
      #expect(result.warnings.contains { $0.hasSuffix("its last layer is new, for other classes") })
      #expect(result.history[5].trainLoss < 0.8 * result.history[0].trainLoss)
      let (before, after) = (values(model.best), values(result.best))
      #expect(before.keys.sorted() == after.keys.sorted())
      #expect(before.filter { after[$0.key]!.count != $0.value.count }.count == 2)
    }
  }

  /// Weights and the statistics of batch norms stay to the bit; the last dense layer learns.
  @Test func aFrozenTrunkStays() throws {
    try withModel { path, model in
      var settings = settings(path, rate: 0.01)
      settings.freeze = .trunk
      let result = try Trainer(settings, dataset: patternSet()).run()
      let (before, after) = (values(model.best), values(result.last))
      let changed = before.keys.filter { before[$0] != after[$0] }
      #expect(changed.count == 2, "\(changed.sorted())")
      #expect(result.history[1].trainLoss < result.history[0].trainLoss)
      settings.freeze = .none
      let free = values(try Trainer(settings, dataset: patternSet()).run().last)
      #expect(before.keys.filter { before[$0] != free[$0] }.count == before.count)
    }
  }

  @Test func whatIsNoModelIsNamed() throws {
    try withFolder { folder in
      _ = #expect(throws: ModelFileError.self) {
        try Trainer(settings(folder + "/none.safetensors"), dataset: patternSet()).run()
      }
    }
  }
}
