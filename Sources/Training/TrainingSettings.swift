import NunchiDatasets
import NunchiEngine
import NunchiImages
import NunchiLayers
import NunchiSystem

/// Everything that decides how a classifier is trained. The same settings and data give the same weights, bit for bit,
/// on any number of threads.
public struct TrainingSettings: Sendable, Hashable {
  /// How the learning rate goes on after the warm-up.
  public enum Schedule: String, Sendable, Hashable, CaseIterable {
    /// The same rate in every step.
    case constant
    /// Half a cosine down to zero.
    case cosine
    /// A tenth after half of the steps, a hundredth after three quarters.
    case step
    /// Down to a hundredth, by the same factor in every step.
    case exponential
    /// Up from a twenty-fifth over 30 % of the steps, then down to almost nothing. Needs no warm-up.
    case oneCycle = "one-cycle"
    /// Times 0.3 whenever the monitor has not become better for three epochs.
    case plateau
  }

  /// What the bytes of a picture become before the network.
  public enum NormalizationRule: String, Sendable, Hashable, CaseIterable {
    /// Each channel to mean 0 and deviation 1 over the training images.
    case zscore
    /// Each channel to 0…1 over the training images.
    case minmax
    /// The bytes as they are, 0…255.
    case none
  }

  /// What of a network that was trained before stays as it is.
  public enum Freeze: String, Sendable, Hashable, CaseIterable {
    /// Everything is trained.
    case none
    /// Everything before the last dense layer stays as it is.
    case trunk
  }

  /// What is done where classes differ in size.
  public enum Imbalance: String, Sendable, Hashable, CaseIterable {
    /// Where one class has more than 1.5 times the images of another: weights, or the sampler where most steps would not
    /// see the rarest class.
    case auto
    /// Rare classes count more in the loss.
    case weights
    /// Each class is drawn equally often.
    case sampler
    /// Classes count as they are.
    case none
  }

  /// The folder that the data set lies in.
  public var data: String
  /// The preset's name.
  public var model = "vgg6"
  /// Height and width of the images; nil: what the preset was made for.
  public var size: Int?
  /// 1 (gray) or 3; nil: what the preset was made for.
  public var channels: Int?
  /// Multiplies the channels of every hidden layer.
  public var width = 1.0
  /// The rate of every dropout; nil: the preset's own.
  public var dropout: Float?
  /// How a picture becomes square.
  public var resize = ResizeRule.squash
  /// What bytes become before the network.
  public var normalization = NormalizationRule.zscore
  /// How training pictures are changed at random.
  public var augmentation = Augmentation.light
  /// How the pictures of a batch are mixed with each other, and how many epochs at the end go without.
  public var mixing = MixingSchedule(.none)

  /// Passes over the images.
  public var epochs = 30
  /// Images of a step.
  public var batch = 32
  /// Batches whose gradients are added up for one step: a batch so many times larger in the memory of one. Batch norm
  /// measures each of them by itself, so with it the result is not that of the larger batch.
  public var accumulation = 1
  /// The highest rate of the schedule.
  public var rate: Float = 1e-3
  /// The rule with its numbers, the weight decay, and where gradients are clipped.
  public var optimizer = Optimizer(.adam(), weightDecay: 1e-4)
  /// What is minimised. Whatever it is, reported probabilities are the softmax of the outputs: with `mse` their order counts,
  /// not their size.
  public var loss = Loss.crossEntropy
  /// The share of each target that is spread over all classes.
  public var labelSmoothing: Float = 0
  /// How the learning rate goes on after the warm-up.
  public var schedule = Schedule.cosine
  /// Epochs over which the rate rises to its height; at most half of the training.
  public var warmup = 1.0
  /// What is done where classes differ in size.
  public var imbalance = Imbalance.auto

  /// The model file whose network and weights are the beginning; nil: the preset with random weights.
  public var start: String?
  /// What of the model that is the beginning stays as it is.
  public var freeze = Freeze.none

  /// What is held back where the data set has no splits of its own.
  public var fractions = SplitFractions()
  /// The fold of a cross-validation that is the test split, whatever `fractions` say of one; nil: there are no folds.
  public var fold: Fold?
  /// What the best weights are chosen by.
  public var monitor = Monitor.default
  /// Epochs without a better value of the monitor after which training stops; nil: it runs to the end.
  public var patience: Int? = 10
  /// By how much a value must be better to count as better for patience.
  public var minDelta = 0.0
  /// The share that the average of the weights keeps in a step; the average is validated and left behind. Over some 20
  /// steps it hardly lags, and the best epoch is chosen less by chance. nil: the weights themselves are.
  public var averaging: Float? = 0.95
  /// Seconds that the training may take; the epochs are made to fit. nil: as long as the epochs take.
  public var timeBudget: Double?
  /// Of everything random.
  public var seed: UInt64 = 0
  /// Threads of the engine; nil: all cores that the process may use. They do not change the result.
  public var threads: Int?
  /// Seconds for measuring how best to cut the work of a step, remembered for this processor; 0: by rule. It does not
  /// change the result.
  public var tuning = 0.0
  /// The folder for run folders; nil: nothing is written.
  public var out: String? = "runs"

  /// The defaults, for a data set at a path.
  public init(data: String = "") { self.data = data }
}

extension TrainingSettings {
  /// Throws where a value lies outside of what makes sense.
  public func validate() throws(TrainingError) {
    for setting in TrainingSetting.all {
      guard let fault = setting.fault(self) else { continue }
      throw .setting(name: setting.name, expected: fault.expected, found: fault.found)
    }
  }

  /// The settings that texts stand for, by their names; a setting that is not named keeps its default, or follows from
  /// those that are.
  package init(data: String = "", texts: [String: String]) throws(SettingRefusal) {
    self.init(data: data)
    for setting in TrainingSetting.all {
      if let text = texts[setting.name] { try setting.take(text, &self) }
    }
    let epochsAreNamed = texts["epochs"] != nil
    if timeBudget != nil, !epochsAreNamed { epochs = Self.mostEpochsInTime }
    if texts["mix-plain"] == nil { mixing.plainEpochs = epochs / 10 }
    // Who asks for epochs wants to see them run.
    if epochsAreNamed, texts["patience"] == nil { patience = nil }
  }

  /// Where a time decides.
  private static let mostEpochsInTime = 1000

  /// The settings for a checkpoint, which may be resumed from another folder.
  var withAbsoluteData: TrainingSettings {
    var settings = self
    settings.data = FilePath.resolved(data) ?? data
    return settings
  }
}
