import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiTraining

/// The output of `nunchi run compare`: the settings that differ, and the metrics side by side.
struct RunComparison {
  private let runs: [RunRecord]
  private let answers: Comparison?

  /// The metrics that are compared.
  private static let metrics: [Metric] = [
    .accuracy, .balancedAccuracy, .f1Macro, .matthews, .logLoss, .calibrationError,
  ]

  init(_ runs: [RunRecord]) throws {
    self.runs = runs
    answers = runs.count == 2 ? try Self.compare(runs[0], runs[1]) : nil
  }

  /// The comparison of two runs on their test images; nil where these differ.
  private static func compare(_ first: RunRecord, _ second: RunRecord) throws -> Comparison? {
    guard let one = try first.answers(.test), let other = try second.answers(.test),
      one.identities == other.identities
    else { return nil }
    return try? Comparison(one.answers, other.answers)
  }

  private var isSameData: Bool { Set(runs.map { $0.data.fingerprint ?? $0.path }).count == 1 }

  var warnings: [String] {
    isSameData ? [] : ["the runs were not trained and tested on the same data: their numbers say little of each other"]
  }

  /// The names of the settings that differ.
  private var differing: [String] {
    var seen: Set<String> = []
    let settings = runs.flatMap(\.origins).filter { seen.insert($0.name).inserted }
    return settings.filter(\.decidesWeights).map(\.name).filter { Set(values($0)).count > 1 }
  }

  private func values(_ name: String) -> [JSON] {
    runs.map { run in
      run.origins.first { $0.name == name }?.value ?? TrainingSetting.named(name)?.value(run.settings) ?? .null
    }
  }

  var document: JSON {
    let settings = differing.map { JSON.Member($0, .array(values($0))) }
    var object = JSON.Object([
      .init("runs", .array(runs.map(summary))), .init("same_data", JSON(isSameData)),
      .init("settings", .object(JSON.Object(settings))),
    ])
    object["answers"] = answers?.json ?? .null
    return .object(object)
  }

  private func summary(_ run: RunRecord) -> JSON {
    let test = Self.metrics.map { JSON.Member($0.rawValue, JSON(run.metrics(.test)?[$0])) }
    return [
      "run": JSON(run.name), "path": JSON(run.path), "epochs": JSON(run.history.count),
      "best_epoch": JSON(run.bestEpoch), "monitor": JSON(run.settings.monitor.description),
      "monitored": JSON(run.best?.monitored), "seconds": JSON(run.seconds), "parameters": number(run.parameters),
      "test": .object(JSON.Object(test)),
    ]
  }

  private func number(_ value: Int?) -> JSON { value.map { JSON($0) } ?? .null }

  var text: String {
    var table = TextTable(header: [""] + runs.map(\.name))
    for name in differing {
      table.append(["--\(name)"] + values(name).map { $0.shownText ?? "-" })
    }
    if differing.isEmpty { table.append(["settings"] + runs.map { _ in "same" }) }
    table.append(["best epoch"] + runs.map(\.bestEpochWords))
    table.append(["time"] + runs.map { Text.duration($0.seconds) })
    let monitors = Set(runs.map(\.settings.monitor.description))
    if monitors.count > 1 { table.append(["monitor"] + runs.map(\.settings.monitor.description)) }
    table.append(
      [monitors.count > 1 ? "monitored" : runs[0].settings.monitor.description]
        + runs.map { Self.digits($0.best?.monitored) })
    for metric in Self.metrics {
      table.append(
        ["test " + metric.rawValue.replacing("_", with: " ")] + runs.map { Self.digits($0.metrics(.test)?[metric]) })
      if runs.contains(where: { interval($0, metric) != nil }) {
        table.append(["  95 %"] + runs.map { interval($0, metric) ?? "-" })
      }
    }
    guard let answers else { return table.text }
    return table.text
      + "\nthe same \(answers.images) test pictures: the second \(answers.sentence)\n(\(answers.meaning))\n"
  }

  private func interval(_ run: RunRecord, _ metric: Metric) -> String? {
    run.metrics(.test)?.interval(metric).map { "\(Text.fixed($0.lower, 2))–\(Text.fixed($0.upper, 2))" }
  }

  private static func digits(_ value: Double?) -> String { value.map { Text.fixed($0, 4) } ?? "-" }
}
