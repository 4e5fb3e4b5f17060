import NunchiArguments
import NunchiDatasets
import NunchiEvaluation
import NunchiImages
import NunchiTraining

extension TrainingSettings.OptimizerName: ExpressibleByArgument {}
extension TrainingSettings.Loss: ExpressibleByArgument {}
extension TrainingSettings.Schedule: ExpressibleByArgument {}
extension TrainingSettings.NormalizationRule: ExpressibleByArgument {}
extension TrainingSettings.Imbalance: ExpressibleByArgument {}
extension TrainingSettings.Freeze: ExpressibleByArgument {}
extension TrainingSettings.MixingName: ExpressibleByArgument {}
extension ResizeRule: ExpressibleByArgument {}
extension ResampleFilter: ExpressibleByArgument {}

extension Monitor: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var argumentText: String { description }
  public static var expectation: String { "a number such as val.f1_macro, val.accuracy or val.loss" }
  public static var placeholder: String { "NAME" }
  public static var allValueStrings: [String] { names }
}

/// What decides how a network learns.
struct LearningOptions: ParsableArguments {
  private static let defaults = TrainingSettings()
  /// Where a time decides.
  private static let mostEpochsInTime = 1000

  @Option(help: "passes over the images; with --resume +N for more") var epochs = EpochCount.total(
    defaults.epochs)
  @Option(name: [.short, .long], help: "images a step") var batch = defaults.batch
  @Option(help: "the rule that changes the weights") var optimizer = defaults.optimizer
  @Option(help: ArgumentHelp("batches whose gradients make one step", valueName: "COUNT"))
  var accumulate = defaults.accumulation
  @Option(name: [.customLong("lr")], help: "the highest learning rate") var rate = defaults.rate
  @Option(help: "how the rate goes on after the warm-up") var schedule = defaults.schedule
  @Option(help: ArgumentHelp("epochs over which the rate rises", valueName: "EPOCHS")) var warmup = defaults.warmup
  @Option(help: "what is minimised") var loss = defaults.loss
  @Option(help: ArgumentHelp("share of each target spread over all classes", valueName: "SHARE"))
  var labelSmoothing = defaults.labelSmoothing
  @Option(help: "shrinks weights; biases and normalisations stay") var weightDecay = defaults.weightDecay
  @Option(help: "auto: rare classes count more, or come more often") var imbalance = defaults.imbalance
  @Option(help: "what the best epoch is chosen by") var monitor = Monitor.default
  @Option(
    help: ArgumentHelp("stop after so many epochs without a better one, 0: never", valueName: "EPOCHS"))
  var patience = 10
  @Option(help: "by how much an epoch must be better to end the waiting of --patience") var minDelta = defaults.minDelta
  @Option(help: ArgumentHelp("validate and keep a moving average of the weights; 0: themselves", valueName: "SHARE"))
  var ema = defaults.averaging ?? 0
  @Option(help: "how long training may take, such as 10m; the epochs are made to fit") var time: TimeText?
  @Option(help: "of everything random") var seed = defaults.seed

  func apply(to settings: inout TrainingSettings) {
    if case .total(let count) = epochs { settings.epochs = count }
    settings.timeBudget = time?.seconds
    if time != nil, !$epochs.isGiven { settings.epochs = Self.mostEpochsInTime }
    settings.minDelta = minDelta
    settings.averaging = ema == 0 ? nil : ema
    settings.batch = batch
    settings.accumulation = accumulate
    settings.optimizer = optimizer
    settings.rate = rate
    settings.schedule = schedule
    settings.warmup = warmup
    settings.loss = loss
    settings.labelSmoothing = labelSmoothing
    settings.weightDecay = weightDecay
    settings.imbalance = imbalance
    settings.monitor = monitor
    let runsAll = patience == 0 || ($epochs.isGiven && !$patience.isGiven)
    settings.patience = runsAll ? nil : patience
    settings.seed = seed
  }

  func validate() throws {
    if patience < 0 { throw ValidationError("--patience expects a number from 0, found \(patience)") }
  }
}

/// What becomes of a picture before the network sees it.
struct PictureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("side of the input (default: the model's)", valueName: "PIXELS")) var size: Int?
  @Option(help: "3 for colour, 1 for gray (default: the model's)") var channels: Int?
  @Option(help: "how a picture becomes square") var resize = ResizeRule.squash
  @Option(help: "scale of the bytes, by the training images") var normalize = TrainingSettings.NormalizationRule.zscore
  @OptionGroup var changes: AugmentationOption
  @Option(help: "mix the pictures of a batch, and what is to be answered with them")
  var mix = TrainingSettings.MixingName.none
  @Option(help: ArgumentHelp("how evenly mixup and cutmix share (default: 0.2 and 1)", valueName: "NUMBER"))
  var mixAlpha: Float?
  @Option(help: ArgumentHelp("epochs at the end that are not mixed (default: a tenth)", valueName: "EPOCHS"))
  var mixPlain: Int?
  @Flag(inversion: .prefixedNo, help: "swap left and right at random, whatever --augment says") var flip = true
  @Option(help: ArgumentHelp("largest random turn", valueName: "DEGREES")) var rotation: Float?
  @Option(help: ArgumentHelp("largest random shift, a share of the side", valueName: "SHARE"))
  var shift: Float?

  func validate() throws {
    if let mixAlpha, mix != .mixup, mix != .cutmix {
      throw ValidationError("--mix-alpha expects --mix mixup or cutmix, found --mix \(mix.rawValue) and \(mixAlpha)")
    }
    if let mixPlain, mixPlain < 0 { throw ValidationError("--mix-plain expects a number from 0, found \(mixPlain)") }
    if let rotation, !(0...180).contains(rotation) {
      throw ValidationError("--rotation expects 0 to 180 degrees, found \(rotation)")
    }
    if let shift, !(0...1).contains(shift) {
      throw ValidationError("--shift expects a share from 0 to 1, found \(shift)")
    }
  }

  func apply(to settings: inout TrainingSettings) {
    settings.size = size
    settings.channels = channels
    settings.resize = resize
    settings.normalization = normalize
    settings.augmentation = augmentation
    // After the epochs are known.
    settings.mixing = MixingSchedule(mix.mixing(alpha: mixAlpha), plainEpochs: mixPlain ?? settings.epochs / 10)
  }

  /// What --augment says, changed by what is said besides.
  private var augmentation: Augmentation {
    var augmentation = changes.augmentation
    if $flip.isGiven {
      augmentation = augmentation.removing(FlipHorizontal.self)
      if flip { augmentation.steps.insert(.sometimes(0.5, .transform(FlipHorizontal())), at: 0) }
    }
    if let rotation {
      augmentation = rotation > 0 ? augmentation.setting(Rotate(degrees: rotation)) : augmentation.removing(Rotate.self)
    }
    if let shift {
      augmentation =
        shift > 0
        ? augmentation.setting(TranslateY(share: shift)).setting(TranslateX(share: shift))
        : augmentation.removing(TranslateX.self).removing(TranslateY.self)
    }
    return augmentation
  }
}
