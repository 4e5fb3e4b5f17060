import NunchiInference
import NunchiModelFiles
import NunchiDatasets

/// What a training leaves.
public struct TrainingResult: Sendable {
  /// The run folder, where one was written.
  public let run: String?
  /// Why it ended.
  public let ending: TrainingEvent.Ending
  /// Counted from 1; 0 where no epoch was finished.
  public let bestEpoch: Int
  /// The numbers of each epoch.
  public let history: [EpochRecord]
  /// How long it took.
  public let seconds: Double
  /// The weights of the best epoch, and those after the last step.
  public let best: LoadedModel
  /// The weights at the end.
  public let last: LoadedModel
  /// The best weights on the images held back; nil where there are none, or where training was interrupted.
  public let validation: SplitEvaluation?
  /// How the best weights answer the test images; nil where there are none.
  public let test: SplitEvaluation?
  /// Damaged files met while training.
  public let skipped: [SkippedFile]
  /// Sentences about what is odd.
  public let warnings: [String]

  /// The file with the best weights.
  public var modelPath: String? { run.map { $0 + "/model/best.safetensors" } }
}
