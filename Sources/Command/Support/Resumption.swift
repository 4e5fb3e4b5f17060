import NunchiArguments
import NunchiTraining

/// `--epochs 30`, or with `--resume` also `--epochs +20`: more than the run was to have.
enum EpochCount: ExpressibleByArgument {
  case total(Int)
  case more(Int)

  init?(argument: String) {
    guard let count = Int(argument), count > 0 else { return nil }
    self = argument.hasPrefix("+") ? .more(count) : .total(count)
  }

  var argumentText: String {
    switch self {
    case .total(let count): String(count)
    case .more(let count): "+\(count)"
    }
  }

  static let expectation = "a number from 1, or with --resume +N for more"
  static let placeholder = "N"
}

/// The run that `train --resume` goes on with, and what of it may change.
struct Resumption {
  /// The run folder.
  let run: String

  /// Options that leave the weights alone; all others belong to the run.
  private static let free: Set<String> = [
    "resume", "data", "epochs", "threads", "tune", "out", "strict", "quiet", "jsonl", "json", "config", "print-config",
  ]

  /// - Parameters:
  ///   - given: the run folder, where it was named; otherwise the newest one in `out`.
  ///   - settings: all options with their origins.
  init(_ given: String?, out: String, settings: [Setting]) throws {
    if let foreign = settings.first(where: { $0.origin == .commandLine && !Self.free.contains($0.name) }) {
      throw Failure(
        .usage, "resume", "--resume keeps the settings of the run, found --\(foreign.name)",
        hint: "leave it away, or train anew")
    }
    run = given ?? out + "/latest"
  }

  func validator(_ epochs: EpochCount?, threads: Int?, tuning: Double) throws -> CrossValidator {
    if let epochs {
      throw Failure(
        .usage, "resume", "--resume keeps the epochs of a cross-validation, found --epochs \(epochs.argumentText)",
        hint: "leave it away, or train anew")
    }
    return try CrossValidator(resuming: run, stop: Interruption.stop) {
      $0.threads = threads
      $0.tuning = tuning
    }
  }

  func trainer(_ epochs: EpochCount?, threads: Int?, tuning: Double) throws -> Trainer {
    let wanted: ResumedEpochs? =
      switch epochs {
      case .total(let count): .total(count)
      case .more(let count): .more(count)
      case nil: nil
      }
    return try Trainer(resuming: run, epochs: wanted, stop: Interruption.stop) {
      $0.threads = threads
      $0.tuning = tuning
    }
  }
}
