import NunchiArguments
import NunchiTraining

/// The run that `train --resume` resumes, and the options that may change.
struct Resumption {
  /// The run folder.
  let run: String
  private let settings: TrainingSettings

  /// The options that do not affect the weights, besides such settings.
  private static let free: Set<String> = [
    "resume", "data", "epochs", "tune", "strict", "quiet", "jsonl", "json", "config", "print-config",
  ]

  private static func isFree(_ name: String) -> Bool {
    free.contains(name) || TrainingSetting.named(name)?.decidesWeights == false
  }

  /// - Parameters:
  ///   - given: the run folder; nil for the newest one in the folder for runs.
  ///   - settings: the settings of the options. Only those that do not affect the weights are taken.
  ///   - options: all options with their origins.
  init(_ given: String?, _ settings: TrainingSettings, options: [Setting]) throws {
    if let foreign = options.first(where: { $0.origin == .commandLine && !Self.isFree($0.name) }) {
      throw Failure(
        .usage, "resume", "--resume keeps the settings of the run, found --\(foreign.name)",
        hint: "leave it away, or train anew")
    }
    self.settings = settings
    run = given ?? (settings.out ?? "") + "/latest"
  }

  func validator(_ epochs: ResumedEpochs?) throws -> CrossValidator {
    if let epochs {
      throw Failure(
        .usage, "resume", "--resume keeps the epochs of a cross-validation, found --epochs \(epochs)",
        hint: "leave it away, or train anew")
    }
    return try CrossValidator(resuming: run, stop: Interruption.stop) {
      ($0.threads, $0.tuning) = (settings.threads, settings.tuning)
    }
  }

  func trainer(_ epochs: ResumedEpochs?) throws -> Trainer {
    try Trainer(resuming: run, epochs: epochs, stop: Interruption.stop) {
      ($0.threads, $0.tuning) = (settings.threads, settings.tuning)
    }
  }
}
