import NunchiDatasets
import NunchiDocuments
import NunchiModelFiles
import NunchiSystem
import NunchiTraining
import Testing

@Suite(.serialized) struct RunFolderTests {
  private func settings(_ folder: String) -> TrainingSettings {
    var settings = patternSettings(epochs: 2)
    settings.out = folder + "/some/runs"
    return settings
  }

  @Test func aRunLeavesItsFiles() throws {
    try withFolder { folder in
      let result = try Trainer(settings(folder), dataset: patternSet(), origins: ["epochs": "flag"]).run()
      let run = try #require(result.run)
      #expect(run == folder + "/some/runs/train-0001")
      #expect(
        names(in: run)
          == ["config.json", "data.json", "env.json", "evaluation", "log.jsonl", "model", "results.csv"])
      #expect(names(in: run + "/model") == ["best.safetensors", "last.safetensors", "resume.bin"])
      #expect(
        names(in: run + "/evaluation") == ["confusion.csv", "metrics.json", "per_class.csv", "predictions.csv"])
      let config = try JSON(parsing: text(run + "/config.json"))
      #expect(config["epochs"] == ["value": 2, "origin": "flag"])
      #expect(config["batch"]?["origin"] == "default")
      let data = try JSON(parsing: text(run + "/data.json"))
      #expect(data["classes"] == JSON(patternClasses))
      #expect(data["splits"]?["train"]?["images"] == 90)
      let environment = try JSON(parsing: text(run + "/env.json"))
      #expect(environment["threads"] == 1 && environment["winograd"] == true)
      #expect(environment["version"] == .string(Release.version) && environment["seed"] == 0)
      #expect(environment["processor"]?.stringValue?.isEmpty == false)
    }
  }

  @Test func resultsAndLogSayWhatHappened() throws {
    try withFolder { folder in
      let result = try Trainer(settings(folder), dataset: patternSet()).run()
      let run = try #require(result.run)
      let rows = try text(run + "/results.csv").split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      #expect(rows[0].prefix(6) == ["epoch", "time", "lr", "train_loss", "val_loss", "val_accuracy"])
      #expect(rows.count == 3 && rows.allSatisfy { $0.count == rows[0].count })
      #expect(Double(rows[2][3]) == result.history[1].trainLoss)
      #expect(Double(rows[2][4]) == result.history[1].validationLoss)
      let events = try text(run + "/log.jsonl").split(separator: "\n").map { try JSON(parsing: $0) }
      #expect(events.map { $0["event"]?.stringValue } == ["started", "note", "epoch", "epoch", "finished"])
      #expect(events[0]["steps_per_epoch"] == 6)
      #expect(events[4]["ending"] == "completed")
      #expect(events[3]["val_f1_macro"]?.doubleValue == result.history[1].validation?[.f1Macro])
    }
  }

  /// The run is read back as it was, and without the files that an older one may not have.
  @Test func theRecordIsTheRun() throws {
    try withFolder { folder in
      let result = try Trainer(settings(folder), dataset: patternSet(), origins: ["epochs": "flag"]).run()
      let run = try #require(result.run)
      let record = try RunRecord(path: run)
      #expect(record.history == result.history && record.ending == .completed && record.bestEpoch == result.bestEpoch)
      #expect(record.notes.map(\.text) == result.warnings && record.notes.map(\.kind) == [.classes])
      #expect(record.origins.first { $0.name == "epochs" }?.origin == "flag")
      #expect(
        record.metrics(.test)?.classes.map(\.f1) == result.test!.metrics.classes.map(\.f1) && record.headline == .test)
      #expect(record.metrics(.validation)?[.logLoss] == result.validation!.metrics.crossEntropy)
      #expect(record.metrics(.train) == nil && record.spread == nil && record.folds == nil)
      #expect(record.data.classes == patternClasses && record.data.images(.train) == 90)
      #expect(
        record.data.images(.test, ofClass: patternClasses[0]) == 8 && record.data.images(.test, ofClass: "none") == 0)
      #expect(record.data.fingerprint == patternSet().fingerprint && record.data.skipped.isEmpty)
      #expect(record.environment.threads == 1 && record.environment.winograd == true)
      #expect(record.parameters ?? 0 > 0 && record.environment.modelFileVersion == ModelFile.formatVersion)
      // As releases wrote it that knew no kinds.
      let log = try text(run + "/log.jsonl").replacing(",\"kind\":\"classes\"", with: "")
      try AtomicFile.write(log, to: run + "/log.jsonl")
      for name in ["env.json", "data.json", "evaluation/metrics.json"] { unlink(run + "/" + name) }
      let old = try RunRecord(path: run)
      #expect(old.notes.map(\.kind) == [nil] && old.notes.map(\.text) == result.warnings)
      #expect(old.environment.started == nil && old.data.path == nil && old.data.classes.isEmpty)
      #expect(old.headline == nil && old.metrics(.test) == nil && old.ending == .completed)
    }
  }

  /// The tables agree with the numbers that the run returns.
  @Test func theEvaluationIsOfTheTestSplit() throws {
    try withFolder { folder in
      let result = try Trainer(settings(folder), dataset: patternSet()).run()
      let run = try #require(result.run)
      let metrics = try JSON(parsing: text(run + "/evaluation/metrics.json"))
      #expect(metrics["split"] == "test")
      #expect(metrics["test"]?["accuracy"]?.doubleValue == result.test!.metrics.accuracy)
      #expect(metrics["validation"]?["accuracy"]?.doubleValue == result.validation!.metrics.accuracy)
      let predictions = try text(run + "/evaluation/predictions.csv").split(separator: "\n")
      #expect(predictions.count == 1 + 30 + 30)
      let right = predictions.count { $0.hasPrefix("test,") && $0.split(separator: ",")[4] == "1" }
      #expect(right == result.test!.metrics.confusion.correct)
      let confusion = try text(run + "/evaluation/confusion.csv").split(separator: "\n")
      #expect(confusion[1].split(separator: ",").dropFirst().map { Int($0)! } == result.test!.metrics.confusion.rows[0])
    }
  }

  /// The file answers as the weights in memory do, and says where it comes from.
  @Test func theModelFileIsTheBestModel() throws {
    try withFolder { folder in
      let result = try Trainer(settings(folder), dataset: patternSet()).run()
      let read = try ModelFile.read(try #require(result.modelPath))
      #expect(read.classes == patternClasses)
      #expect(read.preprocessing == result.best.preprocessing)
      #expect(read.normalization.mean == result.best.normalization.mean)
      #expect(read.provenance == result.best.provenance)
      #expect(read.provenance["settings"]?["model"] == "simple-cnn")
      #expect(read.provenance["settings"]?["threads"] == nil)
      #expect(read.provenance["metrics"]?["epoch"]?.intValue == result.bestEpoch)
    }
  }

  @Test func theSameTrainingGivesTheSameBytes() throws {
    try withFolder { folder in
      var settings = settings(folder)
      let first = try Trainer(settings, dataset: patternSet()).run()
      settings.threads = 2
      let second = try Trainer(settings, dataset: patternSet()).run()
      for name in ["best", "last"] {
        let files = try [first, second].map { try bytes("\($0.run!)/model/\(name).safetensors") }
        #expect(files[0] == files[1])
      }
    }
  }

  @Test func numbersAreNeverGivenAgain() throws {
    try withFolder { folder in
      let settings = settings(folder)
      let runs = settings.out!
      func link() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(runs + "/latest", &buffer, 255)
        return String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
      let first = try Trainer(settings, dataset: patternSet()).run().run!
      #expect(link() == "train-0001")
      let second = try Trainer(settings, dataset: patternSet()).run().run!
      #expect(link() == "train-0002")
      #expect(rename(second, folder + "/elsewhere") == 0)
      #expect(rename(first, folder + "/first") == 0)
      #expect(mkdir(runs + "/train-12", 0o777) == 0, "no name of a run")
      let third = try Trainer(settings, dataset: patternSet()).run().run
      #expect(third == runs + "/train-0003")
      #expect(mkdir(runs + "/train-12345", 0o777) == 0)
      let last = try Trainer(settings, dataset: patternSet()).run().run
      #expect(last == runs + "/train-12346")
    }
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    try withFolder { folder in
      try AtomicFile.write("a file", to: folder + "/runs")
      var settings = patternSettings(epochs: 1)
      settings.out = folder + "/runs"
      #expect(throws: TrainingError.self) { try Trainer(settings, dataset: patternSet()).run() }
    }
  }

  @Test func aFingerprintFollowsTheData() {
    let set = patternSet()
    #expect(set.fingerprint == patternSet().fingerprint)
    #expect(set.fingerprint != patternSet(89).fingerprint)
    var changed = patterns(90)
    changed[3] = pattern(3, label: 3, seed: 99)
    let other = Dataset(
      classes: patternClasses, train: changed, validation: patterns(30, seed: 2), test: patterns(30, seed: 3))
    #expect(set.fingerprint != other.fingerprint)
  }
}
