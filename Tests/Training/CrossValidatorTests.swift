import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiSystem
import NunchiTraining
import Testing

/// Against folds that are trained on what they test, numbers that are not those of the folds, and a resumed
/// cross-validation that ends otherwise than one that was left alone.
@Suite(.serialized) struct CrossValidatorTests {
  private let count = 3

  /// 4 steps an epoch, 8 a fold.
  private func settings(_ folder: String?) -> TrainingSettings {
    var settings = patternSettings(epochs: 2)
    settings.augmentation = .light
    settings.batch = 8
    settings.out = folder
    return settings
  }

  private func dataset() -> Dataset { patternSet(36, 12, 8) }

  private func run(
    _ settings: TrainingSettings, _ folds: Int? = nil, _ dataset: Dataset? = nil
  ) throws -> CrossValidationResult {
    try CrossValidator(settings, folds: folds ?? count, dataset: dataset ?? self.dataset()).run()
  }

  /// The bytes of all that a cross-validation leaves which holds no time.
  private func files(_ run: String) throws -> [String: [UInt8]] {
    let evaluation = ["metrics.json", "per_class.csv", "confusion.csv", "predictions.csv"].map { "evaluation/" + $0 }
    let models = ["model/best.safetensors", "model/last.safetensors"]
    let names =
      ["folds.csv"] + evaluation
      + (1...count).flatMap { fold in
        (models + evaluation).map { "fold-\(fold)/\($0)" }
      }
    return Dictionary(uniqueKeysWithValues: try names.map { ($0, try bytes(run + "/" + $0)) })
  }

  private func expectSame(_ one: String, _ other: String) throws {
    let (expected, found) = (try files(one), try files(other))
    for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
  }

  @Test func everyImageIsAnsweredOnceByAModelThatDidNotSeeIt() throws {
    try withFolder { folder in
      let result = try run(settings(folder))
      #expect(result.ending == .completed && result.folds.map(\.fold.number) == [1, 2, 3])
      let pooled = try #require(result.pooled)
      #expect(pooled.predictions.count == 48 && Set(pooled.predictions.map(\.identity)).count == 48)
      // In the order of the paths, whatever fold they were in.
      #expect(pooled.predictions.map(\.identity) == pooled.predictions.map(\.identity).sorted())
      let answers = result.folds.flatMap(\.test.predictions)
      #expect(Set(answers.map(\.identity)) == Set(pooled.predictions.map(\.identity)))
      for fold in result.folds {
        let data = try JSON(parsing: text(fold.run! + "/data.json"))
        let images = ["train", "validation", "test"].map { data["splits"]?[$0]?["images"]?.intValue ?? 0 }
        #expect(images == [28, 4, 16], "four classes, one of each for validation")
        let config = try JSON(parsing: text(fold.run! + "/config.json"))
        #expect(config["folds"]?["value"] == .string("\(fold.fold)"))
      }
    }
  }

  /// The numbers of the whole are those of all answers, and the spread that of the folds.
  @Test func theNumbersAreThoseOfTheFolds() throws {
    try withFolder { folder in
      let result = try run(settings(folder))
      let (pooled, spread) = (try #require(result.pooled), try #require(result.spread))
      let right = result.folds.reduce(0) { $0 + $1.test.metrics.confusion.correct }
      #expect(pooled.metrics.confusion.correct == right && pooled.metrics.images == 48)
      #expect(spread[.accuracy]?.values == result.folds.map(\.test.metrics.accuracy))
      let metrics = try JSON(parsing: text(result.run! + "/evaluation/metrics.json"))
      #expect(metrics["split"] == "test" && metrics["test"] == pooled.metrics.json)
      #expect(metrics["folds"] == spread.json)
      let rows = try text(result.run! + "/folds.csv").split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows.count == 4 && rows[0].prefix(5) == ["fold", "images", "epochs", "best_epoch", "accuracy"])
      #expect(rows.dropFirst().map { Double($0[4]) } == result.folds.map(\.test.metrics.accuracy))
    }
  }

  @Test func theFolderReadsAsARun() throws {
    try withFolder { folder in
      let result = try run(settings(folder))
      let run = try #require(result.run)
      #expect(
        names(in: run) == [
          "config.json", "data.json", "env.json", "evaluation", "fold-1", "fold-2", "fold-3", "folds.csv", "log.jsonl",
        ])
      let record = try RunRecord(path: folder + "/latest")
      #expect(record.path == run && record.folds == 3 && record.settings.fold == nil && record.ending == .completed)
      #expect(record.metrics(.test)?.document == result.pooled!.metrics.json)
      #expect(record.spread?.document == result.spread!.json["metrics"])
      #expect(record.spread?[.accuracy]?.mean == result.spread![.accuracy]?.mean)
      #expect(try record.answers(.test)?.identities == result.pooled!.predictions.map(\.identity))
      #expect(record.notes.map(\.text) == ["the 8 images of the data set's own test split take no part in the folds"])
      #expect(record.repeatingCommand.contains("--folds") && record.commandForUse?.contains("--folds") == false)
      #expect(record.commandForUse?.contains("--test") == false, "the data set has a test split of its own")
      #expect(CrossValidator.isIn(run) && !CrossValidator.isIn(run + "/fold-1") && !CrossValidator.isIn(folder))
      let (folds, problems) = try RunRecord.all(in: run)
      #expect(folds.map(\.name) == ["fold-1", "fold-2", "fold-3"] && problems.isEmpty)
      #expect(folds[1].settings.fold == Fold(2, of: 3) && folds[1].commandForUse == nil)
      #expect(try RunRecord.all(in: folder).runs.count == 1)
    }
  }

  /// With everything of one data set in the folds, the model for use learns from what would be its test pictures too.
  @Test func theModelForUseKeepsNothingBackForATest() throws {
    try withFolder { folder in
      var settings = patternSettings("mlp", epochs: 1)
      settings.out = folder
      let result = try run(settings, 2, Dataset(classes: patternClasses, train: patterns(32)))
      #expect(try RunRecord(path: result.run!).commandForUse?.suffix(2) == ["--test", "0"])
    }
  }

  @Test func theBitsDoNotDependOnThreads() throws {
    try withFolder { folder in
      let one = try run(settings(folder))
      var three = settings(folder)
      three.threads = 3
      try expectSame(one.run!, try run(three).run!)
    }
  }

  /// Nothing written gives the same numbers as folders read back.
  @Test func withoutAFolder() throws {
    try withFolder { folder in
      let (none, some) = (try run(settings(nil)), try run(settings(folder)))
      #expect(none.run == nil && none.pooled?.metrics == some.pooled?.metrics && none.spread == some.spread)
    }
  }

  /// Stopped in the first step, at the end of an epoch, in the last step of a fold, and in several folds.
  @Test(arguments: [[1], [4], [8], [10, 11], [3, 9, 16, 24]])
  func anInterruptedCrossValidationEndsAsOneThatWasNot(_ stops: [Int]) throws {
    try withFolder { folder in
      let whole = try run(settings(folder))
      var (steps, pending, turns) = (0, stops[...], 0)
      func go(_ validator: CrossValidator) throws -> CrossValidationResult {
        validator.observe { _, event in
          guard case .step = event else { return }
          steps += 1
          guard steps == pending.first else { return }
          pending.removeFirst()
          validator.requestStop()
        }
        return try validator.run()
      }
      var result = try go(CrossValidator(settings(folder), folds: count, dataset: dataset()))
      while result.ending == .interrupted {
        #expect(result.pooled == nil && result.folds.count < count)
        #expect(try RunRecord(path: result.run!).ending == .interrupted)
        turns += 1
        result = try go(CrossValidator(resuming: result.run!, dataset: dataset()) { $0.threads = 1 + turns % 2 })
      }
      // Nothing is done twice: 2 epochs of 4 steps in each fold.
      #expect(turns == stops.count && steps == 24)
      try expectSame(whole.run!, result.run!)
      #expect(result.folds.map(\.bestEpoch) == whole.folds.map(\.bestEpoch))
      #expect(result.pooled?.metrics == whole.pooled?.metrics)
    }
  }

  /// A fold that was begun and has no checkpoint yet begins anew; one that is over is not trained again.
  @Test func whatIsThereIsUsed() throws {
    try withFolder { folder in
      let whole = try run(settings(folder))
      let run = whole.run!
      for name in ["log.jsonl", "model/resume.bin", "model/best.safetensors"] { unlink(run + "/fold-2/" + name) }
      let before = try files(try self.run(settings(folder)).run!)
      var trained: Set<Int> = []
      let validator = try CrossValidator(resuming: run, dataset: dataset())
      validator.observe { fold, event in if case .step = event { trained.insert(fold.number) } }
      _ = try validator.run()
      #expect(trained == [2])
      for (name, bytes) in try files(run) { #expect(before[name] == bytes, "\(name) differs") }
    }
  }

  /// The fold is named, the log says it, and what was refused before the first step leaves no folder.
  @Test func failuresNameTheirFold() throws {
    try withFolder { folder in
      var wild = settings(folder)
      (wild.rate, wild.optimizer.rule) = (1e30, .sgd)
      let error = #expect(throws: TrainingError.self) { try run(wild) }
      var place: Fold?
      if case .fold(let fold, .diverged) = error { place = fold }
      #expect(place == Fold(1, of: 3))
      let text = error?.description ?? ""
      #expect(text.hasPrefix("fold 1 of 3: training diverged in epoch "))
      let record = try RunRecord(path: folder + "/train-0001")
      #expect(record.notes.last == TrainingEvent.Note(.failure, text) && record.ending == nil)
      #expect(throws: TrainingError.self) { try run(settings(folder + "/none"), 40) }
      #expect(names(in: folder + "/none").isEmpty)
    }
  }

  @Test func whatCannotGoOnIsRefused() throws {
    try withFolder { folder in
      let run = try run(settings(folder)).run!
      #expect(throws: TrainingError.dataChanged(path: "")) {
        try CrossValidator(resuming: run, dataset: patternSet(40, 12, 8)).run()
      }
      let single = #expect(throws: TrainingError.self) { try CrossValidator(resuming: run + "/fold-1") }
      #expect(
        single?.description.hasSuffix("expected the folder of a cross-validation, found that of a single training")
          == true)
      // A fold that was trained for longer than the others is no fold of these.
      let config = try text(run + "/fold-2/config.json")
      try AtomicFile.write(
        config.replacing("\"epochs\": {\n    \"value\": 2", with: "\"epochs\": {\n    \"value\": 3"),
        to: run + "/fold-2/config.json")
      let other = #expect(throws: TrainingError.self) { try CrossValidator(resuming: run, dataset: dataset()).run() }
      #expect(other?.description.contains("fold 2 of 3: \(run)/fold-2: expected the settings of the whole") == true)
    }
  }

  /// What the model to start from was trained on is no test of it.
  @Test func aStartThatHasSeenTheImagesIsNamed() throws {
    try withFolder { folder in
      var first = patternSettings("mlp", epochs: 1)
      first.out = folder
      let model = try #require(try Trainer(first, dataset: dataset()).run().modelPath)
      var settings = first
      settings.start = model
      let notes = try run(settings, 2).notes
      #expect(notes.last?.hasPrefix("36 of the 48 images were in the training of \(model)") == true, "\(notes)")
    }
  }
}
