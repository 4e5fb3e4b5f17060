import NunchiDatasets
import NunchiDocuments
import NunchiTraining
import Testing

/// Against errors that do not say where, and folders that do not say that it happened.
@Suite(.serialized) struct DivergenceTests {
  /// A training that must diverge.
  private func divergence(
    _ set: Dataset = patternSet(), _ change: (inout TrainingSettings) -> Void
  ) throws -> Divergence {
    var settings = patternSettings(epochs: 3)
    (settings.optimizer.rule, settings.warmup, settings.schedule) = (.sgd, 0, .constant)
    change(&settings)
    do {
      _ = try Trainer(settings, dataset: set).run()
    } catch TrainingError.diverged(let divergence) { return divergence }
    throw Unexpected()
  }

  private struct Unexpected: Error {}

  /// The first step ruins the weights, so the second batch finds it, in the first layer with weights: the biases of the
  /// layers behind it are as wild, but come later.
  @Test func aRateOutOfBoundsIsNamedWithLayerAndBatch() throws {
    let found = try divergence { $0.rate = 1e30 }
    #expect(found.place == .outputs(layer: "0 (Conv2D(1 → 9, kernel 5))"))
    #expect(found.pass == .training && found.epoch == 1 && found.batch == 2 && found.rate == 1e30)
  }

  /// Adam keeps its steps in bounds, so a rate beyond reason gives absurd numbers that are all finite.
  @Test func anAbsurdLossIsDivergence() throws {
    let found = try divergence { ($0.optimizer.rule, $0.rate) = (.adam(), 1e9) }
    #expect(found.loss.isFinite && found.batch == 2)
    guard case .outputs(let layer) = found.place else { return #expect(Bool(false), "\(found.place)") }
    #expect(layer.hasPrefix("0 (Conv2D("))
  }

  /// One batch an epoch: nothing is wrong while training sees it, and validation is the first to use the ruined weights.
  @Test func validationNamesLayerAndBatchToo() throws {
    let found = try divergence(patternSet(16, 40)) { $0.rate = 1e30 }
    #expect(found.pass == .validation && found.epoch == 1 && found.batch == 1)
    guard case .outputs(let layer) = found.place else { return #expect(Bool(false), "\(found.place)") }
    #expect(layer.hasPrefix("0 (Conv2D("))
    #expect(found.problem.hasPrefix("training diverged in epoch 1, validation batch 1: "))
  }

  /// The layer is the one where it begins, not the first or the last one.
  @Test func theLayerIsWhereItBegins() throws {
    // Only the last dense layer is trained, so it alone is ruined.
    let found = try withFolder { folder in
      var first = patternSettings(epochs: 1)
      first.out = folder
      let model = try #require(try Trainer(first, dataset: patternSet()).run().modelPath)
      return try divergence { ($0.rate, $0.start, $0.freeze) = (1e30, model, .trunk) }
    }
    #expect(found.place == .outputs(layer: "6 (Dense(30 → 4))"))
  }

  @Test func theSentenceSaysWhatHelps() {
    let found = Divergence(
      place: .gradient(parameter: "3.weight"), pass: .training, epoch: 2, batch: 7, loss: 4.5, rate: 0.004, run: nil)
    #expect(
      TrainingError.diverged(found).description
        == "training diverged in epoch 2, batch 7: expected bounded numbers, found others in the gradient of 3.weight, and "
        + "a loss of 4.5; train anew with a lower --lr such as 0.0004, or a longer --warmup; --find-lr looks for a rate, "
        + "and nunchi data check for damaged pictures")
    let wild = Divergence(
      place: .outputs(layer: "0 (ReLU)"), pass: .validation, epoch: 1, batch: 1, loss: .nan, rate: 1e30, run: nil)
    #expect(wild.remedy.contains(" such as 0.001,"))
  }

  /// What was learned before it stays, and the folder says how the training ended.
  @Test func theFolderKeepsWhatThereIs() throws {
    try withFolder { folder in
      // One step an epoch, at a rate at which each error is a multiple of the one before.
      let found = try divergence {
        ($0.out, $0.model, $0.loss, $0.batch, $0.rate, $0.epochs) = (folder, "mlp", .mse, 90, 30, 60)
      }
      let run = try #require(found.run)
      #expect(found.epoch > 1)
      let rows = try text(run + "/results.csv").split(separator: "\n")
      #expect(rows.count == found.epoch && rows[0].hasPrefix("epoch,time,lr"))
      #expect(names(in: run + "/model") == ["best.safetensors", "last.safetensors", "resume.bin"])
      let events = try text(run + "/log.jsonl").split(separator: "\n").map { try JSON(parsing: $0) }
      #expect(events.suffix(2).map { $0["event"]?.stringValue } == ["note", "finished"])
      #expect(events.last?["ending"] == "diverged" && events.last?["epochs"] == .integer(found.epoch - 1))
    }
  }

  /// Without a finished epoch the table is there and empty, and no empty model is left.
  @Test func theFirstEpochLeavesATable() throws {
    try withFolder { folder in
      let found = try divergence { ($0.out, $0.rate) = (folder, 1e30) }
      let run = try #require(found.run)
      #expect(names(in: run) == ["config.json", "data.json", "env.json", "log.jsonl", "results.csv"])
      #expect(try text(run + "/results.csv").split(separator: "\n").count == 1)
    }
  }
}
