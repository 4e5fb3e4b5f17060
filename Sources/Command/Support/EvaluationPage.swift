import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiInference

/// What `evaluate` answers.
struct EvaluationPage {
  private let evaluation: SplitEvaluation
  private let model: String
  private let chosen: ChosenImages
  private static let mistakesShown = 5
  private static let mistakesWritten = 20

  init(_ evaluation: SplitEvaluation, model: String, chosen: ChosenImages) {
    (self.evaluation, self.model, self.chosen) = (evaluation, model, chosen)
  }

  var skipped: [SkippedFile] { chosen.dataset.skipped + evaluation.skipped }

  var warnings: [String] {
    var warnings = evaluation.metrics.warnings
    let present = Set(evaluation.predictions.map(\.truth))
    for (index, name) in evaluation.classes.enumerated() where !present.contains(index) {
      warnings.append("no picture of the model's class '\(name)'")
    }
    if !skipped.isEmpty {
      let named = skipped.prefix(3).map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
      warnings.append("\(skipped.count) files were left out: \(named)\(skipped.count > 3 ? ", …" : "")")
    }
    return warnings
  }

  /// The wrong answers, the surest first.
  private var mistakes: [SplitEvaluation.Prediction] {
    evaluation.predictions.filter { $0.predicted != $0.truth }.sorted {
      ($0.probabilities[$0.predicted], $1.identity) > ($1.probabilities[$1.predicted], $0.identity)
    }
  }

  var document: JSON {
    var object = evaluation.metrics.json.objectValue ?? JSON.Object()
    object["model"] = JSON(model)
    object["data"] = JSON(chosen.dataset.path)
    object["split"] = JSON(chosen.name)
    object["note"] = chosen.note.map(JSON.string)
    object["skipped"] = .array(skipped.map { ["path": JSON($0.path), "reason": JSON($0.reason)] })
    object["mistakes"] = .array(
      mistakes.prefix(Self.mistakesWritten).map { mistake in
        [
          "path": JSON(mistake.identity), "class": JSON(evaluation.classes[mistake.truth]),
          "predicted": JSON(evaluation.classes[mistake.predicted]),
          "probability": JSON(mistake.probabilities[mistake.predicted]),
        ]
      })
    return .object(object)
  }

  var text: String {
    let what = chosen.name == "all" ? "all pictures" : "\(chosen.split.rawValue) pictures"
    var text = "\(what) of \(chosen.dataset.path)\n" + (chosen.note.map { "(\($0))\n" } ?? "") + "\n"
    text += evaluation.metrics.table
    guard !mistakes.isEmpty else { return text }
    var table = TextTable(header: ["surest mistakes", "class", "predicted", "probability"])
    for mistake in mistakes.prefix(Self.mistakesShown) {
      table.append([
        mistake.identity, evaluation.classes[mistake.truth], evaluation.classes[mistake.predicted],
        Text.fixed(Double(mistake.probabilities[mistake.predicted]), 4),
      ])
    }
    text += "\n" + table.text
    return text
  }
}
