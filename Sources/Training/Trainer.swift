import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiLayers
import NunchiSystem
import NunchiTensors

/// Trains a classifier: opens the data, measures it, runs epochs, keeps the best weights, evaluates them.
///
///     let trainer = Trainer(settings)
///     trainer.observe { event in … }
///     let result = try trainer.run()
public final class Trainer {
  /// How is trained.
  public let settings: TrainingSettings
  /// Set it, from any thread, to end the training after the step in work.
  public let stop: StopRequest
  /// Bytes that the training may take.
  package var availableMemory = SystemMemory.available
  /// Makes the folder of a new training; nil: the next one in `settings.out`.
  var makeFolder: (() throws(TrainingError) -> RunFolder?)?
  private let given: Dataset?
  private let origins: [String: String]
  private var start: Start

  private enum Start {
    case fresh
    case resuming(RunFolder, CheckpointFile)
    /// A resumed training runs once; then another process may have its folder.
    case over
  }
  private var observers: [(TrainingEvent) -> Void] = []

  /// - Parameters:
  ///   - dataset: instead of opening `settings.data`; taken as it is divided.
  ///   - origins: where each setting comes from (`flag`, `environment`, `file`, `default`), by the flag's name; written
  ///     down in the run folder.
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

  /// Goes on with a run as if it had never stopped: the end is the same, byte for byte.
  ///
  /// - Parameters:
  ///   - run: its folder.
  ///   - epochs: other than the run was to have; what is left follows the schedule of the new number.
  ///   - change: of settings that leave the weights alone, such as the threads.
  ///   - dataset: the one of the run, where it was not opened by its path.
  public init(
    resuming run: String, epochs: ResumedEpochs? = nil, dataset: Dataset? = nil, stop: StopRequest = StopRequest(),
    change: (inout TrainingSettings) -> Void = { _ in }
  ) throws(TrainingError) {
    let checkpoint = try CheckpointFile(path: RunFolder.checkpoint(of: run))
    var (settings, origins) = (checkpoint.settings, checkpoint.origins)
    if let epochs {
      settings.epochs = try epochs.total(of: settings.epochs, done: checkpoint.history.count)
      // Who asks for epochs wants to see them run.
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

  /// Calls `observer` with every event from now on, on the thread that runs the training.
  public func observe(_ observer: @escaping (TrainingEvent) -> Void) { observers.append(observer) }

  /// Ends the training after the step in work; what was learned is written, and `run` returns `.interrupted`.
  public func requestStop() { stop.set() }

  /// Trains, and returns when it is over or stopped.
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

  /// - Parameter settings: those of the trainer, or changed ones for a trial.
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

/// How many epochs a resumed training is to have.
public enum ResumedEpochs: Sendable, Hashable, CustomStringConvertible {
  /// In all.
  case total(Int)
  /// More than it was to have before.
  case more(Int)

  /// From `30` or `+20`; nil for anything else.
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

/// `log.jsonl`: every event but the steps, one a line; written anew whenever an epoch ends.
private final class EventLog {
  private let folder: RunFolder?
  private var text = ""
  private var failure: TrainingError?

  /// - Parameter finished: epochs that a resumed run has behind it. Their events stay, later ones happen again.
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

  /// Writes down what was kept for the next event.
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
