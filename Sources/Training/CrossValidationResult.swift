import NunchiDatasets
import NunchiEvaluation
import NunchiInference

/// What a cross-validation leaves.
public struct CrossValidationResult: Sendable {
  /// The run folder with those of the folds in it, where one was written.
  public let run: String?
  /// `.completed`, or `.interrupted` before the last fold was over.
  public let ending: TrainingEvent.Ending
  /// How many folds there were to be.
  public let count: Int
  /// Those that are over, in order.
  public let folds: [FoldResult]
  /// Every image answered by the model that did not see it, in the order of their paths; nil where folds are missing.
  public let pooled: SplitEvaluation?
  /// The metrics of the folds and how far they spread; nil where folds are missing.
  package let spread: CrossValidation?
  /// Sentences about what is odd, or takes no part.
  public let notes: [String]

  /// Spent on all folds so far.
  public var seconds: Double { folds.reduce(0) { $0 + $1.seconds } }
}

/// One fold of a cross-validation, trained and tested.
public struct FoldResult: Sendable {
  /// Which fold.
  public let fold: Fold
  /// Its own run folder, where one was written.
  public let run: String?
  /// Counted from 1.
  public let bestEpoch: Int
  /// Epochs that were trained.
  public let epochs: Int
  /// How long it took.
  public let seconds: Double
  /// The answers to the images that its training did not see.
  public let test: SplitEvaluation
}
