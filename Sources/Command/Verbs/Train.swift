import NunchiArguments
import NunchiDatasets
import NunchiEngine
import NunchiModels
import NunchiTraining

/// `nunchi train`: trains a model on a data set.
struct Train: TracedCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a classifier on a folder of pictures",
    example: "nunchi train photos --epochs 10",
    discussion: """
      DATA holds one folder a class, or Train, Validation and Test with one folder a class in each. The best epoch's
      weights are what a run leaves; Ctrl-C stops after the step in work and keeps what was learned. --epochs without
      --patience runs them all. --augment light flips, turns up to 10 degrees, shifts up to a tenth, and changes
      brightness and contrast up to a fifth; --flip, --rotation and --shift change its amounts, and nunchi augment list
      shows what else can be written there.

      --folds 5 trains five times, tested each time on a fifth of the pictures that it has not seen. A Test folder stays
      apart from that: it judges the model that is trained in the end.

      An interrupted run goes on with --resume, to the same end as if it had not stopped, byte for byte. A file given
      with --config is beaten by the environment (NUNCHI_TRAIN_EPOCHS=30), and that by the options.
      """)
  @Argument(help: "folder with pictures; with --resume the run folder (default: the newest)") var data: String?
  @Flag(help: "go on with a run that was interrupted, or with --epochs +N beyond its end") var resume = false
  let learning = OptionList(settings: [
    "model", "from", "freeze", "epochs", "batch", "optimizer", "momentum", "beta1", "beta2", "rho", "epsilon", "clip",
    "clip-value", "accumulate", "lr", "schedule", "warmup", "loss", "label-smoothing", "weight-decay", "imbalance",
    "monitor", "patience", "min-delta", "ema", "time", "seed", "size", "channels", "resize", "normalize", "augment",
    "mix", "mix-alpha", "mix-plain",
  ])
  @OptionGroup var changes: AugmentationChanges
  let frame = OptionList(settings: ["width", "dropout", "validation", "test", "folds", "out", "threads"])
  @OptionGroup var tuning: TuningOptions
  @Flag(help: "end with an error where a file of DATA cannot be used") var strict = false
  @Option(help: ArgumentHelp("settings as JSON, such as a run's config.json; the options beat it", valueName: "FILE"))
  var config: String?
  @Flag(help: "look for a learning rate in a short trial, print it and why, and train nothing") var findLr = false
  @Flag(help: "print every setting with where it comes from, and train nothing") var printConfig = false
  @Flag(name: [.short, .long], help: "no progress on standard error") var quiet = false
  @Flag(help: "write every event as one JSON object a line") var jsonl = false
  @OptionGroup var output: OutputOptions

  /// The texts given for settings, by name.
  private var given: [String: String] { learning.given.merging(frame.given) { $1 } }

  /// The settings by the options alone.
  func said() throws -> TrainingSettings {
    var settings = try TrainingSettings(data: data ?? "", texts: given)
    changes.apply(to: &settings.augmentation)
    settings.tuning = tuning.seconds
    return settings
  }

  /// The value of --epochs.
  private var epochs: ResumedEpochs? { given["epochs"].flatMap { ResumedEpochs($0) } }
  /// The value of --folds.
  var folds: FoldChoice? { given["folds"].flatMap { FoldChoice($0) } }

  func validate() throws {
    let settings = try said()
    let (validation, test) = (settings.fractions.validation, settings.fractions.test)
    if !(0..<1).contains(validation) || !(0..<1).contains(test) || validation + test >= 1 {
      throw ValidationError(
        "--validation and --test expect shares from 0 that leave some for training, found \(validation) and \(test)")
    }
    if data == nil, !resume { throw ValidationError("expects DATA, a folder with pictures, found none") }
    if case .more = epochs, !resume {
      throw ValidationError("--epochs +N expects --resume, found a new training")
    }
    if settings.start != nil,
      let own = TrainingSetting.all.first(where: { $0.bearing == .network && given[$0.name] != nil })
    {
      throw ValidationError("--from brings its own network and pictures, found --\(own.name) beside it")
    }
    if findLr, resume || jsonl {
      throw ValidationError("--find-lr expects a new training, found \(resume ? "--resume" : "--jsonl") beside it")
    }
    try validateFolds(settings)
    if jsonl, output.json { throw ValidationError("expects --json or --jsonl, found both") }
  }

  mutating func run(settings given: [Setting]) throws {
    if printConfig { return SettingsPage(given).write(output) }
    if findLr { return RatePage(try fresh(given).findRate()).write(output) }
    if let validator = try resume ? resumedFolds(given) : newFolds(given) { return try run(validator) }
    let trainer = try resume ? resumed(given) : fresh(given)
    let events = EventLines()
    if jsonl { trainer.observe(events.observe) }
    let progress = TrainingProgress(isQuiet: quiet)
    trainer.observe(progress.observe)
    let page = try TrainingPage(running: trainer)
    if jsonl { return try events.finish(page) }
    try page.write("train", output)
  }

  private func resumedFolds(_ given: [Setting]) throws -> CrossValidator? {
    let settings = try said()
    let resumption = try Resumption(data, settings, options: given)
    guard CrossValidator.isIn(resumption.run) else { return nil }
    Interruption.watch()
    return try resumption.validator(epochs)
  }

  private func resumed(_ given: [Setting]) throws -> Trainer {
    let resumption = try Resumption(data, try said(), options: given)
    Interruption.watch()
    return try resumption.trainer(epochs)
  }

  private func fresh(_ given: [Setting]) throws -> Trainer {
    Trainer(try freshSettings(), origins: origins(given), stop: Interruption.stop)
  }

  func origins(_ given: [Setting]) -> [String: String] {
    Dictionary(given.map { ($0.name, $0.origin.word) }) { $1 }
  }

  /// The settings of a new training, with the checks that need no data.
  func freshSettings() throws -> TrainingSettings {
    var settings = try said()
    // Folds test every image, so a share in a config file is ignored.
    if folds != nil { settings.fractions.test = TrainingSettings().fractions.test }
    try settings.validate()
    // Checked before the data are opened, which may take long.
    _ = try ModelPreset.named(settings.model)
    if strict {
      let dataset = try Dataset.open(path: settings.data, seed: settings.seed, fractions: settings.fractions)
      try StrictCheck(dataset, threads: settings.threads ?? WorkerPool.cores).run()
    }
    Interruption.watch()
    return settings
  }
}

extension Origin {
  /// The name in run folders.
  var word: String {
    switch self {
    case .default: "default"
    case .configFile: "file"
    case .environment: "environment"
    case .commandLine: "flag"
    }
  }
}
