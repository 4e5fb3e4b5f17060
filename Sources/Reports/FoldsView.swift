import NunchiEvaluation
import NunchiTraining

/// The folds of a cross-validation side by side, with mean and deviation.
struct FoldsView {
  private let run: RunRecord
  private let folds: [RunRecord]
  private static let shown: [(metric: Metric, words: String)] = [
    (.accuracy, "accuracy"), (.balancedAccuracy, "balanced accuracy"), (.f1Macro, "macro F1"), (.logLoss, "log loss"),
  ]

  /// Nil where the run is no cross-validation.
  init?(_ run: RunRecord) {
    guard run.folds != nil else { return nil }
    self.run = run
    folds = (try? RunRecord.all(in: run.path).runs) ?? []
  }

  /// Adds a tile with mean and deviation of each main metric.
  func addTiles(to tiles: inout Tiles) {
    for (metric, words) in Self.shown where metric == .accuracy || metric == .f1Macro {
      guard let spread = run.spread?[metric] else { continue }
      tiles.add(
        Figure.fixed(spread.mean, 4),
        "\(words), mean over the folds; deviation \(Figure.fixed(spread.deviation, 4))")
    }
  }

  var body: String {
    var table = PageTable(header: ["fold", "pictures", "best epoch"] + Self.shown.map(\.words) + ["time"])
    for fold in folds {
      let metrics = fold.metrics(.test)
      table.append(
        [
          fold.name, metrics.map { Figure.grouped($0.images) } ?? "–",
          "\(fold.bestEpoch) of \(fold.history.count)",
        ]
          + Self.shown.map { metrics?[$0.metric].map { Figure.fixed($0, 4) } ?? "–" }
          + [Figure.duration(fold.seconds)])
    }
    if run.spread != nil {
      table.append(
        ["mean ± deviation", "", ""]
          + Self.shown.map { part in
            run.spread?[part.metric].map { "\(Figure.fixed($0.mean, 4)) ± \(Figure.fixed($0.deviation, 4))" } ?? "–"
          } + [""])
    }
    let links = folds.map { "<a href=\"\($0.name)/report.html\">\(escaped($0.name))</a>" }.joined(separator: ", ")
    return
      "<p class=\"note\">Each picture is answered by the one model that did not see it; the numbers of this page are "
      + "of all these answers together. The deviation is that of a single fold, not the error of the mean: folds share "
      + "most of what they train on.</p><div class=\"card\">\(table.body)</div>"
      + (links.isEmpty ? "" : "<p class=\"note\">Reports of the folds: \(links)</p>")
  }
}
