import NunchiDatasets
import NunchiEngine
import NunchiImages
import NunchiModelFiles
import NunchiSystem
import NunchiTraining
import Testing

/// Against anything of a training that a checkpoint forgets: the end would differ in its bytes.
@Suite(.serialized) struct ResumeTests {
  /// Batch norm, dropout, augmentation, Adam, a partial batch, and class weights that are not all 1.
  private func settings(_ folder: String, epochs: Int = 4) -> TrainingSettings {
    var settings = patternSettings("resnet20", epochs: epochs)
    settings.dropout = 0.2
    settings.augmentation = .light
    settings.labelSmoothing = 0.1
    settings.averaging = 0.9
    settings.schedule = .plateau
    settings.out = folder
    return settings
  }

  /// Trains, asking for a stop after the steps of `stops` one after the other, and resumes each time.
  private func train(
    _ settings: TrainingSettings, stops: [Int], threads: [Int] = [1]
  ) throws -> (result: TrainingResult, resumed: Int) {
    var (steps, pending, turn) = (0, stops[...], 0)
    func run(_ trainer: Trainer) throws -> TrainingResult {
      trainer.observe { event in
        if case .step = event {
          steps += 1
          if steps == pending.first {
            pending.removeFirst()
            trainer.requestStop()
          }
        }
      }
      return try trainer.run()
    }
    var result = try run(Trainer(settings, dataset: patternSet()))
    while result.ending == .interrupted {
      turn += 1
      let trainer = try Trainer(resuming: result.run!, dataset: patternSet()) {
        $0.threads = threads[turn % threads.count]
      }
      result = try run(trainer)
    }
    return (result, turn)
  }

  private func files(_ run: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in [
      "model/best.safetensors", "model/last.safetensors", "evaluation/metrics.json", "evaluation/predictions.csv",
    ] {
      files[name] = try bytes(run + "/" + name)
    }
    return files
  }

  /// In the middle of an epoch, after its last step (validation does not happen then), in the first and the last step of
  /// all, twice in one epoch, and on other numbers of threads.
  @Test(arguments: [[9], [6], [1], [23], [24], [8, 10], [3, 6, 7, 12, 20]])
  func anInterruptedTrainingEndsAsOneThatWasNot(_ stops: [Int]) throws {
    try withFolder { folder in
      let whole = try Trainer(settings(folder), dataset: patternSet()).run()
      let parts = try train(settings(folder), stops: stops, threads: [1, 3])
      #expect(parts.resumed == stops.count)
      let (expected, found) = (try files(whole.run!), try files(parts.result.run!))
      for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
      #expect(parts.result.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
      #expect(parts.result.bestEpoch == whole.bestEpoch)
    }
  }

  /// Mixtures, the sampler's order and the parts of a step are found again by epoch and batch alone. 15 images a batch, 2
  /// batches a step, 3 steps an epoch.
  @Test(arguments: [[1], [3], [4, 5], [11]])
  func mixedAndSampledTrainingsEndAsThoseThatWereNotInterrupted(_ stops: [Int]) throws {
    try withFolder { folder in
      var settings = settings(folder)
      settings.batch = 15
      settings.accumulation = 2
      settings.imbalance = .sampler
      settings.mixing = MixingSchedule(.cutMix(alpha: 1), plainEpochs: 1)
      let whole = try Trainer(settings, dataset: patternSet()).run()
      let parts = try train(settings, stops: stops, threads: [1, 3])
      #expect(parts.resumed == stops.count)
      let (expected, found) = (try files(whole.run!), try files(parts.result.run!))
      for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
      #expect(parts.result.history.map(\.trainLoss) == whole.history.map(\.trainLoss))
    }
  }

  /// The numbers of the optimizer and the limits of gradients are found again in the checkpoint, and change the end.
  @Test(arguments: [
    Optimizer(.momentum(0.5), weightDecay: 0.01, clipNorm: 0.5), Optimizer(.rmsProp(rho: 0.5, epsilon: 1e-3)),
    Optimizer(.adamW(beta1: 0.5, beta2: 0.9, epsilon: 1e-4), weightDecay: 0.1, clipNorm: 1, clipValue: 0.01),
  ])
  func optimizersEndAsThoseThatWereNotInterrupted(_ optimizer: Optimizer) throws {
    try withFolder { folder in
      var settings = settings(folder, epochs: 2)
      settings.optimizer = optimizer
      let whole = try Trainer(settings, dataset: patternSet()).run()
      let parts = try train(settings, stops: [4, 8], threads: [1, 3])
      #expect(parts.resumed == 2)
      let (expected, found) = (try files(whole.run!), try files(parts.result.run!))
      for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
      #expect(try RunRecord(path: whole.run!).settings.optimizer == optimizer)
      settings.optimizer = Optimizer(optimizer.rule.usual, weightDecay: optimizer.weightDecay)
      let usual = try Trainer(settings, dataset: patternSet()).run()
      #expect(usual.history[0].trainLoss != whole.history[0].trainLoss)
    }
  }

  /// With a schedule that does not look ahead, five epochs and five more are ten.
  @Test func aFinishedTrainingCanBeExtended() throws {
    try withFolder { folder in
      var five = settings(folder, epochs: 5)
      five.schedule = .constant
      var ten = five
      ten.epochs = 10
      let whole = try Trainer(ten, dataset: patternSet()).run()
      let first = try Trainer(five, dataset: patternSet()).run()
      let both = try Trainer(resuming: first.run!, epochs: .more(5), dataset: patternSet()).run()
      #expect(both.run == first.run)
      #expect(both.history.count == 10)
      let (expected, found) = (try files(whole.run!), try files(both.run!))
      for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
      let lines = try text(both.run! + "/results.csv").split(separator: "\n")
      #expect(lines.count == 11)
      let log = try text(both.run! + "/log.jsonl").split(separator: "\n")
      #expect(log.filter { $0.contains("\"event\":\"epoch\"") }.count == 10)
      #expect(log.filter { $0.contains("\"event\":\"finished\"") }.count == 1)
    }
  }

  @Test func epochsBelowWhatIsDoneAreRefused() throws {
    try withFolder { folder in
      let run = try Trainer(settings(folder, epochs: 2), dataset: patternSet()).run().run!
      #expect(throws: TrainingError.setting(name: "epochs", expected: "at least the 2 that are done", found: "1")) {
        try Trainer(resuming: run, epochs: .total(1), dataset: patternSet())
      }
    }
  }

  @Test func otherImagesAreRefused() throws {
    try withFolder { folder in
      let run = try Trainer(settings(folder, epochs: 1), dataset: patternSet()).run().run!
      let trainer = try Trainer(resuming: run, epochs: .more(1), dataset: patternSet(89))
      #expect(throws: TrainingError.dataChanged(path: "")) { try trainer.run() }
    }
  }

  /// A checkpoint that lies about its contents would train on rubbish.
  @Test func aDamagedCheckpointIsNamed() throws {
    try withFolder { folder in
      let run = try Trainer(settings(folder, epochs: 1), dataset: patternSet()).run().run!
      let path = run + "/model/resume.bin"
      let whole = try bytes(path)
      for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 23)) {
        var damaged = whole
        damaged[place] ^= 0x10
        try write(damaged, path)
        #expect(throws: TrainingError.self, "byte \(place)") { try Trainer(resuming: run, dataset: patternSet()) }
      }
      try write(Array(whole.prefix(whole.count / 2)), path)
      #expect(throws: TrainingError.self) { try Trainer(resuming: run, dataset: patternSet()) }
      #expect(throws: TrainingError.self) { try Trainer(resuming: folder + "/none", dataset: patternSet()) }
      try write(whole, path)
      _ = try Trainer(resuming: run, dataset: patternSet()).run()
    }
  }

  /// Two processes would overwrite each other's checkpoints.
  @Test func aRunIsTrainedByOneProcessAtATime() throws {
    try withFolder { folder in
      let run = try Trainer(settings(folder, epochs: 1), dataset: patternSet()).run().run!
      let first = try Trainer(resuming: run, dataset: patternSet())
      #expect(throws: TrainingError.self) { try Trainer(resuming: run, dataset: patternSet()) }
      withExtendedLifetime(first) {}
    }
  }

  /// What a killed process leaves half-written is no part of the run.
  @Test func halfWrittenFilesAreRemoved() throws {
    try withFolder { folder in
      let run = try Trainer(settings(folder, epochs: 1), dataset: patternSet()).run().run!
      try write([1, 2, 3], run + "/model/best.safetensors.tmp-77-1")
      _ = try Trainer(resuming: run, dataset: patternSet()).run()
      #expect(names(in: run + "/model") == ["best.safetensors", "last.safetensors", "resume.bin"])
    }
  }
}

private func write(_ bytes: [UInt8], _ path: String) throws { try AtomicFile.write(bytes, to: path) }
