import NunchiDatasets
import NunchiEvaluation
import NunchiInference

/// The result of a cross-validation.
public struct CrossValidationResult: Sendable {
  /// The run folder, which contains those of the folds; nil where nothing was written.
  public let run: String?
  /// `.completed`, or `.interrupted` where folds are missing.
  public let ending: TrainingEvent.Ending
  /// How many folds were asked for.
  public let count: Int
  /// The folds that have ended, in order.
  public let folds: [FoldResult]
  /// The answers for all images, each by the model that was not trained on it, in the order of their paths; nil where
  /// folds are missing.
  public let pooled: SplitEvaluation?
  /// The metrics of the folds with mean and deviation; nil where folds are missing.
  package let spread: CrossValidation?
  /// Sentences about oddities of the data, and about images that are left out.
  public let notes: [String]

  /// The seconds spent on all folds so far.
  public var seconds: Double { folds.reduce(0) { $0 + $1.seconds } }
}

/// The result of one fold of a cross-validation.
public struct FoldResult: Sendable {
  /// The fold.
  public let fold: Fold
  /// The run folder of the fold; nil where nothing was written.
  public let run: String?
  /// The epoch whose weights were tested, counted from 1.
  public let bestEpoch: Int
  /// How many epochs were trained.
  public let epochs: Int
  /// The seconds that the fold took.
  public let seconds: Double
  /// The answers for the images of the fold, which its training did not see.
  public let test: SplitEvaluation
}
