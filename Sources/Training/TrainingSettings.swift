import NunchiDatasets
import NunchiEngine
import NunchiImages
import NunchiLayers
import NunchiSystem

/// The settings of a training. The same settings and data give the same weights, bit for bit, on any number of threads.
///
///     var settings = TrainingSettings(data: "photos")
///     settings.model = "resnet18"
///     settings.epochs = 20
///     settings.augmentation = .medium
public struct TrainingSettings: Sendable, Hashable {
  /// How the learning rate changes after the warm-up.
  public enum Schedule: String, Sendable, Hashable, CaseIterable {
    /// The highest rate all the time.
    case constant
    /// Down to zero along half a cosine.
    case cosine
    /// A tenth after half of the steps, a hundredth after three quarters.
    case step
    /// Down to a hundredth, by the same factor in every step.
    case exponential
    /// Up from a twenty-fifth over 30 % of the steps, then down to almost nothing. It has no warm-up.
    case oneCycle = "one-cycle"
    /// Times 0.3 whenever the monitor has not improved for three epochs.
    case plateau
  }

  /// How the bytes of images become floats.
  public enum NormalizationRule: String, Sendable, Hashable, CaseIterable {
    /// Each channel gets mean 0 and deviation 1 over the training images.
    case zscore
    /// Each channel gets the range 0…1 over the training images.
    case minmax
    /// The bytes as they are, 0…255.
    case none
  }

  /// Which layers keep their initial weights.
  public enum Freeze: String, Sendable, Hashable, CaseIterable {
    /// No layers: all are trained.
    case none
    /// All layers before the last dense one.
    case trunk
  }

  /// How classes of unequal size are balanced.
  public enum Imbalance: String, Sendable, Hashable, CaseIterable {
    /// Balances where one class has more than 1.5 times the images of another: by `weights`, or by `sampler` where most
    /// steps would not have an image of the rarest class.
    case auto
    /// Rare classes have higher weights in the loss.
    case weights
    /// Each class is drawn equally often.
    case sampler
    /// Nothing is balanced.
    case none
  }

  /// The path of the data set.
  public var data: String
  /// The name of the preset, see `ModelPreset`.
  public var model = "vgg6"
  /// Height and width of the images; nil for those of the preset.
  public var size: Int?
  /// The channels of the images, 1 (gray) or 3 (colour); nil for those of the preset.
  public var channels: Int?
  /// The factor on the channels of every hidden layer.
  public var width = 1.0
  /// The rate of every dropout; nil for that of the preset.
  public var dropout: Float?
  /// How an image is resized to a square.
  public var resize = ResizeRule.squash
  /// How bytes are normalised, by the statistics of the training images.
  public var normalization = NormalizationRule.zscore
  /// The random changes of training images.
  public var augmentation = Augmentation.light
  /// How the images of a batch are mixed with each other, and how many epochs at the end are not mixed.
  public var mixing = MixingSchedule(.none)

  /// The passes over the training images.
  public var epochs = 30
  /// The images in a batch.
  public var batch = 32
  /// The batches whose gradients are added up for one step. It acts like a batch so many times larger, in the memory of
  /// one. Networks with batch norm differ from that, because it normalises each batch by itself.
  public var accumulation = 1
  /// The highest learning rate of the schedule.
  public var rate: Float = 1e-3
  /// The optimizer: its rule with constants, the weight decay, and the limits of gradients.
  public var optimizer = Optimizer(.adam(), weightDecay: 1e-4)
  /// The loss that is minimised. Probabilities are the softmax of the outputs for every loss. With `mse` these are not
  /// calibrated by themselves, so a temperature is fitted on the validation images.
  public var loss = Loss.crossEntropy
  /// Label smoothing: the share of each target that is spread over all classes.
  public var labelSmoothing: Float = 0
  /// How the learning rate changes after the warm-up.
  public var schedule = Schedule.cosine
  /// The epochs of the warm-up, over which the learning rate rises linearly; at most half of the training.
  public var warmup = 1.0
  /// How classes of unequal size are balanced.
  public var imbalance = Imbalance.auto

  /// The model file whose network and weights the training starts from; nil for the preset with random weights.
  public var start: String?
  /// Which layers keep their initial weights.
  public var freeze = Freeze.none

  /// The shares for validation and test, where the data set has no splits of its own.
  public var fractions = SplitFractions()
  /// The fold of a cross-validation that becomes the test split, instead of the share in `fractions`; nil for no folds.
  public var fold: Fold?
  /// The number that chooses the best epoch.
  public var monitor = Monitor.default
  /// The training stops after so many epochs without a better value of the monitor; nil trains all epochs.
  public var patience: Int? = 10
  /// The least improvement of the monitor that counts for `patience`.
  public var minDelta = 0.0
  /// The decay of the exponential moving average of the weights, which is validated and written; nil uses the weights
  /// themselves. At 0.95 it spans about 20 steps: it hardly lags, and the best epoch depends less on chance.
  public var averaging: Float? = 0.95
  /// The seconds that the training may take. The number of epochs is adjusted to fit; nil for no limit.
  public var timeBudget: Double?
  /// The seed of everything random.
  public var seed: UInt64 = 0
  /// The threads of the engine; nil for all cores that the process may use. They do not change the result.
  public var threads: Int?
  /// The seconds for tuning how the work of a step is divided, remembered for this processor; 0 divides by rule. It
  /// does not change the result.
  public var tuning = 0.0
  /// The folder for run folders; nil writes nothing.
  public var out: String? = "runs"

  /// The default settings for the data set at a path.
  public init(data: String = "") { self.data = data }
}

extension TrainingSettings {
  /// Throws where a value is invalid.
  public func validate() throws(TrainingError) {
    for setting in TrainingSetting.all {
      guard let fault = setting.fault(self) else { continue }
      throw .setting(name: setting.name, expected: fault.expected, found: fault.found)
    }
  }

  /// Parses settings from texts, by name. A setting without a text keeps its default, or follows from the others.
  package init(data: String = "", texts: [String: String]) throws(SettingRefusal) {
    self.init(data: data)
    for setting in TrainingSetting.all {
      if let text = texts[setting.name] { try setting.take(text, &self) }
    }
    let epochsAreNamed = texts["epochs"] != nil
    if timeBudget != nil, !epochsAreNamed { epochs = Self.mostEpochsInTime }
    if texts["mix-plain"] == nil { mixing.plainEpochs = epochs / 10 }
    // A number of epochs that was asked for is run in full.
    if epochsAreNamed, texts["patience"] == nil { patience = nil }
  }

  /// The limit of epochs where a time budget decides.
  private static let mostEpochsInTime = 1000

  /// The settings with an absolute data path, for a checkpoint, which may be resumed from another folder.
  var withAbsoluteData: TrainingSettings {
    var settings = self
    settings.data = FilePath.resolved(data) ?? data
    return settings
  }
}
