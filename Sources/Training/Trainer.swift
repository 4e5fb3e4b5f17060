import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiLayers
import NunchiSystem
import NunchiTensors

/// Trains a classifier: opens the data set, runs the epochs, keeps the best weights and evaluates them.
///
///     var settings = TrainingSettings(data: "photos")
///     settings.epochs = 10
///     let result = try Trainer(settings).run()
///     let classifier = try Classifier(result.best)
public final class Trainer {
  /// The settings of the training.
  public let settings: TrainingSettings
  /// Set this from any thread to stop after the current step.
  public let stop: StopRequest
  /// The bytes that the training may take.
  package var availableMemory = SystemMemory.available
  /// Makes the folder of a new training; nil makes the next one in `settings.out`.
  var makeFolder: (() throws(TrainingError) -> RunFolder?)?
  private let given: Dataset?
  private let origins: [String: String]
  private var start: Start

  private enum Start {
    case fresh
    case resuming(RunFolder, CheckpointFile)
    /// It has been run. A resumed training runs once, because then another process may use its folder.
    case over
  }
  private var observers: [(TrainingEvent) -> Void] = []

  /// A new training.
  ///
  /// - Parameters:
  ///   - settings: the settings.
  ///   - dataset: the data set with its splits; nil opens `settings.data`.
  ///   - origins: where each setting comes from (`flag`, `environment`, `file`, `default`), by the name of its option;
  ///     for the run folder.
  ///   - stop: the request that stops the training.
  public init(
    _ settings: TrainingSettings, dataset: Dataset? = nil, origins: [String: String] = [:],
    stop: StopRequest = StopRequest()
  ) {
    self.settings = settings
    given = dataset
    self.origins = origins
    self.stop = stop
    start = .fresh
  }

  /// Resumes an interrupted training. The result is the same as without the interruption, byte for byte.
  ///
  /// - Parameters:
  ///   - run: the run folder.
  ///   - epochs: another number of epochs; nil keeps that of the run. The remaining steps follow the schedule of the
  ///     new number.
  ///   - dataset: the data set of the run; nil opens its path.
  ///   - stop: the request that stops the training.
  ///   - change: changes settings that the weights do not depend on, such as the threads.
  public init(
    resuming run: String, epochs: ResumedEpochs? = nil, dataset: Dataset? = nil, stop: StopRequest = StopRequest(),
    change: (inout TrainingSettings) -> Void = { _ in }
  ) throws(TrainingError) {
    let checkpoint = try CheckpointFile(path: RunFolder.checkpoint(of: run))
    var (settings, origins) = (checkpoint.settings, checkpoint.origins)
    if let epochs {
      settings.epochs = try epochs.total(of: settings.epochs, done: checkpoint.history.count)
      // A number of epochs that was asked for is run in full.
      settings.patience = nil
      for name in ["epochs", "patience"] { origins[name] = "resume" }
    }
    change(&settings)
    self.settings = settings
    self.origins = origins
    given = dataset
    self.stop = stop
    start = .resuming(try RunFolder(resuming: run), checkpoint)
  }

  /// Calls `observer` with every later event, on the thread that runs the training.
  ///
  ///     trainer.observe { event in
  ///       if case .epoch(let record) = event { print(record.epoch, record.trainLoss) }
  ///     }
  public func observe(_ observer: @escaping (TrainingEvent) -> Void) { observers.append(observer) }

  /// Stops after the current step. The weights and a checkpoint are written, and `run` returns `.interrupted`.
  public func requestStop() { stop.set() }

  /// Trains until the epochs are done, patience is exhausted or a stop is requested, then evaluates the best weights.
  public func run() throws -> TrainingResult {
    let began = ContinuousClock.now
    let (resumed, checkpoint) = takeStart()
    let preparation = try prepare(settings)
    if let checkpoint, checkpoint.fingerprint != preparation.fingerprint {
      throw TrainingError.dataChanged(path: preparation.dataset.path)
    }
    let options = PlanOptions(winograd: checkpoint?.numerics.winograd ?? PlanOptions().winograd)
    let network = try preparation.network(settings, options)
    let folder = try resumed ?? newFolder()
    try folder?.write(settings.configuration(origins).pretty() + "\n", "config.json")
    let environment = RunEnvironment.json(
      settings, threads: preparation.pool.threads, memory: preparation.expectedMemory)
    try folder?.write(environment.pretty() + "\n", "env.json")
    try folder?.write(preparation.data.pretty() + "\n", "data.json")
    let log = EventLog(folder, after: checkpoint?.history.count)
    let observers = observers
    let emit: (TrainingEvent) -> Void = { event in
      log.add(event)
      for observer in observers { observer(event) }
    }
    emit(.started(started(preparation, folder)))
    for note in preparation.notes { emit(.note(note)) }
    let numerics = Numerics.of(options)
    if let checkpoint { emit(.note(.init(.resumed, Self.note(checkpoint, numerics)))) }
    let keeper = CheckpointKeeper(
      folder, origins: origins, fingerprint: preparation.fingerprint, numerics: numerics)
    let run = try TrainingRun(
      settings, preparation, network, folder, keeper: keeper, resuming: checkpoint, stop: stop, start: began,
      emit: emit)
    do {
      let result = try run.run()
      try log.check()
      return result
    } catch let error as TrainingError {
      emit(.note(.init(.failure, error.description)))
      if case .diverged = error { try run.leaveDiverged() }
      log.write()
      folder?.removeEmptyFolders()
      throw error
    }
  }

  /// - Parameter settings: the settings of the trainer, or changed ones for a trial.
  func prepare(_ settings: TrainingSettings) throws -> Preparation {
    try Preparation(settings, dataset: given, stop: stop, available: availableMemory)
  }

  private func takeStart() -> (folder: RunFolder?, checkpoint: CheckpointFile?) {
    switch start {
    case .fresh: return (nil, nil)
    case .resuming(let folder, let checkpoint):
      start = .over
      return (folder, checkpoint)
    case .over: preconditionFailure("a resumed training runs once")
    }
  }

  private func newFolder() throws(TrainingError) -> RunFolder? {
    if let makeFolder { return try makeFolder() }
    return try settings.out.map { (out) throws(TrainingError) in try RunFolder(in: out) }
  }

  private static func note(_ checkpoint: CheckpointFile, _ numerics: Numerics) -> String {
    let (epochs, batches) = (checkpoint.history.count, checkpoint.position.batches)
    let place =
      "resumed after \(epochs) epoch\(epochs == 1 ? "" : "s")" + (batches > 0 ? " and \(batches) batches" : "")
    guard checkpoint.numerics != numerics else { return place }
    return place + "; this processor rounds otherwise than the one before, so the end will differ in its last digits"
  }

  private func started(_ preparation: Preparation, _ folder: RunFolder?) -> TrainingEvent.Started {
    let dataset = preparation.dataset
    return TrainingEvent.Started(
      run: folder?.path, model: settings.model, parameters: preparation.model.parameterCount,
      classes: dataset.classes,
      images: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.items($0).count) }),
      epochs: settings.epochs, stepsPerEpoch: preparation.stepsPerEpoch, threads: preparation.pool.threads)
  }
}

/// The number of epochs of a resumed training.
public enum ResumedEpochs: Sendable, Hashable, CustomStringConvertible {
  /// The total, with the epochs that are done.
  case total(Int)
  /// So many more than the run had.
  case more(Int)

  /// Parses `30` or `+20`; nil for anything else.
  package init?(_ text: String) {
    guard let count = Int(text), count > 0 else { return nil }
    self = text.hasPrefix("+") ? .more(count) : .total(count)
  }

  public var description: String {
    switch self {
    case .total(let count): String(count)
    case .more(let count): "+\(count)"
    }
  }

  var count: Int {
    switch self {
    case .total(let count), .more(let count): count
    }
  }

  func total(of before: Int, done: Int) throws(TrainingError) -> Int {
    switch self {
    case .more(let count): return before + count
    case .total(let count):
      guard count >= done else {
        throw .setting(name: "epochs", expected: "at least the \(done) that are done", found: "\(count)")
      }
      return count
    }
  }
}

/// Writes `log.jsonl`: every event except steps, one per line. The file is rewritten whenever an epoch ends.
private final class EventLog {
  private let folder: RunFolder?
  private var text = ""
  private var failure: TrainingError?

  /// - Parameter finished: the finished epochs of a resumed run. Their events stay; later events are dropped, because
  ///   they happen again.
  init(_ folder: RunFolder?, after finished: Int?) {
    self.folder = folder
    guard let folder, let finished else { return }
    for line in folder.text("log.jsonl").split(separator: "\n") {
      guard let event = try? JSON(parsing: line) else { continue }
      if event["event"] == "finished" || (event["epoch"]?.intValue ?? 0) > finished { continue }
      text += line + "\n"
    }
  }

  func add(_ event: TrainingEvent) {
    guard folder != nil else { return }
    if case .step = event { return }
    text += event.json.compact() + "\n"
    if case .note = event { return }
    write()
  }

  /// Writes the events so far.
  func write() {
    guard let folder else { return }
    do throws(TrainingError) {
      try folder.write(text, "log.jsonl")
    } catch {
      failure = error
    }
  }

  /// Throws if the log could not be written.
  func check() throws(TrainingError) {
    if let failure { throw failure }
  }
}
