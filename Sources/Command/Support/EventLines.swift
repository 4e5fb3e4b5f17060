import NunchiDatasets
import NunchiDocuments
import NunchiTraining

/// Every event of a training as one JSON object a line on standard output.
struct EventLines {
  func observe(_ event: TrainingEvent) {
    guard let object = object(event) else { return }
    Console.result(object.compact())
  }

  /// The last line: the result.
  func finish(_ page: TrainingPage) throws {
    var object = page.document.objectValue ?? JSON.Object()
    object = JSON.Object([.init("event", "result")] + object.members + [.init("warnings", JSON(page.warnings))])
    Console.result(JSON.object(object).compact())
    if let interruption = page.interruption { throw interruption.written }
  }

  private func object(_ event: TrainingEvent) -> JSON? {
    switch event {
    case .note(let text): return ["event": "note", "text": JSON(text)]
    case .started(let start):
      return [
        "event": "started", "run": JSON(start.run), "model": JSON(start.model), "parameters": JSON(start.parameters),
        "classes": JSON(start.classes),
        "images": .object(
          .init(Split.allCases.compactMap { split in start.images[split].map { .init(split.rawValue, JSON($0)) } })),
        "epochs": JSON(start.epochs), "steps_per_epoch": JSON(start.stepsPerEpoch), "threads": JSON(start.threads),
      ]
    case .step(let step):
      return [
        "event": "step", "epoch": JSON(step.epoch), "step": JSON(step.step), "steps": JSON(step.steps),
        "loss": JSON(step.loss), "rate": JSON(step.rate), "images": JSON(step.images), "seconds": JSON(step.seconds),
      ]
    case .epoch(let record): return epoch(record)
    case .finished(let end):
      return [
        "event": "finished", "ending": JSON(end.ending.rawValue), "epochs": JSON(end.epochs),
        "best_epoch": JSON(end.bestEpoch), "seconds": JSON(end.seconds),
      ]
    }
  }

  private func epoch(_ record: EpochRecord) -> JSON {
    [
      "event": "epoch", "epoch": JSON(record.epoch), "seconds": JSON(record.seconds), "rate": JSON(record.rate),
      "images_per_second": JSON(record.imagesPerSecond), "train_loss": JSON(record.trainLoss),
      "val_loss": JSON(record.validationLoss), "val_accuracy": JSON(record.validation?.accuracy),
      "val_f1_macro": JSON(record.validation?.macro.f1), "monitored": JSON(record.monitored),
      "is_best": JSON(record.isBest),
    ]
  }
}
