import NunchiArguments
import NunchiDocuments
import NunchiEngine
import NunchiInference
import NunchiModelFiles

/// `nunchi predict`: classifies images.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Say what is on pictures: one row an input",
    example: "nunchi predict runs/latest/model/best.safetensors photos/new",
    discussion: """
      A folder stands for all files in it, at any depth. - is standard input: one picture, or a list of paths, one a line.
      What cannot be read has a row with the reason; exit status 3 where nothing could be read. The answer is the most
      probable class, or what the model's thresholds say.
      """)
  @Argument(help: "a model file") var model: String
  @Argument(help: ArgumentHelp("pictures, folders or -", valueName: "FILE")) var files: [String]
  @Flag(help: "the probability of every class, not only of the answer") var all = false
  @Flag(help: "write one JSON object a line") var jsonl = false
  @Flag(help: "write comma-separated values with a heading") var csv = false
  @Flag(help: "end with exit status 3 where an input cannot be read") var strict = false
  @Option(help: "worker threads (default: all cores)") var threads: Int?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try validateThreads(threads)
    if [jsonl, csv, output.json].count(where: { $0 }) > 1 {
      throw ValidationError("expects one of --json, --jsonl and --csv, found several")
    }
  }

  mutating func run() throws {
    let threads = threads ?? WorkerPool.cores
    // The first image is read while the model loads.
    let reading = Background(alone: threads == 1) { [files] in
      let inputs = try PredictionInputs(files)
      return (inputs, inputs.contents(0))
    }
    let loaded = try ModelFile.read(model)
    let (inputs, first) = try reading.value()
    let classifier = try Classifier(loaded, pool: WorkerPool(threads: threads), batch: min(inputs.count, 16))
    let form: PredictionRows.Form = jsonl ? .lines : csv ? .values : output.json ? .document : .table
    var rows = PredictionRows(form, classes: classifier.classes, showsAll: all)
    for start in stride(from: 0, to: inputs.count, by: classifier.batch) {
      rows.add(inputs.answers(start..<min(start + classifier.batch, inputs.count), classifier, first: first))
    }
    try finish(rows)
  }

  private func finish(_ rows: PredictionRows) throws {
    let bad = rows.unreadable
    let warnings = bad > 0 ? ["\(bad) of \(rows.count) inputs could not be read"] : []
    let result = rows.document(model: model)
    guard bad > 0, strict || bad == rows.count else {
      switch rows.form {
      case .lines, .values: for warning in warnings { Console.note("warning: \(warning)") }
      case .table, .document: output.write("predict", result, warnings: warnings, text: rows.table)
      }
      return
    }
    let failure = Failure(
      .data, "unreadable", "expected pictures that can be read, found \(bad) of \(rows.count) inputs that cannot")
    switch rows.form {
    case .lines, .values: throw failure.written
    case .table, .document: try output.write("predict", result, missing: failure, text: rows.table)
    }
  }
}
