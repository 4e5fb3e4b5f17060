import NunchiDocuments
import NunchiTraining

/// Writes every event of a training to standard output, as one JSON object per line.
struct EventLines {
  func observe(_ event: TrainingEvent) { Console.result(event.json.compact()) }

  /// Writes an event of one fold.
  func observe(_ fold: Fold, _ event: TrainingEvent) {
    var object = event.json.objectValue ?? JSON.Object()
    object["fold"] = JSON(fold.number)
    Console.result(JSON.object(object).compact())
  }

  /// Writes the result as the last line.
  func finish(_ page: some FinalPage) throws {
    let members = page.document.objectValue?.members ?? []
    let object = JSON.Object([.init("event", "result")] + members + [.init("warnings", JSON(page.warnings))])
    Console.result(JSON.object(object).compact())
    if let interruption = page.interruption { throw interruption.written }
  }
}
