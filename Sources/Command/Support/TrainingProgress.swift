import NunchiDatasets
import NunchiSystem
import NunchiTraining

/// Shows the progress of a training on standard error: a line per epoch, and on a terminal a line that is redrawn.
final class TrainingProgress {
  private let isQuiet: Bool
  private let line = ProgressLine()
  private var started: TrainingEvent.Started?
  /// The current fold; nil for a single training.
  private var fold: Fold?
  /// The notes shown so far, because folds repeat many.
  private var said: Set<String> = []
  private var lastDrawn = 0.0
  /// The seconds of all finished epochs, with validation.
  private var elapsed = 0.0

  private static let barWidth = 20

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func observe(_ event: TrainingEvent) {
    guard !isQuiet else { return }
    switch event {
    case .note(let note): if fold == nil || said.insert(note.text).inserted { say("note: \(note.text)") }
    case .started(let start):
      (started, elapsed) = (start, 0)
      say(opening(start))
    case .step(let step): draw(step)
    case .epoch(let record):
      elapsed = record.seconds
      say(summary(record))
    case .finished: line.clear()
    }
  }

  /// Shows an event of one fold.
  func observe(_ fold: Fold, _ event: TrainingEvent) {
    self.fold = fold
    observe(event)
  }

  private var place: String { fold.map { "fold \($0)  " } ?? "" }

  private func say(_ text: String) {
    line.clear()
    Console.note(text)
  }

  private func opening(_ start: TrainingEvent.Started) -> String {
    let images = Split.allCases.compactMap { split in
      start.images[split].flatMap { $0 > 0 ? "\($0) for \(split.purpose)" : nil }
    }
    return place
      + "\(start.model) with \(Text.grouped(start.parameters)) parameters, \(start.classes.count) classes; images: "
      + "\(images.joined(separator: ", ")); \(start.threads) thread\(start.threads == 1 ? "" : "s")"
  }

  private func draw(_ step: TrainingEvent.Step) {
    let now = monotonicSeconds()
    guard now - lastDrawn >= 0.1 || step.step == step.steps else { return }
    lastDrawn = now
    let epochs = started?.epochs ?? step.epoch
    let speed = step.seconds > 0 ? Double(step.images) / step.seconds : 0
    // Finished epochs include validation. In the first epoch, its own speed is used.
    let before =
      step.epoch > 1 ? elapsed / Double(step.epoch - 1) : step.seconds / Double(step.step) * Double(step.steps)
    let whole = before * Double(epochs)
    let later = Double(fold.map { $0.count - $0.number } ?? 0) * whole
    let left = max(0, whole - elapsed - step.seconds) + later
    let head = place + "epoch \(step.epoch)/\(epochs) "
    let tail =
      " \(Text.fixed(speed, 0)) images/s  loss \(Text.fixed(Double(step.loss), 4))  "
      + "rate \(Text.scientific(Double(step.rate)))  \(Text.duration(left)) left"
    line.show(head + bar(step, width: min(Self.barWidth, Console.columns - 1 - head.count - tail.count)) + tail)
  }

  private func bar(_ step: TrainingEvent.Step, width: Int) -> String {
    guard width >= 4 else { return "" }
    let filled = width * step.step / max(step.steps, 1)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  }

  private func summary(_ record: EpochRecord) -> String {
    let epochs = started?.epochs ?? record.epoch
    let number = String(record.epoch)
    var text = place + "epoch " + String(repeating: " ", count: max(0, String(epochs).count - number.count))
    text += "\(number)/\(epochs)  loss \(Text.fixed(record.trainLoss, 4))"
    if let loss = record.validationLoss { text += "  val loss \(Text.fixed(loss, 4))" }
    if let accuracy = record.validation?[.accuracy] { text += "  accuracy \(Text.fixed(accuracy, 4))" }
    if let f1 = record.validation?[.f1Macro] { text += "  F1 \(Text.fixed(f1, 4))" }
    text += "  \(Text.fixed(record.imagesPerSecond, 0)) images/s  \(Text.duration(record.seconds))"
    return text + (record.isBest ? "  best" : "")
  }
}
