import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiInference
import NunchiModelFiles
import NunchiSystem
import NunchiTraining

/// The output of `evaluate` for one model. Parts that were not asked for are nil.
struct EvaluationPage {
  let evaluation: SplitEvaluation
  let path: String
  private let model: LoadedModel
  private let chosen: ChosenImages
  var settled: SettledDecision?
  /// The evaluated images that the model was trained on; nil where that is unknown.
  var seen: [String]?
  var showsCurves = false
  var outcomes: [Gate.Outcome] = []
  var robustness: Robustness?
  var timing: AnswerTiming?
  var saved: String?

  private static let mistakesShown = 5
  private static let mistakesWritten = 20
  private static let seenWritten = 20
  private static let namesShown = 10

  init(_ evaluation: SplitEvaluation, _ model: LoadedModel, path: String, chosen: ChosenImages) {
    (self.evaluation, self.model, self.path, self.chosen) = (evaluation, model, path, chosen)
  }

  var skipped: [SkippedFile] { chosen.dataset.skipped + evaluation.skipped }

  var warnings: [String] {
    var warnings = evaluation.metrics.warnings + (settled?.warnings ?? [])
    let present = Set(evaluation.predictions.map(\.truth))
    let absent = evaluation.classes.indices.filter { !present.contains($0) }.map { "'\(evaluation.classes[$0])'" }
    if !absent.isEmpty {
      let named = absent.prefix(Self.namesShown).joined(separator: ", ") + (absent.count > Self.namesShown ? ", …" : "")
      warnings.append("no picture of the model's class\(absent.count > 1 ? "es" : "") \(named)")
    }
    if !skipped.isEmpty {
      let named = skipped.prefix(3).map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
      warnings.append("\(skipped.count) files were left out: \(named)\(skipped.count > 3 ? ", …" : "")")
    }
    if let seen, !seen.isEmpty {
      let named = seen.prefix(3).joined(separator: ", ") + (seen.count > 3 ? ", …" : "")
      warnings.append(
        "\(seen.count) of \(evaluation.metrics.images) pictures were in the training of \(path), which flatters it: "
          + named)
    }
    return warnings
  }

  // MARK: JSON

  var document: JSON {
    var object = evaluation.metrics.json.objectValue ?? JSON.Object()
    object["model"] = JSON(path)
    object["data"] = JSON(chosen.dataset.path)
    object["split"] = JSON(chosen.name)
    object["note"] = chosen.note.map(JSON.string)
    object["skipped"] = .array(skipped.map { ["path": JSON($0.path), "reason": JSON($0.reason)] })
    object["seen_in_training"] = seenDocument
    object["decision"] = [
      "temperature": .number(model.decision.temperature),
      "thresholds": .object(
        JSON.Object(zip(model.classes, model.decision.thresholds).map { .init($0, $1.map { JSON($0) } ?? .null) })),
    ]
    object["confused"] = .array(evaluation.metrics.confusion.mostConfused().map(\.json))
    object["mistakes"] = .array(evaluation.answers.worstMistakes(Self.mistakesWritten).map(document))
    for member in settled?.members ?? [] { object[member.key] = member.value }
    object["saved"] = saved.map(JSON.string)
    if !outcomes.isEmpty { object["gates"] = .array(outcomes.map(\.json)) }
    if showsCurves { object["curves"] = curves }
    object["robustness"] = robustness?.json
    object["timing"] = timing?.json
    return .object(object)
  }

  private var seenDocument: JSON {
    guard let seen else { return .null }
    return ["images": .integer(seen.count), "paths": JSON(Array(seen.prefix(Self.seenWritten)))]
  }

  private func document(_ mistake: Mistake) -> JSON {
    [
      "path": JSON(evaluation.predictions[mistake.image].identity), "class": JSON(evaluation.classes[mistake.truth]),
      "predicted": JSON(evaluation.classes[mistake.predicted]), "probability": JSON(mistake.confidence),
      "class_probability": JSON(mistake.truthProbability),
    ]
  }

  private var curves: JSON {
    let classes = evaluation.classes.indices.map { index -> JSON in
      let curves = evaluation.answers.ranking(of: index).json().objectValue?.members ?? []
      return .object(JSON.Object([.init("name", JSON(evaluation.classes[index]))] + curves))
    }
    return ["classes": .array(classes), "reliability": evaluation.metrics.calibration?.json ?? .null]
  }

  // MARK: Text

  var text: String {
    let what = chosen.name == "all" ? "all pictures" : "\(chosen.split.adjective) pictures"
    var text = "\(what) of \(chosen.dataset.path)\n" + (chosen.note.map { "(\($0))\n" } ?? "") + seenText
    if settled == nil, let stored { text += "(the model decides with \(stored))\n" }
    text += "\n" + evaluation.metrics.table
    for part in [settled?.text(evaluation.metrics), mistakesText, robustness?.table, timing?.table] {
      if let part, !part.isEmpty { text += "\n" + part }
    }
    for outcome in outcomes where outcome.isMet { text += "\nmet: \(outcome.gate)\n" }
    if let saved { text += "\nsaved as \(saved)\n" }
    return text + "\n" + next
  }

  private var next: String { "next:   nunchi predict \(quoted(path)) FILE…\n" }

  private var seenText: String {
    guard let seen else { return "(whether the model was trained on some of them is not known)\n" }
    return seen.isEmpty ? "(none of them was in its training)\n" : ""
  }

  /// The decision in the model file; nil for the plain one.
  private var stored: String? {
    let decision = model.decision
    let thresholds = zip(model.classes, decision.thresholds).compactMap { name, threshold in
      threshold.map { "\(name) from \(Text.fixed(Double($0), 4))" }
    }
    let parts =
      (decision.temperature == 1 ? [] : ["temperature \(Text.fixed(decision.temperature, 4))"])
      + (thresholds.isEmpty ? [] : ["thresholds: " + thresholds.joined(separator: ", ")])
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }

  private var mistakesText: String {
    let mistakes = evaluation.answers.worstMistakes(Self.mistakesShown)
    guard !mistakes.isEmpty else { return "" }
    var table = TextTable(header: ["surest mistakes", "is", "taken for", "probability"], textColumns: [0, 1, 2])
    for mistake in mistakes {
      table.append([
        TextTable.shortened(evaluation.predictions[mistake.image].identity, to: 48),
        TextTable.shortened(evaluation.classes[mistake.truth]),
        TextTable.shortened(evaluation.classes[mistake.predicted]),
        Text.fixed(Double(mistake.confidence), 4),
      ])
    }
    return table.text
  }
}
