import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiImages
import NunchiInference
import NunchiModelFiles
import NunchiTraining
import NunchiSystem

/// `nunchi evaluate`: the metrics of a model on a data set, or a comparison of two models.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on a folder of pictures, or compare two",
    example: "nunchi evaluate runs/latest/model/best.safetensors photos",
    discussion: """
      Classes are matched by name, whatever their order. Of a folder that is divided into Train, Validation and Test, the
      test split is measured; of a folder of classes, all pictures. Exit status 6 where --require is not met.
      Thresholds and a temperature are chosen on validation pictures, never on those for testing.
      """, aliases: ["eval"])
  @Argument(help: "a model file; of two, what the second fixes and breaks") var model: [String]
  @Argument(help: "folder with pictures, one folder a class") var data: String
  @Option(help: "which pictures (default: test where DATA is divided, else all)") var split: SplitChoice?
  @Option(
    help: ArgumentHelp("end with exit status 6 unless 'f1_macro>=0.9' or the like holds; repeatable", valueName: "RULE")
  )
  var require: [String] = []
  @Option(
    help: ArgumentHelp(
      "choose thresholds by max-f1, 'recall>=0.95', 'precision>=0.9' or cost=FP:FN (prices of an error)",
      valueName: "RULE"))
  var chooseThreshold: String?
  @Option(help: ArgumentHelp("only for this class (default: the first of two, else all)", valueName: "CLASS"))
  var thresholdClass: String?
  @Flag(help: "fit a temperature that makes the probabilities honest") var calibrate = false
  @Option(help: ArgumentHelp("write a model file with what was chosen", valueName: "FILE")) var save: String?
  @Flag(help: "ROC, precision-recall and reliability curves, with --json") var curves = false
  @Flag(help: "accuracy under blur, noise, darkness, rotation and JPEG at four strengths") var robustness = false
  @Flag(help: "images a second, and the time of single ones") var timing = false
  @Option(help: "worker threads (default: all cores)") var threads: Int?
  @Flag(help: "end with an error where a file of DATA cannot be used") var strict = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try validateThreads(threads)
    if model.count > 2 { throw ValidationError("expects one or two models and DATA, found \(model.count + 1) words") }
    if model.count == 2, let option = singleOptions.first(where: \.isGiven)?.name {
      throw ValidationError("\(option) expects one model, found two")
    }
    if thresholdClass != nil, chooseThreshold == nil {
      throw ValidationError("--threshold-class goes with --choose-threshold, found it alone")
    }
    if let save, chooseThreshold == nil, !calibrate {
      throw ValidationError("--save \(save) goes with --choose-threshold or --calibrate, found neither")
    }
    if let save, FileStatus.isSame(save, model[0]) {
      throw ValidationError("--save expects another file than the model, found \(save)")
    }
  }

  /// The options that only apply to one model.
  private var singleOptions: [(name: String, isGiven: Bool)] {
    [
      ("--require", !require.isEmpty), ("--choose-threshold", chooseThreshold != nil), ("--calibrate", calibrate),
      ("--curves", curves), ("--robustness", robustness), ("--timing", timing),
    ]
  }

  mutating func run() throws {
    let (gates, rule) = (
      try require.map { try Gate(parsing: $0) }, try chooseThreshold.map { try ThresholdRule(parsing: $0) }
    )
    let loaded = try model.map { try ModelFile.read($0) }
    let chosen = try ChosenImages(path: data, choice: split, model: loaded[0])
    let pool = WorkerPool(threads: threads ?? WorkerPool.cores)
    guard loaded.count == 1 else { return try compare(loaded, chosen, pool) }
    let settled = try settle(loaded[0], chosen, rule, pool)
    let final = settled?.model ?? loaded[0]
    let evaluation = try Classifier(final, pool: pool).evaluate(chosen.dataset, chosen.split, threads: pool.threads)
    var page = EvaluationPage(evaluation, final, path: model[0], chosen: chosen)
    try refuse(page.skipped)
    page.settled = settled
    page.seen = try chosen.seen(by: final)
    page.showsCurves = curves
    page.outcomes = gates.map { $0.check(evaluation.metrics) }
    if robustness {
      page.robustness = try Classifier(final, pool: pool).robustness(
        chosen.dataset, chosen.split, threads: pool.threads)
    }
    if timing { page.timing = try AnswerTiming(final, chosen.dataset, chosen.split, pool: pool) }
    if let save { try ModelFile.write(final, to: save) }
    page.saved = save
    if let missed = page.outcomes.first(where: { !$0.isMet }) {
      let failure = Failure(.gate, "requirement", missed.sentence)
      try output.write("evaluate", page.document, warnings: page.warnings, missing: failure, text: page.text)
    }
    output.write("evaluate", page.document, warnings: page.warnings, text: page.text)
  }

  /// The decision chosen on the validation images; `nil` where none is asked for.
  private func settle(
    _ loaded: LoadedModel, _ chosen: ChosenImages, _ rule: ThresholdRule?, _ pool: WorkerPool
  ) throws -> SettledDecision? {
    guard rule != nil || calibrate else { return nil }
    let held = try ChosenImages.heldBack(path: data, model: loaded)
    let fit = try DecisionFit(
      loaded, held, .validation, rule: rule, subject: thresholdClass.map { .named($0) } ?? .usual,
      calibrates: calibrate, pool: pool)
    if rule != nil, fit.choices.isEmpty, let refusal = fit.refusals.first { throw refusal.reason }
    let before = try Classifier(loaded, pool: pool).evaluate(chosen.dataset, chosen.split, threads: pool.threads)
    return SettledDecision(
      fit: fit, rule: rule, images: held.items(.validation).count, model: loaded.deciding(fit.decision),
      before: before.metrics, isOnMeasured: chosen.split == .validation)
  }

  private func compare(_ models: [LoadedModel], _ chosen: ChosenImages, _ pool: WorkerPool) throws {
    let parts = try models.map { loaded in
      try Classifier(loaded, pool: pool).evaluate(chosen.dataset, chosen.split, threads: pool.threads)
    }
    let comparison = try Comparison(parts[0].answers, parts[1].answers)
    var pages = zip(zip(model, models), parts).map { EvaluationPage($1, $0.1, path: $0.0, chosen: chosen) }
    for (index, loaded) in models.enumerated() { pages[index].seen = try chosen.seen(by: loaded) }
    try refuse(pages[0].skipped)
    let page = ComparisonPage(first: pages[0], second: pages[1], comparison: comparison)
    output.write("evaluate", page.document, warnings: page.warnings, text: page.text)
  }

  private func refuse(_ skipped: [SkippedFile]) throws {
    guard strict, let bad = skipped.first else { return }
    throw Failure(
      .data, "bad_files",
      "\(data): expected only usable pictures, found \(skipped.count) others, first \(bad.path): \(bad.reason)",
      hint: "repair or remove them, or leave --strict away", path: data)
  }
}

/// Throws where the number of threads is invalid.
func validateThreads(_ threads: Int?) throws {
  if let threads, !(1...1024).contains(threads) {
    throw ValidationError("--threads expects 1 to 1024, found \(threads)")
  }
}
