import NunchiArguments
import NunchiDatasets
import NunchiEngine
import NunchiEvaluation
import NunchiSystem
import NunchiTraining

/// `nunchi demo`: generates faces, trains on them and evaluates the model.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Go the whole way on drawn faces: data, training, test; about a minute",
    example: "nunchi demo",
    discussion: """
      Draws faces with and without masks, trains the vgg6 preset on small pictures, and measures it on faces that it has
      never seen. Nothing is downloaded.
      """)
  @Option(help: ArgumentHelp("a new or empty folder to work in (default: a temporary one)", valueName: "DIR"))
  var out: String?
  @Option(help: "faces to draw") var count = 2400
  @Option(help: "passes over the training faces") var epochs = 20
  @Option(help: "of faces and training") var seed: UInt64 = 0
  @Option(help: "worker threads (default: all cores)") var threads: Int?
  @Flag(name: [.short, .long], help: "no progress on standard error") var quiet = false
  @OptionGroup var output: OutputOptions

  /// The sides of the generated faces and of the network's input, in pixels.
  private static let (drawnSize, size) = (96, 64)

  func validate() throws {
    try validateThreads(threads)
    if !(40...100_000).contains(count) { throw ValidationError("--count expects 40 to 100000, found \(count)") }
    if !(1...1000).contains(epochs) { throw ValidationError("--epochs expects 1 to 1000, found \(epochs)") }
  }

  mutating func run() throws {
    let folder = try out ?? temporaryFolder()
    let data = folder + "/faces"
    try Folder.make(folder)
    say("1/2 drawing \(count) faces in \(data)")
    try GeneratedFaces.write(
      to: data, count: count, seed: seed, size: Self.drawnSize, threads: threads ?? WorkerPool.cores)
    Interruption.watch()
    say("2/2 training vgg6 on \(Self.size)x\(Self.size) pixels")
    var settings = TrainingSettings(data: data)
    (settings.size, settings.epochs, settings.patience) = (Self.size, epochs, nil)
    (settings.seed, settings.threads, settings.out) = (seed, threads, folder + "/runs")
    let chosen = ["data", "size", "epochs", "patience", "seed", "threads", "out"]
    let origins = Dictionary(uniqueKeysWithValues: chosen.map { ($0, "demo") })
    let trainer = Trainer(settings, origins: origins, stop: Interruption.stop)
    let progress = TrainingProgress(isQuiet: quiet)
    trainer.observe(progress.observe)
    let page = try TrainingPage(running: trainer)
    guard page.interruption == nil, let test = page.result.test else { return try page.write("demo", output) }
    output.write("demo", page.document, warnings: page.warnings, text: text(test.metrics, page, data))
  }

  private func say(_ text: String) {
    if !quiet { Console.note(text) }
  }

  private func text(_ metrics: ClassificationMetrics, _ page: TrainingPage, _ data: String) -> String {
    let model = quoted(page.result.modelPath ?? "")
    func digits(_ value: Double) -> String { Text.fixed(value, 3) }
    return """
      \(metrics.images) faces that the network has never seen:

      accuracy   \(digits(metrics.accuracy))
      precision  \(digits(metrics.macro.precision))
      recall     \(digits(metrics.macro.recall))
      F1         \(digits(metrics.macro.f1))

      \(metrics.confusion.table)
      trained in \(Text.duration(page.result.seconds)); everything is in \(page.result.run ?? data)
      report: \(page.report ?? "none")
      next: nunchi predict \(model) \(quoted(data + "/Test"))
            nunchi evaluate \(model) \(quoted(data))
            nunchi train FOLDER, with your own pictures, one folder a class
      """
  }

  private func temporaryFolder() throws -> String {
    var template = Array(((Environment.value("TMPDIR") ?? "/tmp") + "/nunchi-demo-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(
        .data, "file", "cannot make a temporary folder: \(FileError.Reason.last)", hint: "give --out DIR")
    }
    return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
