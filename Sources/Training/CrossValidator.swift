import NunchiDatasets
import NunchiEvaluation
import NunchiInference
import NunchiModelFiles

/// Cross-validation: divides a data set into stratified folds and trains one model per fold, without the images of the
/// fold. The model is tested on them, so that every image is answered once by a model that was not trained on it.
///
///     let validator = CrossValidator(TrainingSettings(data: "photos"), folds: 5)
///     let result = try validator.run()
///     print(result.pooled?.metrics.accuracy ?? 0)
public final class CrossValidator {
  /// The settings of every fold.
  public let settings: TrainingSettings
  /// How many folds there are.
  public let count: Int
  /// Set this from any thread to stop after the current step.
  public let stop: StopRequest
  private let given: Dataset?
  private let origins: [String: String]
  private var start: Start
  private var observers: [(Fold, TrainingEvent) -> Void] = []

  private enum Start {
    case fresh
    /// Continues the folder of an earlier process, whose data set had this fingerprint.
    case resuming(RunFolder, fingerprint: String?)
    /// It has been run. A resumed cross-validation runs once, because then another process may use its folder.
    case over
  }

  /// A new cross-validation.
  ///
  /// - Parameters:
  ///   - settings: the settings of each training. Its share `fractions.validation` is taken from the training images of
  ///     each fold, to choose the best epoch.
  ///   - folds: how many folds, from 2.
  ///   - dataset: instead of opening `settings.data`. Its train and validation splits are divided, its test split stays
  ///     apart.
  ///   - origins: where each setting comes from, by the name of its option; for the run folder.
  ///   - stop: the request that stops the cross-validation.
  public init(
    _ settings: TrainingSettings, folds: Int, dataset: Dataset? = nil, origins: [String: String] = [:],
    stop: StopRequest = StopRequest()
  ) {
    (self.settings, count, self.stop) = (settings, folds, stop)
    (given, self.origins, start) = (dataset, origins, .fresh)
  }

  /// Resumes an interrupted cross-validation. The result is the same as without the interruption, byte for byte.
  ///
  /// - Parameters:
  ///   - run: the run folder.
  ///   - dataset: the data set of the run; nil opens its path.
  ///   - stop: the request that stops the cross-validation.
  ///   - change: changes settings that the weights do not depend on, such as the threads.
  public init(
    resuming run: String, dataset: Dataset? = nil, stop: StopRequest = StopRequest(),
    change: (inout TrainingSettings) -> Void = { _ in }
  ) throws(TrainingError) {
    let record = try RunRecord(path: run)
    guard let count = record.folds else {
      throw .run(path: run, expected: "the folder of a cross-validation", found: "that of a single training")
    }
    var settings = record.settings
    settings.data = record.resolved(settings.data)
    settings.start = settings.start.map(record.resolved)
    change(&settings)
    (self.settings, self.count, self.stop, given) = (settings, count, stop, dataset)
    origins = Dictionary(record.origins.map { ($0.name, $0.origin) }) { first, _ in first }
    start = .resuming(
      try RunFolder(resuming: record.path), fingerprint: record.data.fingerprint)
  }

  /// Whether the run folder at `path` is that of a cross-validation, not of a single training.
  public static func isIn(_ path: String) -> Bool { (try? RunRecord(path: path))?.folds != nil }

  /// Calls `observer` with every later event of every fold, on the thread that runs the training.
  ///
  ///     validator.observe { fold, event in print(fold, event) }
  public func observe(_ observer: @escaping (Fold, TrainingEvent) -> Void) { observers.append(observer) }

  /// Stops after the current step. The checkpoint is written, and `run` returns `.interrupted`.
  public func requestStop() { stop.set() }

  /// Trains and tests all folds that are not done.
  public func run() throws -> CrossValidationResult {
    let (folder, fingerprint) = takeStart()
    try settings.validate()
    let pool = try given.map { try FoldPool($0) } ?? FoldPool(path: settings.data)
    let division = try FoldDivision(pool, count: count, seed: settings.seed)
    let notes = (division.notes + seenBefore(pool)).map { TrainingEvent.Note(.data, $0) }
    for note in notes { for observer in observers { observer(Fold(1, of: count), .note(note)) } }
    let files = CrossValidationFiles(
      settings, division, count: count, notes: notes, origins: origins, folder: folder)
    if folder != nil, fingerprint != files.fingerprint {
      throw TrainingError.dataChanged(path: pool.dataset.path)
    }
    var results: [FoldResult] = []
    for number in 1...count {
      let fold = Fold(number, of: count)
      guard !stop.isSet, let result = try train(fold, division, files) else {
        return try files.finish(results, .interrupted)
      }
      results.append(result)
      try files.writeLog(results)
    }
    return try files.finish(results, .completed)
  }

  private func takeStart() -> (folder: RunFolder?, fingerprint: String?) {
    switch start {
    case .fresh: return (nil, nil)
    case .resuming(let folder, let fingerprint):
      start = .over
      return (folder, fingerprint)
    case .over: preconditionFailure("a resumed cross-validation runs once")
    }
  }

  /// A note where the starting model was trained on images of the folds, because these test it too favourably.
  private func seenBefore(_ pool: FoldPool) -> [String] {
    guard let start = settings.start, let model = try? ModelFile.read(start),
      let contents = TrainingContents(provenance: model.provenance)
    else { return [] }
    let known = contents.known(pool.tested, .test).count
    guard known > 0 else { return [] }
    return [
      "\(known) of the \(pool.items.count) images were in the training of \(start), which flatters the folds that test them"
    ]
  }

  /// Trains and tests one fold, or reads its result where it is done; nil where it was interrupted.
  private func train(_ fold: Fold, _ division: FoldDivision, _ files: CrossValidationFiles) throws -> FoldResult? {
    do {
      if let done = try files.finished(fold) { return done }
      let trainer = try trainer(fold, division, files)
      for observer in observers { trainer.observe { observer(fold, $0) } }
      let result = try trainer.run()
      guard result.ending != .interrupted else { return nil }
      guard let test = result.test else {
        throw TrainingError.data(
          path: division.pool.dataset.path, expected: "images that can be read in every fold", found: "none")
      }
      return FoldResult(
        fold: fold, run: result.run, bestEpoch: result.bestEpoch, epochs: result.history.count,
        seconds: result.seconds, test: test)
    } catch let error as TrainingError {
      let error = TrainingError.fold(fold, error)
      try files.note(.init(.failure, error.description))
      throw error
    }
  }

  /// The trainer of a fold, resumed from its checkpoint where there is one.
  private func trainer(
    _ fold: Fold, _ division: FoldDivision, _ files: CrossValidationFiles
  ) throws(TrainingError) -> Trainer {
    let dataset = division.dataset(fold, validation: settings.fractions.validation)
    if let left = files.resumable(fold) {
      let (threads, tuning) = (settings.threads, settings.tuning)
      let trainer = try Trainer(resuming: left, dataset: dataset, stop: stop) {
        $0.threads = threads
        $0.tuning = tuning
      }
      try files.check(trainer.settings, fold)
      return trainer
    }
    let trainer = Trainer(files.settings(fold), dataset: dataset, origins: origins, stop: stop)
    trainer.makeFolder = { () throws(TrainingError) in try files.makeFolder(fold) }
    return trainer
  }
}
