import NunchiArguments
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiInference
import NunchiModelFiles

/// `nunchi evaluate`: a model's metrics on a data set.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a model on a folder of pictures",
    example: "nunchi evaluate runs/latest/model/best.safetensors photos",
    discussion: """
      Classes are matched by name, whatever their order. Of a folder that is divided into Train, Validation and Test, the
      test split is measured; of a folder of classes, all pictures. Exit status 6 where --require is not met.
      """, aliases: ["eval"])
  @Argument(help: "a model file") var model: String
  @Argument(help: "folder with pictures, one folder a class") var data: String
  @Option(help: "which pictures (default: test where DATA is divided, else all)") var split: SplitChoice?
  @Option(
    help: ArgumentHelp("end with exit status 6 unless this holds, such as f1_macro>=0.9; repeatable", valueName: "RULE"))
  var require: [Requirement] = []
  @Option(help: "worker threads (default: all cores)") var threads: Int?
  @Flag(help: "end with an error where a file of DATA cannot be used") var strict = false
  @OptionGroup var output: OutputOptions

  func validate() throws { try validateThreads(threads) }

  mutating func run() throws {
    let loaded = try ModelFile.read(model)
    let chosen = try ChosenImages(path: data, choice: split, provenance: loaded.provenance)
    let count = threads ?? WorkerPool.cores
    let classifier = try Classifier(loaded, pool: WorkerPool(threads: count))
    let evaluation = try classifier.evaluate(chosen.dataset, chosen.split, threads: count)
    let page = EvaluationPage(evaluation, model: model, chosen: chosen)
    if strict, let bad = page.skipped.first {
      throw Failure(
        .data, "bad_files",
        "\(data): expected only usable pictures, found \(page.skipped.count) others, first \(bad.path): \(bad.reason)",
        hint: "repair or remove them, or leave --strict away", path: data)
    }
    if let missed = require.compactMap({ $0.miss(evaluation.metrics) }).first {
      try output.write("evaluate", page.document, warnings: page.warnings, missing: missed, text: page.text)
    }
    output.write("evaluate", page.document, warnings: page.warnings, text: page.text)
  }
}

/// Throws where a number of threads makes no sense.
func validateThreads(_ threads: Int?) throws {
  if let threads, !(1...1024).contains(threads) {
    throw ValidationError("--threads expects 1 to 1024, found \(threads)")
  }
}

/// A demand on a metric, such as `f1_macro>=0.9`.
struct Requirement: ExpressibleByArgument {
  private let metric: Metric
  private let isLower: Bool
  private let bound: Double
  let argumentText: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(where: { $0 == ">" || $0 == "<" }),
      argument[sign...].dropFirst().first == "=",
      let metric = Metric(rawValue: String(argument[..<sign])),
      let bound = Double(String(argument[sign...].dropFirst(2))), bound.isFinite
    else { return nil }
    (self.metric, self.bound, isLower, argumentText) = (metric, bound, argument[sign] == ">", argument)
  }

  static var expectation: String { "a metric and a bound such as f1_macro>=0.9 or log_loss<=0.3" }

  /// The failure where the metric misses the bound.
  func miss(_ metrics: ClassificationMetrics) -> Failure? {
    let value = metrics[metric]
    if let value, isLower ? value >= bound : value <= bound { return nil }
    let found = value.map { Text.fixed($0, 4) } ?? "no value"
    return Failure(.gate, "requirement", "expected \(argumentText), found \(metric.rawValue) \(found)")
  }
}
