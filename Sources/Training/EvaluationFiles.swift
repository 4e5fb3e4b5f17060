import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiInference

/// Writes the folder `evaluation` of a run.
enum EvaluationFiles {
  /// - Parameters:
  ///   - parts: the evaluated splits. The tables are of the first one.
  ///   - members: further members of `metrics.json`.
  static func write(
    _ parts: [SplitEvaluation], to folder: RunFolder, besides members: [JSON.Member] = []
  ) throws(TrainingError) {
    guard let first = parts.first else { return }
    var metrics = JSON.Object([JSON.Member("split", .string(first.split.rawValue))])
    for part in parts { metrics[part.split.rawValue] = part.metrics.json }
    for member in members { metrics[member.key] = member.value }
    try folder.write(JSON.object(metrics).pretty() + "\n", "evaluation/metrics.json")
    try folder.write(perClass(first.metrics), "evaluation/per_class.csv")
    try folder.write(confusion(first.metrics.confusion), "evaluation/confusion.csv")
    try folder.write(predictions(parts), "evaluation/predictions.csv")
  }

  private static func perClass(_ metrics: ClassificationMetrics) -> String {
    let rows = metrics.classes.map { entry in
      [
        entry.name, entry.precision.description, entry.recall.description, entry.f1.description,
        String(entry.support), String(entry.predictions), entry.rocAUC?.description ?? "",
        entry.averagePrecision?.description ?? "",
      ] + [entry.precisionInterval, entry.recallInterval, entry.f1Interval].flatMap(ends)
    }
    return table(
      [
        "class", "precision", "recall", "f1", "support", "predictions", "roc_auc", "average_precision",
        "precision_lower", "precision_upper", "recall_lower", "recall_upper", "f1_lower", "f1_upper",
      ], rows)
  }

  /// The ends of a 95 % interval; empty where there is none.
  private static func ends(_ interval: Interval?) -> [String] {
    [interval?.lower.description ?? "", interval?.upper.description ?? ""]
  }

  private static func confusion(_ confusion: ConfusionMatrix) -> String {
    table(
      ["true \\ predicted"] + confusion.classNames,
      zip(confusion.classNames, confusion.rows).map { [$0] + $1.map(String.init) })
  }

  private static func predictions(_ parts: [SplitEvaluation]) -> String {
    let classes = parts[0].classes
    let rows = parts.flatMap { part in
      part.predictions.map { answer in
        [
          part.split.rawValue, answer.identity, classes[answer.truth], classes[answer.predicted],
          answer.truth == answer.predicted ? "1" : "0",
        ] + answer.probabilities.map(\.description)
      }
    }
    return table(["split", "image", "class", "predicted", "correct"] + classes.map { "p(\($0))" }, rows)
  }

  /// Comma-separated values by RFC 4180, but with line feeds.
  static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header] + rows).map { $0.map(CSVText.field).joined(separator: ",") + "\n" }.joined()
  }
}
