import NunchiDatasets
import NunchiDocuments
import NunchiTraining

extension RunRecord {
  /// A number of the final evaluation, of test pictures where there are some.
  func final(_ name: String) -> Double? { headline.flatMap { metrics($0)?[name]?.doubleValue } }

  /// What a list says of a run.
  fileprivate var row: JSON {
    [
      "run": JSON(name), "path": JSON(path), "model": JSON(settings.model), "data": JSON(settings.data),
      "ending": JSON(ending?.rawValue), "epochs": JSON(history.count), "best_epoch": JSON(bestEpoch),
      "monitor": JSON(settings.monitor.description), "monitored": JSON(best?.monitored),
      "test_accuracy": JSON(metrics(.test)?["accuracy"]?.doubleValue),
      "test_f1_macro": JSON(metrics(.test)?["f1_macro"]?.doubleValue), "seconds": JSON(seconds),
      "started": JSON(environment["started"]?.stringValue), "folds": folds.map { JSON($0) } ?? .null,
    ]
  }

  fileprivate var endingWord: String { endingOfTraining + (folds.map { ", \($0) folds" } ?? "") }

  private var endingOfTraining: String {
    switch ending {
    case .completed: "completed"
    case .stoppedEarly: "stopped early"
    case .interrupted: "interrupted"
    case nil: "not ended"
    }
  }
}

/// A number with four decimals, or that there is none.
private func digits(_ value: Double?) -> String { value.map { Text.fixed($0, 4) } ?? "-" }

/// What `nunchi run list` answers.
struct RunListPage {
  private let runs: [RunRecord]
  private let folder: String

  init(_ runs: [RunRecord], folder: String) { (self.runs, self.folder) = (runs, folder) }

  var document: JSON { ["folder": JSON(folder), "runs": .array(runs.map(\.row))] }

  var text: String {
    guard !runs.isEmpty else { return "\(folder): no runs\n" }
    var table = TextTable(
      header: ["run", "model", "ending", "epochs", "best", "monitor", "value", "test F1", "time"],
      textColumns: [0, 1, 2, 5])
    for run in runs {
      table.append([
        run.name, run.settings.model, run.endingWord, run.folds == nil ? "\(run.history.count)" : "-",
        run.folds == nil ? "\(run.bestEpoch)" : "-", run.settings.monitor.description, digits(run.best?.monitored),
        digits(run.metrics(.test)?["f1_macro"]?.doubleValue),
        Text.duration(run.seconds),
      ])
    }
    return table.text
  }
}

/// What `nunchi run show` answers.
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
    object["notes"] = JSON(run.notes)
    object["validation"] = run.metrics(.validation)
    object["test"] = run.metrics(.test)
    object["spread"] = run.spread
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
    for setting in run.origins where setting.origin != "default" {
      facts.append([setting.name, setting.value.stringValue ?? setting.value.compact()])
    }
    var parts = ["\(run.path)\n\n\(facts.text)"]
    if run.folds != nil { parts.append(RunFolds(run).table) }
    if let split = run.headline, let metrics = run.metrics(split) { parts.append(numbers(metrics, split)) }
    if !run.notes.isEmpty { parts.append(run.notes.map { "note: \($0)\n" }.joined()) }
    if let html { parts.append("the report: \(quoted(html))\n") }
    return parts.joined(separator: "\n")
  }

  private func numbers(_ metrics: JSON, _ split: Split) -> String {
    var table = TextTable(header: ["\(split.rawValue) pictures", "precision", "recall", "F1", "pictures"])
    for row in metrics["classes"]?.arrayValue ?? [] {
      table.append(
        [row["name"]?.stringValue ?? ""] + ["precision", "recall", "f1"].map { digits(row[$0]?.doubleValue) }
          + ["\(row["support"]?.intValue ?? 0)"])
    }
    table.append(
      ["macro average"]
        + ["precision_macro", "recall_macro", "f1_macro"].map { digits(metrics[$0]?.doubleValue) }
        + ["\(metrics["images"]?.intValue ?? 0)"])
    let baseline = metrics["majority_baseline"]
    return table.text
      + "accuracy \(digits(metrics["accuracy"]?.doubleValue)); always answering "
      + "'\(baseline?["class"]?.stringValue ?? "")' reaches \(digits(baseline?["accuracy"]?.doubleValue))\n"
  }
}
