import NunchiInference
import NunchiModelFiles
import NunchiDatasets

/// The result of a training.
public struct TrainingResult: Sendable {
  /// The run folder; nil where nothing was written.
  public let run: String?
  /// Why the training ended.
  public let ending: TrainingEvent.Ending
  /// The best epoch, counted from 1; 0 where none was finished.
  public let bestEpoch: Int
  /// The measurements of every epoch.
  public let history: [EpochRecord]
  /// The seconds that the training took.
  public let seconds: Double
  /// The model with the weights of the best epoch.
  public let best: LoadedModel
  /// The model with the weights after the last step.
  public let last: LoadedModel
  /// The best weights on the validation split; nil without validation images, and after an interruption.
  public let validation: SplitEvaluation?
  /// The best weights on the test split; nil without test images, and after an interruption.
  public let test: SplitEvaluation?
  /// The damaged files that were left out.
  public let skipped: [SkippedFile]
  /// Sentences about oddities.
  public let warnings: [String]

  /// The model file of the best weights; nil where nothing was written.
  public var modelPath: String? { run.map { $0 + "/model/best.safetensors" } }
}
