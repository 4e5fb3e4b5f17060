import NunchiDocuments
import NunchiTraining

/// Every event of a training as one JSON object a line on standard output.
struct EventLines {
  func observe(_ event: TrainingEvent) { Console.result(event.json.compact()) }

  /// The last line: the result.
  func finish(_ page: TrainingPage) throws {
    let members = page.document.objectValue?.members ?? []
    let object = JSON.Object([.init("event", "result")] + members + [.init("warnings", JSON(page.warnings))])
    Console.result(JSON.object(object).compact())
    if let interruption = page.interruption { throw interruption.written }
  }
}
