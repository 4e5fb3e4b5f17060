import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiGraph
import NunchiInference
import NunchiLayers
import NunchiModelFiles

/// One training from the first step to the last file.
final class TrainingRun {
  private let settings: TrainingSettings
  private let preparation: Preparation
  private let network: TrainingNetwork
  private let folder: RunFolder?
  private let stop: StopRequest
  private let emit: (TrainingEvent) -> Void
  private let schedule: RateSchedule
  private let start: ContinuousClock.Instant
  private var stopping: EarlyStopping
  private var history: [EpochRecord] = []
  private var best: Weights?

  /// Leaves an epoch in the middle.
  private struct Interruption: Error {}

  init(
    _ settings: TrainingSettings, _ preparation: Preparation, _ network: TrainingNetwork, _ folder: RunFolder?,
    stop: StopRequest, start: ContinuousClock.Instant, emit: @escaping (TrainingEvent) -> Void
  ) {
    self.settings = settings
    self.preparation = preparation
    self.network = network
    self.folder = folder
    self.stop = stop
    self.start = start
    self.emit = emit
    let steps = preparation.training.batchCount
    schedule = RateSchedule(
      settings.schedule, rate: settings.rate, warmup: Int((settings.warmup * Double(steps)).rounded()),
      steps: steps * settings.epochs)
    stopping = EarlyStopping(patience: settings.patience, risesWithQuality: preparation.monitor.risesWithQuality)
  }

  private var seconds: Double { start.duration(to: .now) / .seconds(1) }

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
    for epoch in 1...settings.epochs {
      do {
        let record = try trainEpoch(epoch)
        history.append(record)
        if record.isBest {
          best = network.session.weights
          try write(loaded(network.session.weights, record), "best")
        }
        try write(loaded(network.session.weights, record), "last")
        try folder?.write(([EpochRecord.columns] + history.map(\.row)).map { $0 + "\n" }.joined(), "results.csv")
        emit(.epoch(record))
      } catch is Interruption {
        return .interrupted
      }
      if stop.isSet { return .interrupted }
      if stopping.shouldStop, epoch < settings.epochs { return .stoppedEarly }
    }
    return .completed
  }

  private func trainEpoch(_ epoch: Int) throws -> EpochRecord {
    let began = ContinuousClock.now
    let steps = preparation.training.batchCount
    var (sum, images, step, rate) = (0.0, 0, 0, Float(0))
    try preparation.training.epoch(epoch - 1) { batch in
      guard !stop.isSet else { throw Interruption() }
      rate = schedule.rate(step: (epoch - 1) * steps + step)
      step += 1
      let loss = try trainStep(batch, rate: rate, epoch: epoch, step: step)
      sum += Double(loss) * Double(batch.count)
      images += batch.count
      emit(
        .step(
          .init(
            epoch: epoch, step: step, steps: steps, loss: loss, rate: rate, images: images,
            seconds: began.duration(to: .now) / .seconds(1))))
    }
    let spent = began.duration(to: .now) / .seconds(1)
    let trainLoss = sum / Double(max(images, 1))
    let (validationLoss, metrics) = try validate(epoch)
    let monitored = value(trainLoss, validationLoss, metrics)
    let isBest = stopping.record(epoch: epoch, value: monitored, loss: validationLoss ?? trainLoss)
    return EpochRecord(
      epoch: epoch, seconds: seconds, rate: rate, imagesPerSecond: Double(images) / max(spent, 1e-9),
      trainLoss: trainLoss, validationLoss: validationLoss, validation: metrics, monitored: monitored, isBest: isBest)
  }

  private func trainStep(_ batch: borrowing Batch, rate: Float, epoch: Int, step: Int) throws -> Float {
    let (outcome, workspace) = try network.step(batch, rate: rate)
    guard outcome.update.applied else {
      let layer = network.session.updater.firstNonFinite(workspace) ?? "loss"
      throw TrainingError.diverged(layer: layer, epoch: epoch, batch: step, loss: outcome.loss)
    }
    return outcome.loss
  }

  private func validate(_ epoch: Int) throws -> (loss: Double?, metrics: ClassificationMetrics?) {
    guard let loader = preparation.validation else { return (nil, nil) }
    let classes = preparation.dataset.classes
    var accumulator = MetricsAccumulator(classNames: classes)
    var sum = 0.0
    let images = try loader.epoch(0) { batch in
      guard !stop.isSet else { throw Interruption() }
      let (losses, probabilities) = network.validate(batch)
      for row in 0..<batch.count {
        let answer = probabilities[row * classes.count..<(row + 1) * classes.count]
        guard losses[row].isFinite, answer.allSatisfy(\.isFinite) else {
          throw TrainingError.diverged(layer: "the outputs in validation", epoch: epoch, batch: 0, loss: losses[row])
        }
        try accumulator.add(truth: Int(batch.labels[row]), probabilities: answer)
        sum += Double(losses[row])
      }
    }
    guard images > 0 else { return (nil, nil) }
    return (sum / Double(images), try accumulator.metrics(resamples: 1))
  }

  private func value(_ trainLoss: Double, _ validationLoss: Double?, _ metrics: ClassificationMetrics?) -> Double {
    switch preparation.monitor {
    case .trainingLoss: trainLoss
    case .loss: validationLoss ?? trainLoss
    case .metric(let metric): metrics?[metric] ?? .nan
    }
  }

  // MARK: Results

  private func finish(_ ending: TrainingEvent.Ending) throws -> TrainingResult {
    let record = stopping.best.flatMap { best in history.first { $0.epoch == best.epoch } }
    let bestModel = loaded(best ?? network.session.weights, record)
    let last = loaded(network.session.weights, history.last)
    if best == nil { try write(bestModel, "best") }
    try write(last, "last")
    var parts: [SplitEvaluation] = []
    if ending != .interrupted {
      let classifier = try Classifier(bestModel, pool: preparation.pool, batch: settings.batch)
      for split in [Split.test, .validation] where !preparation.dataset.items(split).isEmpty {
        // Files that are damaged were named while training; a split of nothing else has no metrics.
        do {
          parts.append(
            try classifier.evaluate(
              preparation.dataset, split, threads: preparation.pool.threads, seed: settings.seed,
              cache: preparation.cache))
        } catch EvaluationSetupError.emptySplit(let split, _) {
          emit(.note("no image of the \(split.rawValue) split can be read"))
        }
      }
      if let folder { try EvaluationFiles.write(parts, to: folder) }
    }
    return TrainingResult(
      run: folder?.path, ending: ending, bestEpoch: record?.epoch ?? 0, history: history, seconds: seconds,
      best: bestModel, last: last, validation: parts.first { $0.split == .validation },
      test: parts.first { $0.split == .test },
      skipped: preparation.training.skipped + (preparation.validation?.skipped ?? []),
      warnings: preparation.notes + preparation.cache.warnings)
  }

  private func write(_ model: LoadedModel, _ name: String) throws {
    guard let folder else { return }
    try ModelFile.write(model, to: "\(folder.path)/model/\(name).safetensors")
  }

  /// The weights with everything that a model file says of them. Nothing of it depends on the machine or the time.
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
    return LoadedModel(
      model: preparation.model, weights: weights, classes: preparation.dataset.classes,
      preprocessing: preparation.preprocessing, normalization: preparation.normalization,
      provenance: [
        "settings": settings.provenance, "metrics": .object(metrics), "data": .string(preparation.fingerprint),
        "seed": settings.seedJSON,
      ])
  }
}
