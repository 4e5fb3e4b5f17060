import NunchiDatasets

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

  func emit(_ event: TrainingEvent) { for observer in observers { observer(event) } }

  public func run() throws -> TrainingResult {
    fatalError("in work")
  }
}
