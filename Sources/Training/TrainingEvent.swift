import NunchiDatasets
import NunchiEvaluation

/// What happens in a training. Observers receive the events in order.
public enum TrainingEvent: Sendable {
  /// An oddity or a choice.
  case note(Note)
  /// The training begins.
  case started(Started)
  /// The optimizer has made a step.
  case step(Step)
  /// An epoch has ended.
  case epoch(EpochRecord)
  /// The training has ended.
  case finished(Finished)

  /// An oddity or a choice, in a sentence.
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
    /// What the note is about; nil where it was stored without a kind.
    package let kind: Kind?

    package init(_ kind: Kind?, _ text: String) { (self.kind, self.text) = (kind, text) }
  }

  /// What is trained.
  public struct Started: Sendable, Hashable {
    /// The run folder; nil where nothing is written.
    public let run: String?
    /// The name of the preset.
    public let model: String
    /// The number of parameters of the network.
    public let parameters: Int
    /// The names of the classes.
    public let classes: [String]
    /// The number of images in each split.
    public let images: [Split: Int]
    /// The epochs to train.
    public let epochs: Int
    /// The optimizer steps in an epoch.
    public let stepsPerEpoch: Int
    /// The threads of the engine.
    public let threads: Int
  }

  /// One step of the optimizer.
  public struct Step: Sendable, Hashable {
    /// The epoch, counted from 1.
    public let epoch: Int
    /// The step, counted from 1 within the epoch.
    public let step: Int
    /// The steps in an epoch.
    public let steps: Int
    /// The mean loss of the images of the step.
    public let loss: Float
    /// The learning rate of the step.
    public let rate: Float
    /// The images of this epoch so far.
    public let images: Int
    /// The seconds spent on this epoch so far.
    public let seconds: Double
  }

  /// How the training ended.
  public struct Finished: Sendable, Hashable {
    /// Why it ended.
    public let ending: Ending
    /// How many epochs were trained.
    public let epochs: Int
    /// The best epoch, counted from 1; 0 where none was finished.
    public let bestEpoch: Int
    /// The seconds that the training took.
    public let seconds: Double
  }

  /// Why a training ended.
  public enum Ending: String, Sendable, Hashable {
    /// All epochs were trained.
    case completed
    /// There were `patience` epochs without a better one.
    case stoppedEarly = "stopped_early"
    /// A stop was requested.
    case interrupted
    /// The training diverged, and ended with an error.
    case diverged
  }
}

/// The measurements of one epoch.
public struct EpochRecord: Sendable, Hashable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The seconds since the training began.
  public let seconds: Double
  /// The learning rate of its last step.
  public let rate: Float
  /// Training images per second, without the time of validation.
  public let imagesPerSecond: Double
  /// The mean loss of the training images, each measured in its own step.
  public let trainLoss: Double
  /// The mean loss of the validation images; nil where there are none.
  public let validationLoss: Double?
  /// The metrics of the validation images; nil where there are none.
  public let validation: [Metric: Double]?
  /// The value of the monitor.
  public let monitored: Double
  /// Whether it is the best epoch so far.
  public let isBest: Bool
}
