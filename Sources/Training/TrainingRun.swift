import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiGraph
import NunchiInference
import NunchiLayers
import NunchiModelFiles

/// Runs one training, from the first step to the last file.
final class TrainingRun {
  /// The settings. Their number of epochs may change where there is a time budget.
  private var settings: TrainingSettings
  private let preparation: Preparation
  private let network: TrainingNetwork
  private let folder: RunFolder?
  private let stop: StopRequest
  private let emit: (TrainingEvent) -> Void
  private var schedule: RateSchedule
  private let budget: TimeBudget?
  private var plateau: Plateau
  private var average: WeightAverage?
  private let start: ContinuousClock.Instant
  private let keeper: CheckpointKeeper
  private var stopping: EarlyStopping
  private var position = EpochPosition()
  private var history: [EpochRecord] = []
  private var best: Weights?
  /// The seconds that earlier processes spent on the training.
  private let earlierSeconds: Double

  /// Ends an epoch early, because a stop was requested.
  private struct Interruption: Error {}
  /// Ends an epoch early, because the time budget is used up.
  private struct Expiry: Error {}

  /// - Parameter checkpoint: the state to resume from; nil for a new training.
  init(
    _ settings: TrainingSettings, _ preparation: Preparation, _ network: TrainingNetwork, _ folder: RunFolder?,
    keeper: CheckpointKeeper, resuming checkpoint: CheckpointFile?, stop: StopRequest,
    start: ContinuousClock.Instant, emit: @escaping (TrainingEvent) -> Void
  ) throws(TrainingError) {
    self.settings = settings
    self.preparation = preparation
    self.network = network
    self.folder = folder
    self.keeper = keeper
    self.stop = stop
    self.start = start
    self.emit = emit
    earlierSeconds = checkpoint?.seconds ?? 0
    budget = settings.timeBudget.map { TimeBudget(seconds: $0, limit: settings.epochs) }
    schedule = Self.schedule(settings, preparation)
    let rises = preparation.monitor.risesWithQuality
    plateau = Plateau(risesWithQuality: rises)
    stopping = EarlyStopping(
      patience: settings.patience, minDelta: settings.minDelta, risesWithQuality: rises)
    average = settings.averaging.map { WeightAverage(keep: $0, of: network.session.weights) }
    guard let checkpoint else { return }
    try checkpoint.restore(&network.session.weights, &network.session.state)
    best = try checkpoint.best(network.session.weights.layout)
    position = checkpoint.position
    history = checkpoint.history
    if let keep = settings.averaging, let weights = try checkpoint.average(network.session.weights.layout) {
      average = WeightAverage(keep: keep, of: weights)
    }
    for record in history {
      _ = stopping.record(record)
      plateau.record(record.monitored)
    }
  }

  private static func schedule(_ settings: TrainingSettings, _ preparation: Preparation) -> RateSchedule {
    let steps = preparation.stepsPerEpoch
    return RateSchedule(
      settings.schedule, rate: settings.rate, warmup: Int((settings.warmup * Double(steps)).rounded()),
      steps: steps * settings.epochs)
  }

  /// The weights that are validated and written: their moving average, where there is one.
  private var resultWeights: Weights { average?.weights ?? network.session.weights }

  private var seconds: Double { earlierSeconds + start.duration(to: .now) / .seconds(1) }

  func run() throws -> TrainingResult {
    let ending = try trainEpochs()
    let result = try finish(ending)
    emit(
      .finished(
        .init(ending: ending, epochs: history.count, bestEpoch: result.bestEpoch, seconds: result.seconds)))
    return result
  }

  // MARK: Epochs

  private func trainEpochs() throws -> TrainingEvent.Ending {
    while position.epoch <= settings.epochs {
      if stopping.shouldStop { return .stoppedEarly }
      do {
        try finishEpoch(try trainEpoch())
      } catch is Interruption {
        try save()
        return .interrupted
      }
      if stop.isSet { return .interrupted }
    }
    return .completed
  }

  /// Trains the rest of the current epoch, and validates.
  private func trainEpoch() throws -> EpochRecord {
    let epoch = position.epoch
    // An epoch that the time budget cut short is validated and kept like a whole one.
    do { try trainBatches(of: epoch) } catch is Expiry {}
    let trainLoss = position.lossSum / Double(max(position.images, 1))
    let (validationLoss, metrics) = try validate(epoch)
    let monitored = value(trainLoss, validationLoss, metrics)
    let isBest = stopping.record(epoch: epoch, value: monitored, loss: validationLoss ?? trainLoss)
    let rate = rate(epoch, batch: max(position.batches, 1) - 1)
    plateau.record(monitored)
    return EpochRecord(
      epoch: epoch, seconds: seconds, rate: rate,
      imagesPerSecond: Double(position.images) / max(position.seconds, 1e-9), trainLoss: trainLoss,
      validationLoss: validationLoss, validation: metrics, monitored: monitored, isBest: isBest)
  }

  private func trainBatches(of epoch: Int) throws {
    let (began, spent) = (ContinuousClock.now, position.seconds)
    let mixing = settings.mixing.mixing(epoch: epoch - 1, of: settings.epochs)
    var open: StepInWork?
    func close(_ step: StepInWork) throws {
      open = nil
      try update(step, epoch: epoch, seconds: { spent + began.duration(to: .now) / .seconds(1) })
    }
    try preparation.training.epoch(epoch - 1, after: position.batches) { batch in
      if open == nil {
        guard !stop.isSet else { throw Interruption() }
        if let budget, position.batches > 0, seconds > budget.seconds { throw Expiry() }
      }
      let (workspace, loss) = try network.add(batch, mixing, epoch: epoch - 1)
      if !loss.isFinite || loss > Self.divergedLoss {
        let layer = try network.firstUnbounded(batch, .training, network.session.weights)
        throw diverged(.outputs(layer: layer), .training, epoch: epoch, batch: batch.number + 1, loss: loss)
      }
      let images = (open?.images ?? 0) + batch.count
      let step = StepInWork(workspace: workspace, batches: batch.number + 1 - position.batches, images: images)
      open = step
      if step.batches >= settings.accumulation { try close(step) }
    }
    if let open { try close(open) }
  }

  /// A step in progress: batches whose gradients have been added up, but not applied.
  private struct StepInWork {
    /// The workspace of the last batch.
    let workspace: Workspace
    let batches: Int
    let images: Int
  }

  private func update(_ step: StepInWork, epoch: Int, seconds: () -> Double) throws {
    let rate = rate(epoch, batch: position.batches)
    let outcome = network.session.update(step.workspace, rate: rate)
    position.batches += step.batches
    if !outcome.update.applied {
      let parameter = network.session.updater.parameterOfLargestGradient(step.workspace) ?? "the loss"
      throw diverged(
        .gradient(parameter: parameter), .training, epoch: epoch, batch: position.batches, loss: outcome.loss)
    }
    average?.add(network.session.weights, step: network.session.state.step)
    position.lossSum += Double(outcome.loss) * Double(step.images)
    position.images += step.images
    position.seconds = seconds()
    emit(
      .step(
        .init(
          epoch: epoch, step: position.batches.dividedRoundingUp(by: settings.accumulation),
          steps: preparation.stepsPerEpoch, loss: outcome.loss, rate: rate, images: position.images,
          seconds: position.seconds)))
    if keeper.isDue { try save() }
  }

  /// A training with a larger loss never recovers, though its numbers may stay finite for long.
  private static let divergedLoss: Float = 1e12

  private func diverged(
    _ place: Divergence.Place, _ pass: Divergence.Pass, epoch: Int, batch: Int, loss: Float
  ) -> TrainingError {
    .diverged(
      Divergence(
        place: place, pass: pass, epoch: epoch, batch: batch, loss: loss, rate: settings.rate, run: folder?.path))
  }

  /// The learning rate of the step that a batch, counted from 0, belongs to.
  private func rate(_ epoch: Int, batch: Int) -> Float {
    schedule.rate(
      step: (epoch - 1) * preparation.stepsPerEpoch + batch / settings.accumulation, reductions: plateau.reductions)
  }

  /// Writes the results of an epoch. The checkpoint is last: after a kill before it, the epoch runs again.
  private func finishEpoch(_ record: EpochRecord) throws {
    history.append(record)
    position = EpochPosition(epoch: record.epoch + 1)
    if record.isBest {
      best = resultWeights
      try write(loaded(resultWeights, record), "best")
    }
    try write(loaded(resultWeights, record), "last")
    try writeResults()
    emit(.epoch(record))
    if let budget { plan(budget) }
    try save()
  }

  /// Adjusts the number of epochs to the time that is left.
  private func plan(_ budget: TimeBudget) {
    let epochs = max(budget.epochs(ends: history.map(\.seconds)), 1)
    guard epochs != settings.epochs else { return }
    settings.epochs = epochs
    schedule = Self.schedule(settings, preparation)
    emit(.note(.init(.time, "\(epochs) epochs fit into the time")))
  }

  private func writeResults() throws(TrainingError) {
    try folder?.write(([EpochRecord.columns] + history.map(\.row)).map { $0 + "\n" }.joined(), "results.csv")
  }

  /// Completes the run folder of a training that has diverged: `results.csv`, which may be empty, and the last event.
  func leaveDiverged() throws(TrainingError) {
    try writeResults()
    emit(
      .finished(
        .init(ending: .diverged, epochs: history.count, bestEpoch: stopping.best?.epoch ?? 0, seconds: seconds)))
  }

  private func save() throws(TrainingError) {
    try keeper.write(
      settings, position, history, seconds: seconds, network.session.weights, network.session.state, best: best,
      average: average?.weights)
  }

  private func validate(_ epoch: Int) throws -> (loss: Double?, metrics: [Metric: Double]?) {
    guard let loader = preparation.validation else { return (nil, nil) }
    let classes = preparation.dataset.classes
    var accumulator = MetricsAccumulator(classNames: classes)
    var sum = 0.0
    let weights = resultWeights
    let images = try loader.epoch(0) { batch in
      guard !stop.isSet else { throw Interruption() }
      let (losses, probabilities) = network.validate(batch, weights)
      for row in 0..<batch.count {
        let answer = probabilities[row * classes.count..<(row + 1) * classes.count]
        guard losses[row].isFinite, answer.allSatisfy(\.isFinite) else {
          let layer = try network.firstUnbounded(batch, .validation, weights)
          throw diverged(
            .outputs(layer: layer), .validation, epoch: epoch, batch: batch.number + 1, loss: losses[row])
        }
        try accumulator.add(truth: Int(batch.labels[row]), probabilities: answer)
        sum += Double(losses[row])
      }
    }
    guard images > 0 else { return (nil, nil) }
    let metrics = try accumulator.metrics(resamples: 1)
    let known = Metric.allCases.compactMap { metric in metrics[metric].map { (metric, $0) } }
    return (sum / Double(images), Dictionary(uniqueKeysWithValues: known))
  }

  private func value(_ trainLoss: Double, _ validationLoss: Double?, _ metrics: [Metric: Double]?) -> Double {
    switch preparation.monitor {
    case .trainingLoss: trainLoss
    case .loss: validationLoss ?? trainLoss
    case .metric(let metric): metrics?[metric] ?? .nan
    }
  }

  // MARK: Results

  private func finish(_ ending: TrainingEvent.Ending) throws -> TrainingResult {
    let record = stopping.best.flatMap { best in history.first { $0.epoch == best.epoch } }
    var bestModel = loaded(best ?? resultWeights, record)
    let last = loaded(resultWeights, history.last)
    if ending != .interrupted, settings.loss == .mse { bestModel = try calibrated(bestModel) }
    if best == nil || bestModel.decision != .plain { try write(bestModel, "best") }
    try write(last, "last")
    var parts: [SplitEvaluation] = []
    if ending != .interrupted {
      let classifier = try Classifier(bestModel, pool: preparation.pool, batch: settings.batch)
      for split in [Split.test, .validation] where !preparation.dataset.items(split).isEmpty {
        // Damaged files were reported while training. A split with only such files has no metrics.
        do {
          parts.append(
            try classifier.evaluate(
              preparation.dataset, split, threads: preparation.pool.threads, seed: settings.seed,
              cache: preparation.cache))
        } catch EvaluationSetupError.emptySplit(let split, _) {
          emit(.note(.init(.unreadableSplit, "no image of the \(split.rawValue) split can be read")))
        }
      }
      if let folder { try EvaluationFiles.write(parts, to: folder) }
    }
    return TrainingResult(
      run: folder?.path, ending: ending, bestEpoch: record?.epoch ?? 0, history: history, seconds: seconds,
      best: bestModel, last: last, validation: parts.first { $0.split == .validation },
      test: parts.first { $0.split == .test },
      skipped: preparation.training.skipped + (preparation.validation?.skipped ?? []),
      warnings: preparation.notes.map(\.text) + preparation.cache.warnings)
  }

  /// The model with a temperature that is fitted on the validation split. Training with squared errors leads to outputs
  /// of 0 and 1, whose softmax never exceeds e / (e + classes - 1). Validation without a mistake would fit a
  /// temperature of 0.
  private func calibrated(_ model: LoadedModel) throws -> LoadedModel {
    do {
      let fit = try DecisionFit(
        model, preparation.dataset, .validation, rule: nil, calibrates: true, pool: preparation.pool,
        cache: preparation.cache)
      guard let value = fit.temperature?.temperature.value, value < 1 else { return model }
      let temperature = max((value * 1000).rounded() / 1000, Self.lowestTemperature)
      emit(
        .note(
          .init(
            .temperature,
            "outputs of mse become probabilities by a temperature of \(temperature), fitted on validation")))
      return model.deciding(Decision(temperature: temperature))
    } catch EvaluationSetupError.emptySplit {
      return model
    }
  }

  /// The lowest temperature that is used: an output of 1 against one of 0 then has the probability 0.99995.
  private static let lowestTemperature = 0.1

  private func write(_ model: LoadedModel, _ name: String) throws {
    guard let folder else { return }
    try ModelFile.write(model, to: "\(folder.path)/model/\(name).safetensors")
  }

  /// A model of these weights with its provenance, which depends neither on the machine nor on the time.
  private func loaded(_ weights: Weights, _ record: EpochRecord?) -> LoadedModel {
    var metrics = JSON.Object()
    if let record {
      metrics["epoch"] = .integer(record.epoch)
      metrics["train_loss"] = .number(record.trainLoss)
      metrics["val_loss"] = record.validationLoss.map(JSON.number)
      for metric in EpochRecord.metrics {
        metrics["val_" + metric.rawValue] = record.validation?[metric].map(JSON.number)
      }
    }
    var provenance = JSON.Object([
      .init("settings", settings.provenance), .init("metrics", .object(metrics)),
      .init("data", .string(preparation.fingerprint)), .init("seed", .seed(settings.seed)),
    ])
    provenance[TrainingContents.key] = preparation.contents
    return LoadedModel(
      model: preparation.model, weights: weights, classes: preparation.dataset.classes,
      preprocessing: preparation.preprocessing, normalization: preparation.normalization,
      provenance: .object(provenance))
  }
}
