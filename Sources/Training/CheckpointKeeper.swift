import NunchiEngine
import NunchiGraph

/// Writes the checkpoints of one training: after every epoch, at an interruption, and at intervals inside long epochs.
final class CheckpointKeeper {
  private let folder: RunFolder?
  private let origins: [String: String]
  private let fingerprint: String
  private let numerics: Numerics
  private var last = ContinuousClock.now

  /// The interval inside an epoch, which bounds the work that a kill loses. Where checkpoints fall does not change the
  /// result.
  private static let interval = Duration.seconds(120)

  /// - Parameter folder: the run folder; nil writes nothing.
  init(
    _ folder: RunFolder?, origins: [String: String], fingerprint: String,
    numerics: Numerics
  ) {
    self.folder = folder
    self.origins = origins
    self.fingerprint = fingerprint
    self.numerics = numerics
  }

  /// Whether the last checkpoint is older than the interval.
  var isDue: Bool { folder != nil && last.duration(to: .now) > Self.interval }

  func write(
    _ settings: TrainingSettings, _ position: EpochPosition, _ history: [EpochRecord], seconds: Double,
    _ weights: Weights, _ optimizer: OptimizerState, best: Weights?, average: Weights?
  ) throws(TrainingError) {
    guard let folder else { return }
    let checkpoint = Checkpoint(
      settings: settings.withAbsoluteData, origins: origins, fingerprint: fingerprint, numerics: numerics,
      position: position,
      history: history, seconds: seconds, weights: weights, optimizer: optimizer, best: best, average: average)
    try checkpoint.write(to: folder.checkpoint)
    last = .now
  }
}
