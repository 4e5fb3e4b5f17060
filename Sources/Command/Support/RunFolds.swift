import NunchiDocuments
import NunchiTraining

/// The folds of a cross-validation that were begun, side by side.
struct RunFolds {
  private let run: RunRecord
  private static let shown = ["accuracy", "f1_macro"]

  init(_ run: RunRecord) { self.run = run }

  /// A line for each fold; below them how they spread, where none is missing.
  var table: String {
    var table = TextTable(header: ["fold", "pictures", "best epoch", "accuracy", "macro F1", "time"])
    for fold in (try? RunRecord.all(in: run.path).runs) ?? [] {
      let metrics = fold.metrics(.test)
      table.append(
        [fold.name, metrics?["images"]?.intValue.map(String.init) ?? "-", "\(fold.bestEpoch) of \(fold.history.count)"]
          + Self.shown.map { Self.digits(metrics?[$0]) } + [Text.duration(fold.seconds)])
    }
    for name in ["mean", "deviation"] where run.spread != nil {
      table.append([name, "", ""] + Self.shown.map { Self.digits(run.spread?[$0]?[name]) } + [""])
    }
    return table.text
  }

  private static func digits(_ value: JSON?) -> String { value?.doubleValue.map { Text.fixed($0, 4) } ?? "-" }
}
