import NunchiArguments
import NunchiDocuments

/// The options of every verb that has a result.
struct OutputOptions: ParsableArguments {
  @Flag(help: "write the result as one JSON document") var json = false

  /// Writes the result of `command`, such as `model list`: `text` for people, or a document with `result`. Warnings go
  /// to standard error and into the document.
  func write(_ command: String, _ result: JSON, warnings: [String] = [], text: @autoclosure () -> String) {
    for warning in warnings { Console.note("warning: \(warning)") }
    guard json else { return Console.result(text()) }
    let document: JSON = [
      "schema_version": 1, "command": JSON(command), "status": "ok", "result": result, "warnings": JSON(warnings),
    ]
    Console.result(document.compact())
  }

  /// Writes a result that misses its gates: the document holds the result and the error. Throws the failure for the
  /// exit status.
  func write(
    _ command: String, _ result: JSON, warnings: [String] = [], missing failure: Failure,
    text: @autoclosure () -> String
  ) throws -> Never {
    for warning in warnings { Console.note("warning: \(warning)") }
    if json {
      let document: JSON = [
        "schema_version": 1, "command": JSON(command), "status": "error", "error": failure.error, "result": result,
        "warnings": JSON(warnings),
      ]
      Console.result(document.compact())
    } else {
      Console.result(text())
    }
    throw failure.written
  }
}
