import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiInference

/// The run folder of a cross-validation. It contains the run folder of every fold and the results over all folds.
///
/// It is made when the first fold has been prepared, so that a refused training leaves no folder.
final class CrossValidationFiles {
  private let settings: TrainingSettings
  private let division: FoldDivision
  private let count: Int
  private let notes: [TrainingEvent.Note]
  private let origins: [String: String]
  /// The data set with all images as its test split.
  private let tested: Dataset
  /// The fingerprint of `tested`.
  let fingerprint: String
  private var folder: RunFolder?
  private var results: [FoldResult] = []

  /// - Parameter folder: the folder of a cross-validation that is resumed; nil for a new one.
  init(
    _ settings: TrainingSettings, _ division: FoldDivision, count: Int, notes: [TrainingEvent.Note],
    origins: [String: String],
    folder: RunFolder?
  ) {
    (self.settings, self.division, self.count) = (settings, division, count)
    (self.notes, self.origins, self.folder) = (notes, origins, folder)
    tested = division.pool.tested
    fingerprint = tested.fingerprint
  }

  // MARK: Folds

  /// The settings of one fold's training.
  func settings(_ fold: Fold) -> TrainingSettings {
    var settings = settings
    settings.fold = fold
    return settings
  }

  /// Makes the folder of a fold; nil where nothing is written.
  func makeFolder(_ fold: Fold) throws(TrainingError) -> RunFolder? {
    guard let run = try made() else { return nil }
    return try RunFolder(at: RunFolder.path(of: fold, in: run.path))
  }

  /// The folder of a fold that was begun and can be resumed; nil where there is none.
  func resumable(_ fold: Fold) -> String? {
    guard let path = path(fold), RunFolder.hasCheckpoint(path) else { return nil }
    return path
  }

  /// The result of a fold that has ended, read from its folder; nil where it has not ended.
  func finished(_ fold: Fold) throws -> FoldResult? {
    guard let path = path(fold), let record = try? RunRecord(path: path) else { return nil }
    switch record.ending {
    case .interrupted, .diverged, nil: return nil
    case .completed, .stoppedEarly: break
    }
    try check(record.settings, fold)
    guard let found = try record.answers(.test) else { return nil }
    return FoldResult(
      fold: fold, run: path, bestEpoch: record.bestEpoch, epochs: record.history.count, seconds: record.seconds,
      test: try SplitEvaluation(.test, identities: found.identities, found.answers, seed: settings.seed))
  }

  /// Throws where a fold was trained with other settings.
  func check(_ found: TrainingSettings, _ fold: Fold) throws(TrainingError) {
    guard found.provenance != settings(fold).provenance else { return }
    throw .run(
      path: path(fold) ?? "", expected: "the settings of the whole cross-validation",
      found: "others; remove this folder, and the fold is trained anew")
  }

  private func path(_ fold: Fold) -> String? { folder.map { RunFolder.path(of: fold, in: $0.path) } }

  // MARK: The whole

  private func made() throws(TrainingError) -> RunFolder? {
    if let folder { return folder }
    guard let out = settings.out else { return nil }
    let made = try RunFolder(in: out)
    let threads = settings.threads ?? WorkerPool.cores
    try made.write(division.data(tested, fingerprint, notes.map(\.text)).pretty() + "\n", "data.json")
    try made.write(RunEnvironment.json(settings, threads: threads, memory: nil).pretty() + "\n", "env.json")
    // Written last, because a folder with settings can be resumed.
    try made.write(configuration.pretty() + "\n", "config.json")
    folder = made
    return made
  }

  /// `config.json`: the settings of a fold, with the number of folds instead of the fold.
  private var configuration: JSON {
    guard case .object(var object) = settings.configuration(origins) else { return .null }
    let origin = origins[RunRecord.foldsKey] ?? "default"
    object[RunRecord.foldsKey] = ["value": .integer(count), "origin": .string(origin)]
    return .object(object)
  }

  /// Writes `log.jsonl`: the results of the folds so far.
  func writeLog(_ results: [FoldResult], then events: [JSON] = []) throws(TrainingError) {
    self.results = results
    let lines = notes.map(\.json) + results.map { $0.json(short: true) } + events
    try folder?.write(lines.map { $0.compact() + "\n" }.joined(), "log.jsonl")
  }

  /// Adds a note to the log: why the cross-validation ended.
  func note(_ note: TrainingEvent.Note) throws(TrainingError) {
    try writeLog(results, then: [note.json])
    folder?.removeEmptyFolders()
  }

  /// Combines the folds, where none is missing, and writes the results.
  func finish(_ results: [FoldResult], _ ending: TrainingEvent.Ending) throws -> CrossValidationResult {
    let isWhole = results.count == count
    let pooled = isWhole ? try pooled(results) : nil
    let spread = isWhole ? try CrossValidation(folds: results.map(\.test.metrics)) : nil
    if let folder, let pooled, let spread {
      try EvaluationFiles.write([pooled], to: folder, besides: [.init(RunRecord.foldsKey, spread.json)])
      try folder.write(FoldResult.table(results), "folds.csv")
    }
    let result = CrossValidationResult(
      run: folder?.path, ending: ending, count: count, folds: results, pooled: pooled, spread: spread,
      notes: notes.map(\.text))
    let epochs = results.reduce(0) { $0 + $1.epochs }
    let end = TrainingEvent.finished(
      .init(ending: ending, epochs: epochs, bestEpoch: 0, seconds: result.seconds))
    try writeLog(results, then: [end.json])
    // The models are in the folders of the folds.
    folder?.removeEmptyFolders()
    return result
  }

  /// The answers of all folds, in the order of the pool.
  private func pooled(_ results: [FoldResult]) throws -> SplitEvaluation {
    var answers: [String: SplitEvaluation.Prediction] = [:]
    for result in results { for answer in result.test.predictions { answers[answer.identity] = answer } }
    let found = division.pool.items.compactMap { answers[$0.identity] }
    let skipped = division.pool.items.filter { answers[$0.identity] == nil }.map { item in
      SkippedFile(path: item.identity, reason: reason(item))
    }
    let all = try Answers(
      truths: found.map(\.truth), predicted: found.map(\.predicted), probabilities: found.flatMap(\.probabilities),
      classNames: tested.classes)
    return try SplitEvaluation(
      .test, identities: found.map(\.identity), all, seed: settings.seed, skipped: skipped)
  }

  /// Why an image has no answer.
  private func reason(_ item: Dataset.Item) -> String {
    do {
      _ = try tested.load(item)
      return "could not be read while the folds were trained"
    } catch {
      return error.found
    }
  }
}

extension FoldResult {
  /// - Parameter short: whether to leave out the numbers of each class, as in an event of the log.
  package func json(short: Bool) -> JSON {
    var object = JSON.Object([
      .init("fold", .integer(fold.number)), .init("run", JSON(run)), .init("best_epoch", .integer(bestEpoch)),
      .init("epochs", .integer(epochs)), .init("seconds", .number(seconds)),
    ])
    guard short else {
      object["test"] = test.metrics.json
      return .object(object)
    }
    let event = JSON.Object(
      [.init("event", "fold")] + object.members + [.init("images", .integer(test.metrics.images))])
    let known = Metric.allCases.compactMap { metric in
      test.metrics[metric].map { JSON.Member(metric.rawValue, .number($0)) }
    }
    return .object(JSON.Object(event.members + known))
  }

  /// `folds.csv`: a line for each fold. It has no times, so that the same folds give the same bytes.
  static func table(_ results: [FoldResult]) -> String {
    EvaluationFiles.table(
      ["fold", "images", "epochs", "best_epoch"] + Metric.allCases.map(\.rawValue),
      results.map { result in
        [result.fold.number, result.test.metrics.images, result.epochs, result.bestEpoch].map(String.init)
          + Metric.allCases.map { result.test.metrics[$0]?.description ?? "" }
      })
  }
}
