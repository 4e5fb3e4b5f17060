import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiSystem
import NunchiTraining

/// The output of `train --folds`.
struct CrossValidationPage: FinalPage {
  private let result: CrossValidationResult
  private let record: RunRecord?
  /// The report of the whole cross-validation.
  private let written: WrittenReport

  /// Writes the report of the whole, and one of every fold that was begun.
  init(_ result: CrossValidationResult) {
    self.result = result
    record = result.run.flatMap { try? RunRecord(path: $0) }
    written = WrittenReport(of: result.run) { try RunRecord.all(in: $0).runs.map(\.path) }
  }

  /// The failure of an interrupted cross-validation; nil for a complete one.
  var interruption: Failure? {
    guard result.ending == .interrupted else { return nil }
    let kept = result.run.map { "what was learned is in \($0)" } ?? "nothing was written"
    return Failure(
      Interruption.status, "interrupted",
      "interrupted after \(result.folds.count) of \(result.count) folds; \(kept)",
      hint: result.run.map { "go on with nunchi train --resume \(quoted($0))" }, path: result.run)
  }

  var warnings: [String] {
    (result.pooled?.metrics.warnings ?? []) + [written.problem, skipped.warning].compactMap(\.self)
  }

  private var skipped: [SkippedFile] { result.pooled?.skipped ?? [] }

  private var next: [String]? { result.pooled == nil ? nil : record?.commandForUse }

  var document: JSON {
    var object = JSON.Object([
      .init("run", JSON(result.run)), .init("report", JSON(written.path)),
      .init("ending", JSON(result.ending.rawValue)),
      .init("fold_count", JSON(result.count)), .init("seconds", JSON(result.seconds)),
      .init("folds", .array(result.folds.map { $0.json(short: false) })),
      .init("notes", JSON(result.notes)),
      .init("skipped", skipped.json),
      .init("next", next.map { JSON($0) } ?? .null),
    ])
    object["spread"] = result.spread?.metricsJSON
    object["test"] = result.pooled?.metrics.json
    return .object(object)
  }

  var text: String {
    guard let pooled = result.pooled else { return folds }
    let parts = [
      folds,
      "all \(pooled.metrics.images) pictures, each answered by the model that did not see it:\n"
        + pooled.metrics.table,
      closing,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static let shown: [Metric] = [.accuracy, .balancedAccuracy, .precisionMacro, .recallMacro, .f1Macro]

  /// A table with a line for each fold, and mean and deviation where no fold is missing.
  private var folds: String {
    guard !result.folds.isEmpty else { return "" }
    func digits(_ value: Double?) -> String { value.map { Text.fixed($0, 4) } ?? "-" }
    var table = TextTable(
      header: ["fold", "pictures", "best epoch", "accuracy", "balanced", "precision", "recall", "F1", "time"])
    for fold in result.folds {
      let metrics = fold.test.metrics
      table.append(
        ["\(fold.fold)", "\(metrics.images)", "\(fold.bestEpoch) of \(fold.epochs)"]
          + Self.shown.map { digits(metrics[$0]) } + [Text.duration(fold.seconds)])
    }
    if let spread = result.spread {
      table.append(["mean", "", ""] + Self.shown.map { digits(spread[$0]?.mean) } + [""])
      table.append(["deviation", "", ""] + Self.shown.map { digits(spread[$0]?.deviation) } + [""])
    }
    return table.text
  }

  private var closing: String {
    guard let run = result.run else { return "" }
    var lines = ["run:    \(run), with a run folder for each fold", "folds:  \(run)/folds.csv"]
    if let report = written.path { lines.append("report: \(report)") }
    if let next {
      lines.append("next:   \(next.map(quoted).joined(separator: " "))")
      lines.append("        trains one model for use, with the settings that were tested here")
    }
    return lines.joined(separator: "\n")
  }
}
