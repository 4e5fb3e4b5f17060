import NunchiDocuments
import NunchiTraining

/// Every event of a training as one JSON object a line on standard output.
struct EventLines {
  func observe(_ event: TrainingEvent) { Console.result(event.json.compact()) }

  /// An event of one fold of several.
  func observe(_ fold: Fold, _ event: TrainingEvent) {
    var object = event.json.objectValue ?? JSON.Object()
    object["fold"] = JSON(fold.number)
    Console.result(JSON.object(object).compact())
  }

  /// The last line: the result.
  func finish(_ page: some FinalPage) throws {
    let members = page.document.objectValue?.members ?? []
    let object = JSON.Object([.init("event", "result")] + members + [.init("warnings", JSON(page.warnings))])
    Console.result(JSON.object(object).compact())
    if let interruption = page.interruption { throw interruption.written }
  }
}
