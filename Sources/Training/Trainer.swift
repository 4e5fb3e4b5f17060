import NunchiDatasets
import NunchiLayers

/// Trains a classifier: opens the data, measures it, runs epochs, keeps the best weights, evaluates them.
///
///     let trainer = Trainer(settings)
///     trainer.observe { event in … }
///     let result = try trainer.run()
public final class Trainer {
  public let settings: TrainingSettings
  /// Set it, from any thread, to end the training after the step in work.
  public let stop: StopRequest
  private let given: Dataset?
  private let origins: [String: String]
  private var observers: [(TrainingEvent) -> Void] = []

  /// - Parameters:
  ///   - dataset: instead of opening `settings.data`.
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
  }

  /// Calls `observer` with every event from now on, on the thread that runs the training.
  public func observe(_ observer: @escaping (TrainingEvent) -> Void) { observers.append(observer) }

  /// Ends the training after the step in work; what was learned is written, and `run` returns `.interrupted`.
  public func requestStop() { stop.set() }

  public func run() throws -> TrainingResult {
    let start = ContinuousClock.now
    let preparation = try Preparation(settings, dataset: given, stop: stop)
    let network = try preparation.network(settings)
    let folder = try settings.out.map { (out) throws(TrainingError) in try RunFolder(in: out) }
    try folder?.write(settings.configuration(origins).pretty() + "\n", "config.json")
    let threads = preparation.pool.threads
    try folder?.write(RunEnvironment.json(settings, threads: threads).pretty() + "\n", "env.json")
    try folder?.write(preparation.data.pretty() + "\n", "data.json")
    let log = EventLog(folder)
    let observers = observers
    let emit: (TrainingEvent) -> Void = { event in
      log.add(event)
      for observer in observers { observer(event) }
    }
    emit(.started(started(preparation, folder)))
    for note in preparation.notes { emit(.note(note)) }
    let run = TrainingRun(settings, preparation, network, folder, stop: stop, start: start, emit: emit)
    let result = try run.run()
    try log.check()
    return result
  }

  private func started(_ preparation: Preparation, _ folder: RunFolder?) -> TrainingEvent.Started {
    let dataset = preparation.dataset
    return TrainingEvent.Started(
      run: folder?.path, model: settings.model, parameters: preparation.model.parameterCount,
      classes: dataset.classes,
      images: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.items($0).count) }),
      epochs: settings.epochs, stepsPerEpoch: preparation.training.batchCount, threads: preparation.pool.threads)
  }
}

/// `log.jsonl`: every event but the steps, one a line; written anew whenever an epoch ends.
private final class EventLog {
  private let folder: RunFolder?
  private var text = ""
  private var failure: TrainingError?

  init(_ folder: RunFolder?) { self.folder = folder }

  func add(_ event: TrainingEvent) {
    guard let folder else { return }
    if case .step = event { return }
    text += event.json.compact() + "\n"
    if case .note = event { return }
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
