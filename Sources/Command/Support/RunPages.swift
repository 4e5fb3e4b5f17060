import NunchiDatasets
import NunchiDocuments
import NunchiSystem
import NunchiEvaluation
import NunchiTraining

extension RunRecord {
  /// A run in the document of `run list`.
  fileprivate var row: JSON {
    [
      "run": JSON(name), "path": JSON(path), "model": JSON(settings.model), "data": JSON(settings.data),
      "ending": JSON(ending?.rawValue), "epochs": JSON(history.count), "best_epoch": JSON(bestEpoch),
      "monitor": JSON(settings.monitor.description), "monitored": JSON(best?.monitored),
      "test_accuracy": JSON(metrics(.test)?[.accuracy]),
      "test_f1_macro": JSON(metrics(.test)?[.f1Macro]), "seconds": JSON(seconds),
      "started": JSON(environment.started), "folds": folds.map { JSON($0) } ?? .null,
    ]
  }

  /// The best epoch and the number of epochs; `-` for a cross-validation, whose folds have their own.
  var bestEpochWords: String { folds == nil ? "\(bestEpoch) of \(history.count)" : "-" }

  fileprivate var endingWord: String { endingOfTraining + (folds.map { ", \($0) folds" } ?? "") }

  private var endingOfTraining: String {
    switch ending {
    case .completed: "completed"
    case .stoppedEarly: "stopped early"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    case nil: "not ended"
    }
  }
}

/// A number with four decimals; `-` for none.
private func digits(_ value: Double?) -> String { value.map { Text.fixed($0, 4) } ?? "-" }

/// The output of `nunchi run list`.
struct RunListPage {
  private let runs: [RunRecord]
  private let folder: String

  init(_ runs: [RunRecord], folder: String) { (self.runs, self.folder) = (runs, folder) }

  var document: JSON { ["folder": JSON(folder), "runs": .array(runs.map(\.row))] }

  var text: String {
    guard let last = runs.last else { return "\(folder): no runs; nunchi train DATA makes one\n" }
    // Where all runs have the same monitor, it is the title of the column.
    let monitors = Set(runs.map(\.settings.monitor.description))
    var table = TextTable(
      header: ["run", "model", "data", "ended", "best epoch", monitors.count == 1 ? monitors.first! : "monitor"]
        + ["test accuracy", "test F1", "time"],
      textColumns: [0, 1, 2, 3])
    for run in runs {
      let monitored = digits(run.best?.monitored)
      table.append([
        run.name, run.settings.model, TextTable.shortened(run.settings.data, to: 24), run.endingWord,
        run.bestEpochWords,
        monitors.count == 1 ? monitored : "\(run.settings.monitor) \(monitored)",
        digits(run.metrics(.test)?[.accuracy]), digits(run.metrics(.test)?[.f1Macro]),
        Text.duration(run.seconds),
      ])
    }
    let compare =
      runs.count > 1 ? ", or nunchi run compare \(quoted(runs[runs.count - 2].path)) \(quoted(last.path))" : ""
    return table.text + "\nnext:   nunchi run show \(quoted(last.path))\(compare)\n"
  }
}

/// The output of `nunchi run show`.
struct RunShowPage {
  private let run: RunRecord
  private let html: String?

  init(_ run: RunRecord, html: String?) { (self.run, self.html) = (run, html) }

  var document: JSON {
    var object = run.row.objectValue ?? JSON.Object()
    object["parameters"] = run.parameters.map { JSON($0) } ?? .null
    object["html"] = JSON(html)
    object["repeat"] = JSON(run.repeatingCommand)
    object["settings"] = .object(
      JSON.Object(run.origins.map { .init($0.name, ["value": $0.value, "origin": JSON($0.origin)]) }))
    object["history"] = .array(run.history.map(history))
    object["notes"] = JSON(run.notes.map(\.text))
    object["validation"] = run.metrics(.validation)?.document
    object["test"] = run.metrics(.test)?.document
    object["spread"] = run.spread?.document
    return .object(object)
  }

  private func history(_ record: EpochRecord) -> JSON {
    [
      "epoch": JSON(record.epoch), "seconds": JSON(record.seconds), "lr": JSON(record.rate),
      "train_loss": JSON(record.trainLoss), "val_loss": JSON(record.validationLoss),
      "val_accuracy": JSON(record.validation?[.accuracy]), "val_f1_macro": JSON(record.validation?[.f1Macro]),
      "best": JSON(record.isBest),
    ]
  }

  var text: String {
    var facts = TextTable(textColumns: [0, 1])
    facts.append(["model", run.settings.model])
    facts.append(["data", run.settings.data])
    if run.folds == nil {
      facts.append(["ended", "\(run.endingWord) after \(run.history.count) epochs, \(Text.duration(run.seconds))"])
      facts.append(["best epoch", "\(run.bestEpoch), \(run.settings.monitor) \(digits(run.best?.monitored))"])
    } else {
      facts.append(["ended", "\(run.endingWord), \(Text.duration(run.seconds))"])
    }
    for setting in run.origins
    where setting.origin != "default" && setting.decidesWeights && !Self.said.contains(setting.name) {
      facts.append([
        "--\(setting.name)", setting.value.shownText ?? "-",
      ])
    }
    var parts = ["\(run.path)\n\n\(facts.text)"]
    if run.folds != nil { parts.append(RunFolds(run).table) }
    if let split = run.headline, let metrics = run.metrics(split) { parts.append(numbers(metrics, split)) }
    if !run.notes.isEmpty { parts.append(run.notes.map { "note: \($0.text)\n" }.joined()) }
    if let html { parts.append("the report: \(quoted(html))\n") }
    return (parts + [next]).joined(separator: "\n")
  }

  /// The settings that are shown above already.
  private static let said: Set<String> = ["model", "data"]

  private var next: String {
    switch run.ending {
    case .completed, .stoppedEarly:
      if let words = run.commandForUse { return "next:   \(words.map(quoted).joined(separator: " "))\n" }
      return "next:   nunchi predict \(quoted(run.modelPath)) FILE…\n"
        + (html == nil ? "        nunchi run show \(quoted(run.path)) --html FILE writes the report anew\n" : "")
    case .diverged: return "next:   nunchi train, as the note says; resumed it would diverge again\n"
    case .interrupted, nil: return "next:   nunchi train --resume \(quoted(run.path)) goes on\n"
    }
  }

  private func numbers(_ metrics: MetricsRecord, _ split: Split) -> String {
    var whole = TextTable(textColumns: [0, 2])
    whole.append(["\(split.rawValue) pictures", "\(metrics.images)"])
    whole.append(["accuracy", digits(metrics[.accuracy]), interval(metrics.accuracyInterval, 4)])
    whole.append([
      "majority baseline", digits(metrics.baseline?.accuracy),
      "always answering '\(TextTable.shortened(metrics.baseline?.className ?? ""))'",
    ])
    whole.append(["macro F1", digits(metrics[.f1Macro]), interval(metrics.f1MacroInterval, 4)])
    return whole.text + "\n" + classes(metrics)
  }

  private static let (mostClasses, classesShown) = (30, 20)

  private func classes(_ metrics: MetricsRecord) -> String {
    let rows = metrics.classes
    let weakest = rows.indices.sorted {
      (rows[$0].f1 ?? 0, $0) < (rows[$1].f1 ?? 0, $1)
    }
    let isCut = rows.count > Self.mostClasses
    let shown = isCut ? weakest.prefix(Self.classesShown).map { rows[$0] } : rows
    var table = TextTable(header: ["class", "precision", "95 %", "recall", "95 %", "F1", "pictures"])
    for row in shown {
      table.append([
        TextTable.shortened(row.name), digits(row.precision), interval(row.precisionInterval, 2), digits(row.recall),
        interval(row.recallInterval, 2), digits(row.f1), "\(row.support)",
      ])
    }
    return table.text
      + (isCut ? "(the \(shown.count) classes of the least F1; \(rows.count - shown.count) more are not shown)\n" : "")
  }

  private func interval(_ interval: Interval?, _ decimals: Int) -> String {
    guard let interval else { return "" }
    let range = "\(Text.fixed(interval.lower, decimals))–\(Text.fixed(interval.upper, decimals))"
    return decimals > 2 ? "95 %: " + range : range
  }
}
