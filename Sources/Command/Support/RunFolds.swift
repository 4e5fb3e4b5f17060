import NunchiDocuments
import NunchiEvaluation
import NunchiTraining

/// The folds of a cross-validation that were begun, as a table.
struct RunFolds {
  private let run: RunRecord
  private static let shown: [Metric] = [.accuracy, .f1Macro]

  init(_ run: RunRecord) { self.run = run }

  /// A line for each fold, and mean and deviation where no fold is missing.
  var table: String {
    var table = TextTable(header: ["fold", "pictures", "best epoch", "accuracy", "macro F1", "time"])
    for fold in (try? RunRecord.all(in: run.path).runs) ?? [] {
      let metrics = fold.metrics(.test)
      table.append(
        [fold.name, metrics.map { String($0.images) } ?? "-", "\(fold.bestEpoch) of \(fold.history.count)"]
          + Self.shown.map { Self.digits(metrics?[$0]) } + [Text.duration(fold.seconds)])
    }
    if let spread = run.spread {
      table.append(["mean", "", ""] + Self.shown.map { Self.digits(spread[$0]?.mean) } + [""])
      table.append(["deviation", "", ""] + Self.shown.map { Self.digits(spread[$0]?.deviation) } + [""])
    }
    return table.text
  }

  private static func digits(_ value: Double?) -> String { value.map { Text.fixed($0, 4) } ?? "-" }
}
