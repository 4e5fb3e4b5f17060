import NunchiDatasets
import NunchiEvaluation

/// What happens in a training, in order. Observers look at it; they cannot touch anything.
public enum TrainingEvent: Sendable {
  /// Something odd, or a decision.
  case note(Note)
  /// A training begins.
  case started(Started)
  /// A step of the optimizer is done.
  case step(Step)
  /// An epoch is over.
  case epoch(EpochRecord)
  /// The training is over.
  case finished(Finished)

  /// Something odd, or a decision, in a sentence.
  public struct Note: Sendable, Hashable {
    /// What a note is about.
    package enum Kind: String, Sendable, Hashable {
      case data
      case skippedFiles = "skipped_files"
      case start
      case classes
      case accumulation
      case monitor
      case resumed
      case time
      case unreadableSplit = "unreadable_split"
      case temperature
      case failure
    }

    /// The sentence, without a full stop.
    public let text: String
    /// nil where it was written down without one.
    package let kind: Kind?

    package init(_ kind: Kind?, _ text: String) { (self.kind, self.text) = (kind, text) }
  }

  /// What is going to be trained.
  public struct Started: Sendable, Hashable {
    /// The run folder, where one is written.
    public let run: String?
    /// The name of the network.
    public let model: String
    /// Numbers that are learned.
    public let parameters: Int
    /// The names of the classes.
    public let classes: [String]
    /// Images in each split.
    public let images: [Split: Int]
    /// Epochs that are planned, or were run.
    public let epochs: Int
    /// How many steps the epoch has.
    public let stepsPerEpoch: Int
    /// Threads that compute.
    public let threads: Int
  }

  /// One step of the optimizer.
  public struct Step: Sendable, Hashable {
    /// Counted from 1.
    public let epoch: Int
    /// Counted from 1 within the epoch, and how many there are.
    public let step: Int
    /// How many steps the epoch has.
    public let steps: Int
    /// The mean loss of its images.
    public let loss: Float
    /// The learning rate.
    public let rate: Float
    /// Images of this epoch so far, and seconds since it began.
    public let images: Int
    /// Seconds since it began.
    public let seconds: Double
  }

  /// How a training ended.
  public struct Finished: Sendable, Hashable {
    /// Why it ended.
    public let ending: Ending
    /// Epochs that are planned, or were run.
    public let epochs: Int
    /// The epoch whose weights were kept; 0: none.
    public let bestEpoch: Int
    /// Seconds since it began.
    public let seconds: Double
  }

  /// Why a training ended.
  public enum Ending: String, Sendable, Hashable {
    /// All epochs were run.
    case completed
    /// Patience ran out.
    case stoppedEarly = "stopped_early"
    /// A stop was requested.
    case interrupted
    /// The numbers left all bounds: the training ended with an error.
    case diverged
  }
}

/// The numbers of one epoch.
public struct EpochRecord: Sendable, Hashable {
  /// Counted from 1.
  public let epoch: Int
  /// Since the training began.
  public let seconds: Double
  /// The rate of its last step.
  public let rate: Float
  /// Images trained on a second, without validation.
  public let imagesPerSecond: Double
  /// The mean over the training images, as it was while the weights moved.
  public let trainLoss: Double
  /// Over the validation images; nil where there are none.
  public let validationLoss: Double?
  /// Each metric on the validation images; nil where there are none.
  public let validation: [Metric: Double]?
  /// The value of the monitor.
  public let monitored: Double
  /// Whether this is the best epoch so far.
  public let isBest: Bool
}
