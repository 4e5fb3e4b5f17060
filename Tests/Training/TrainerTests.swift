import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiGraph
import NunchiImages
import NunchiModelFiles
import NunchiTensors
import NunchiEngine
import NunchiLayers
import NunchiTraining
import Testing

/// A checksum of the bits of each parameter of a model, by name: short where a comparison fails.
private func bits(_ model: LoadedModel) -> [String: UInt64] {
  Dictionary(
    uniqueKeysWithValues: model.model.namedParameters().map { name, parameter in
      let values = model.weights[parameter]
      return (name, values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 })
    })
}

/// What of an epoch must not depend on the machine.
private func numbers(_ result: TrainingResult) -> [[Double?]] {
  result.history.map { [$0.trainLoss, $0.validationLoss, $0.validation?[.f1Macro], $0.monitored] }
}

@Suite(.serialized) struct TrainerTests {
  @Test func aSmallNetworkLearnsThePatterns() throws {
    let result = try Trainer(patternSettings(epochs: 8), dataset: patternSet()).run()
    #expect(result.test!.metrics.accuracy >= 0.95)
    #expect(result.history.last!.trainLoss < 0.2 * result.history.first!.trainLoss)
    #expect(result.ending == .completed)
  }

  /// Tasks, sums or batches that depend on who works; and a partial batch (90 images, batches of 16) that is lost.
  @Test(arguments: ["simple-cnn", "deep-cnn"])
  func theResultDoesNotDependOnTheThreads(_ model: String) throws {
    var settings = patternSettings(model)
    settings.augmentation = .light
    let results = try [1, 2, 3].map { threads in
      settings.threads = threads
      return try Trainer(settings, dataset: patternSet()).run()
    }
    for other in results.dropFirst() {
      #expect(bits(other.best) == bits(results[0].best))
      #expect(bits(other.last) == bits(results[0].last))
      #expect(numbers(other) == numbers(results[0]))
      #expect(other.best.provenance == results[0].best.provenance)
      #expect(other.test!.predictions.map(\.probabilities) == results[0].test!.predictions.map(\.probabilities))
    }
  }

  /// With batch norm the partial batch must count its own rows; files are decoded by several threads.
  @Test func aRunOverFilesDoesNotDependOnTheThreads() throws {
    try withFolder { folder in
      try GeneratedFaces.write(to: folder + "/faces", count: 50, size: 40)
      var settings = patternSettings("vgg6", epochs: 2)
      settings.data = folder + "/faces"
      settings.size = 32
      settings.channels = 3
      settings.width = 1.0 / 16
      settings.augmentation = .light
      let results = try [1, 3].map { threads in
        settings.threads = threads
        return try Trainer(settings).run()
      }
      #expect(bits(results[0].best) == bits(results[1].best))
      #expect(numbers(results[0]) == numbers(results[1]))
    }
  }

  @Test func anotherSeedGivesOtherWeights() throws {
    var settings = patternSettings(epochs: 1)
    let first = try Trainer(settings, dataset: patternSet()).run()
    settings.seed = 1
    let second = try Trainer(settings, dataset: patternSet()).run()
    #expect(bits(first.best) != bits(second.best))
  }

  /// Every image counts once an epoch, the partial batch included.
  @Test func everyImageIsTrainedOnInEveryEpoch() throws {
    var steps: [TrainingEvent.Step] = []
    let trainer = Trainer(patternSettings(epochs: 2), dataset: patternSet())
    trainer.observe { if case .step(let step) = $0 { steps.append(step) } }
    _ = try trainer.run()
    #expect(steps.map(\.step) == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
    #expect(steps.map(\.images) == [16, 32, 48, 64, 80, 90, 16, 32, 48, 64, 80, 90])
    #expect(steps.allSatisfy { $0.steps == 6 })
  }

  /// Mean squared error of the raw outputs learns at the default rate; of softmax outputs it would stay at chance.
  @Test func meanSquaredErrorLearns() throws {
    var settings = patternSettings(epochs: 40)
    settings.loss = .mse
    let result = try Trainer(settings, dataset: patternSet()).run()
    #expect(result.test!.metrics.accuracy >= 0.9)
    // The best answer that is the same for all images, 1/4 for each class, has the loss 1/4 · 3/4.
    #expect(result.history[39].validationLoss! < 0.75 * 0.1875)
    // The softmax of one 1 and three 0 is e / (e + 3): a model this good must be surer than that.
    #expect(result.best.decision.temperature < 0.5)
    let sureness = result.test!.predictions.map { $0.probabilities.max()! }
    #expect(sureness.reduce(0, +) / Float(sureness.count) > 0.7)
  }

  @Test func theFocalLossLearns() throws {
    var settings = patternSettings(epochs: 8)
    settings.loss = .focal
    let result = try Trainer(settings, dataset: patternSet()).run()
    #expect(result.test!.metrics.accuracy >= 0.9)
    // Each image counts its cross-entropy times a share below 1, here of weights that do not move.
    let losses = try [Loss.crossEntropy, .focal].map { loss in
      var start = patternSettings(epochs: 1)
      (start.loss, start.rate) = (loss, 1e-12)
      return try Trainer(start, dataset: patternSet()).run().history[0].trainLoss
    }
    #expect(losses[1] < 0.9 * losses[0] && losses[1] > 0.2 * losses[0])
  }

  /// An average that forgets at once is the weights themselves; one that remembers is not, and is what is left.
  @Test func theAverageOfTheWeightsIsWhatIsLeft() throws {
    var settings = patternSettings("deep-cnn", epochs: 2)
    let plain = try Trainer(settings, dataset: patternSet()).run()
    settings.averaging = 0
    let forgetful = try Trainer(settings, dataset: patternSet()).run()
    #expect(bits(forgetful.last) == bits(plain.last))
    settings.averaging = 0.99
    let average = try Trainer(settings, dataset: patternSet()).run()
    #expect(bits(average.last) != bits(plain.last))
    #expect(average.history.map(\.trainLoss) == plain.history.map(\.trainLoss))
    #expect(average.history.map(\.validationLoss) != plain.history.map(\.validationLoss))
  }

  /// However little time there is, one step is taken and what it learned is kept.
  @Test func theEpochsAreMadeToFitATime() throws {
    var settings = patternSettings(epochs: 1000)
    settings.timeBudget = 1e-9
    let least = try Trainer(settings, dataset: patternSet()).run()
    #expect(least.history.count == 1 && least.ending == .completed && least.test != nil)
  }

  @Test func theTimeThatIsLeftIsDividedByAnEpoch() {
    let budget = TimeBudget(seconds: 100, limit: 50)
    #expect(budget.epochs(ends: []) == 50)
    // The first epoch took long because it decoded: the next one knows better.
    #expect(budget.epochs(ends: [20]) == 1 + 3)
    #expect(budget.epochs(ends: [20, 25]) == 2 + 14)
    #expect(budget.epochs(ends: [20, 21]) == 50)
    #expect(budget.epochs(ends: [99]) == 1)
  }

  @Test(arguments: Optimizer.Rule.allCases)
  func everyOptimizerLowersTheLoss(_ rule: Optimizer.Rule) throws {
    var settings = patternSettings(epochs: 4)
    settings.optimizer.rule = rule
    settings.rate = [.sgd, .momentum(), .nesterov(), .adaGrad()].contains(rule) ? 1e-2 : 1e-3
    let history = try Trainer(settings, dataset: patternSet()).run().history
    #expect(history[3].trainLoss < history[0].trainLoss)
  }

  @Test func theRateFollowsTheSchedule() throws {
    var rates: [Float] = []
    let trainer = Trainer(patternSettings(epochs: 4), dataset: patternSet())
    trainer.observe { if case .step(let step) = $0 { rates.append(step.rate) } }
    _ = try trainer.run()
    let schedule = RateSchedule(.cosine, rate: 3e-3, warmup: 6, steps: 24)
    #expect(rates == (0..<24).map { schedule.rate(step: $0) })
  }

  // MARK: Which weights are left

  /// The weights that are left are those of the best epoch, also when the last epoch is reached. At a rate that destroys
  /// what was learned the best epoch is not the last.
  @Test func theBestWeightsAreLeftWhenTheLimitIsReached() throws {
    var settings = patternSettings(epochs: 6)
    settings.schedule = .constant
    settings.rate = 0.06
    settings.monitor = .loss
    let result = try Trainer(settings, dataset: patternSet()).run()
    let losses = result.history.map { $0.validationLoss! }
    let best = losses.indices.min { losses[$0] < losses[$1] }! + 1
    #expect(result.bestEpoch == best)
    #expect(best < 6, "the best epoch is the last: the test says nothing")
    #expect(result.validation!.metrics.accuracy == result.history[best - 1].validation![.accuracy])
    #expect(bits(result.best) != bits(result.last))
    #expect(result.history.map(\.isBest).lastIndex(of: true) == best - 1)
  }

  @Test func patienceEndsTheTraining() throws {
    var settings = patternSettings(epochs: 40)
    settings.schedule = .constant
    settings.rate = 0.06
    settings.monitor = .loss
    settings.patience = 2
    let result = try Trainer(settings, dataset: patternSet()).run()
    #expect(result.ending == .stoppedEarly)
    #expect(result.history.count == result.bestEpoch + 2)
  }

  @Test func withoutValidationTheTrainingLossDecides() throws {
    var notes: [String] = []
    let trainer = Trainer(patternSettings(), dataset: patternSet(90, 0, 30))
    trainer.observe { if case .note(let note) = $0 { notes.append(note.text) } }
    let result = try trainer.run()
    #expect(result.bestEpoch == 3)
    #expect(result.validation == nil)
    #expect(result.history[0].monitored == result.history[0].trainLoss)
    #expect(notes.contains { $0.contains("train.loss") })
  }

  // MARK: Ends before the end

  @Test func aRequestedStopLeavesWhatWasLearned() throws {
    try withFolder { folder in
      var settings = patternSettings(epochs: 5)
      settings.out = folder
      let trainer = Trainer(settings, dataset: patternSet())
      let stop = trainer.stop
      var seen = 0
      trainer.observe { event in
        guard case .step(let step) = event else { return }
        seen += 1
        if step.epoch == 2 && step.step == 3 { stop.set() }
      }
      let result = try trainer.run()
      #expect(result.ending == .interrupted)
      #expect(seen == 9, "the step in work is the last")
      #expect(result.history.count == 1 && result.bestEpoch == 1)
      let read = try ModelFile.read(result.run! + "/model/last.safetensors")
      #expect(bits(read) == bits(result.last))
      let best = try ModelFile.read(result.modelPath!)
      #expect(bits(best) == bits(result.best))
      #expect(bits(result.best) != bits(result.last))
    }
  }

  @Test func aStopBeforeTheFirstStepLeavesTheFirstWeights() throws {
    let stop = StopRequest()
    stop.set()
    let result = try Trainer(patternSettings(), dataset: patternSet(), stop: stop).run()
    #expect(result.ending == .interrupted && result.bestEpoch == 0 && result.history.isEmpty)
  }

  // MARK: Odd data

  @Test func aDamagedFileIsNamedAndLeftOut() throws {
    try withFolder { folder in
      let faces = folder + "/faces"
      try GeneratedFaces.write(to: faces, count: 40, size: 40, format: .png)
      let victim = try damageFirstMask(of: faces)
      var settings = patternSettings("vgg6", epochs: 1)
      settings.data = faces
      settings.size = 32
      settings.channels = 3
      settings.width = 1.0 / 16
      let result = try Trainer(settings).run()
      #expect(result.skipped.map(\.path) == ["Train/Mask/\(victim)"])
    }
  }

  @Test func settingsOutOfBoundsAreRefused() {
    func refused(_ change: (inout TrainingSettings) -> Void) -> String? {
      var settings = patternSettings()
      change(&settings)
      do throws(TrainingError) {
        try settings.validate()
        return nil
      } catch {
        guard case .setting(let name, _, _) = error else { return nil }
        return name
      }
    }
    #expect(refused { _ in } == nil)
    #expect(refused { $0.epochs = 0 } == "epochs")
    #expect(refused { $0.batch = 0 } == "batch")
    #expect(refused { $0.rate = .nan } == "lr")
    #expect(refused { $0.rate = 0 } == "lr")
    #expect(refused { $0.labelSmoothing = 1 } == "label-smoothing")
    #expect(refused { $0.optimizer.weightDecay = -1 } == "weight-decay")
    #expect(refused { $0.warmup = -1 } == "warmup")
    #expect(refused { $0.patience = 0 } == "patience")
    #expect(refused { $0.threads = 0 } == "threads")
    #expect(refused { $0.channels = 2 } == "channels")
    #expect(refused { $0.size = 0 } == "size")
    #expect(refused { $0.accumulation = 0 } == "accumulate")
    #expect(refused { $0.mixing = MixingSchedule(.mixUp(alpha: 0)) } == "mix-alpha")
    #expect(refused { $0.mixing = MixingSchedule(.cutMix(alpha: .nan)) } == "mix-alpha")
    #expect(refused { $0.mixing = MixingSchedule(.mosaic, plainEpochs: $0.epochs) } == "mix-plain")
  }
}
