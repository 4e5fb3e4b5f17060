import NunchiDatasets
import NunchiTraining
import Testing

@Suite(.serialized) struct AccumulationTests {
  private func settings(_ batch: Int, _ accumulation: Int, epochs: Int = 2) -> TrainingSettings {
    var settings = patternSettings("mlp", epochs: epochs)
    settings.batch = batch
    settings.accumulation = accumulation
    settings.optimizer.rule = .sgd
    settings.rate = 0.05
    settings.dropout = 0
    return settings
  }

  /// Without batch norm and dropout, 3 x 10 images a step are 30, the last step of 90 + 14 images included: against a
  /// divisor that forgets the rows of a part, a part that is left out, or a step too many.
  @Test func partsAreOneBatch() throws {
    let whole = try Trainer(settings(30, 1), dataset: patternSet(104)).run()
    var steps: [TrainingEvent.Step] = []
    let trainer = Trainer(settings(10, 3), dataset: patternSet(104))
    trainer.observe { if case .step(let step) = $0 { steps.append(step) } }
    let parts = try trainer.run()
    #expect(steps.map(\.step) == [1, 2, 3, 4, 1, 2, 3, 4] && steps.allSatisfy { $0.steps == 4 })
    #expect(steps.map(\.images) == [30, 60, 90, 104, 30, 60, 90, 104])
    // Sums of at most 104 rows in another order, in a network of three layers, over eight steps of rate 0.05: the
    // relative rounding of a step is below rows · layers · ulp.
    let bound = 8.0 * 104 * 3 * 0x1p-23
    for (one, other) in zip(whole.history, parts.history) {
      #expect(abs(one.trainLoss - other.trainLoss) <= bound * one.trainLoss)
      #expect(abs(one.validationLoss! - other.validationLoss!) <= bound * one.validationLoss!)
    }
    #expect(whole.history.map(\.rate) == parts.history.map(\.rate))
  }

  @Test func accumulationAndThreads() throws {
    var settings = settings(8, 4)
    settings.model = "deep-cnn"
    settings.augmentation = .light
    let results = try [1, 3].map { threads in
      settings.threads = threads
      return try Trainer(settings, dataset: patternSet()).run()
    }
    #expect(results[0].history.map(\.trainLoss) == results[1].history.map(\.trainLoss))
    #expect(results[0].history.map(\.validationLoss) == results[1].history.map(\.validationLoss))
  }

  /// What an accumulated batch is not: said where it matters, and only there.
  @Test func batchNormIsSpokenOf() throws {
    let plain = try Trainer(settings(16, 2, epochs: 1), dataset: patternSet()).run()
    #expect(plain.warnings.contains("each step learns from 2 batches of 16: 32 images"))
    var settings = settings(16, 2, epochs: 1)
    settings.model = "resnet20"
    let normed = try Trainer(settings, dataset: patternSet()).run()
    #expect(
      normed.warnings.contains(
        "each step learns from 2 batches of 16: 32 images; batch norm measures each batch by itself, so the result is not "
          + "that of --batch 32"))
  }
}
