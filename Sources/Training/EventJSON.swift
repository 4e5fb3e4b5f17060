import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation

extension TrainingEvent {
  /// The event as an object: one line of `log.jsonl` and of `--jsonl`.
  package var json: JSON {
    switch self {
    case .note(let note): note.json
    case .started(let started): started.json
    case .step(let step): step.json
    case .epoch(let record): record.json
    case .finished(let finished): finished.json
    }
  }
}

extension TrainingEvent.Note {
  var json: JSON {
    var object = JSON.Object([.init("event", "note"), .init("text", .string(text))])
    object["kind"] = kind.map { .string($0.rawValue) }
    return .object(object)
  }

  /// Reads what `json` wrote.
  init?(reading document: JSON) {
    guard document["event"] == "note", let text = document["text"]?.stringValue else { return nil }
    self.init(document["kind"]?.stringValue.flatMap(Kind.init), text)
  }
}

extension TrainingEvent.Started {
  fileprivate var json: JSON {
    [
      "event": "started", "run": JSON(run), "model": .string(model), "parameters": .integer(parameters),
      "classes": JSON(classes),
      "images": .object(
        JSON.Object(Split.allCases.map { JSON.Member($0.rawValue, .integer(images[$0] ?? 0)) })),
      "epochs": .integer(epochs), "steps_per_epoch": .integer(stepsPerEpoch), "threads": .integer(threads),
    ]
  }
}

extension TrainingEvent.Step {
  fileprivate var json: JSON {
    [
      "event": "step", "epoch": .integer(epoch), "step": .integer(step), "steps": .integer(steps), "loss": JSON(loss),
      "lr": JSON(rate), "images": .integer(images), "seconds": .number(seconds),
    ]
  }
}

extension EpochRecord {
  /// The record as an event.
  var json: JSON {
    var object = JSON.Object([
      .init("event", "epoch"), .init("epoch", .integer(epoch)), .init("seconds", .number(seconds)),
      .init("lr", JSON(rate)), .init("images_per_second", .number(imagesPerSecond)),
      .init("train_loss", .number(trainLoss)),
    ])
    object["val_loss"] = validationLoss.map(JSON.number)
    for metric in Metric.allCases {
      if let value = validation?[metric] { object["val_" + metric.rawValue] = .number(value) }
    }
    object["monitored"] = .number(monitored)
    object["best"] = .bool(isBest)
    return .object(object)
  }

  /// The validation metrics in `results.csv` and in model files.
  static let metrics: [Metric] = [.accuracy, .balancedAccuracy, .f1Macro, .precisionMacro, .recallMacro]

  /// The first line of `results.csv`.
  static let columns =
    "epoch,time,lr,train_loss,val_loss," + metrics.map { "val_" + $0.rawValue }.joined(separator: ",")
    + ",images_per_second,best"

  /// The epoch as a line of `results.csv`. Undefined numbers are empty.
  var row: String {
    let numbers = [Double(seconds), Double(rate.description) ?? Double(rate), trainLoss].map(\.description)
    let measured = ([validationLoss] + Self.metrics.map { validation?[$0] }).map { $0?.description ?? "" }
    return ([String(epoch)] + numbers + measured + [imagesPerSecond.description, isBest ? "1" : "0"])
      .joined(separator: ",")
  }
}

extension TrainingEvent.Finished {
  fileprivate var json: JSON {
    [
      "event": "finished", "ending": .string(ending.rawValue), "epochs": .integer(epochs),
      "best_epoch": .integer(bestEpoch), "seconds": .number(seconds),
    ]
  }
}
