import NunchiArguments

enum Resize: String, CaseIterable, ExpressibleByArgument { case squash, crop, pad }

/// "30" or "+20".
struct Epochs: ExpressibleByArgument, Equatable {
  var count: Int
  var isMore = false
  init(_ count: Int) { self.count = count }
  init?(argument: String) {
    guard let count = Int(argument), count > 0 else { return nil }
    self.count = count
    isMore = argument.hasPrefix("+")
  }
  var argumentText: String { (isMore ? "+" : "") + String(count) }
  static var expectation: String { "a number of epochs such as 30 or +20" }
  static var placeholder: String { "N" }
}

struct Output: ParsableArguments {
  @Flag(help: "one JSON document on standard output") var json = false
  @Flag(name: [.short, .long], help: "say less") var quiet
}

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a classifier on a folder of pictures",
    example: "nunchi train photos --epochs 10")

  @Argument(help: "folder with one folder a class") var data: String
  @Option(name: [.short, .long], help: "passes over the data") var epochs = Epochs(30)
  @Option(name: [.short, .long], help: "images a step") var batch = 32
  @Option(name: [.customLong("lr")], help: "learning rate") var rate: Float = 1e-3
  @Option(help: "how pictures become square") var resize = Resize.crop
  @Option(help: "shrink weights by this much a step") var weightDecay = 1e-4
  @Option(
    help: "side of the input in pixels; the preset's own where it is not given, which is what a trained model wants")
  var size: Int?
  @Option(help: "rewrite a class name; repeatable") var rename: [String] = []
  @Flag(inversion: .prefixedNo, help: "stop early") var patience = true
  @Option(help: ArgumentHelp("for tests", isVisible: false)) var secret: Int?
  @OptionGroup var output: Output

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch expects at least 1, found \(batch)") }
  }
}

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure models", example: "nunchi evaluate best.safetensors photos",
    aliases: ["eval"])
  @Argument() var models: [String]
  @Argument() var data: String
}

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "predict")
  @Argument() var model: String
  @Argument() var files: [String] = []
  @Option() var shift: Int = 0
  @Option(name: [.customLong("class")]) var className: String
}

struct Model: ParsableCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Name the presets")
    @Argument() var filter: String?
  }
  struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "summary", abstract: "Show the layers")
  }
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Look at models", example: "nunchi model summary vgg6",
    subcommands: [List.self, Summary.self])
}

struct Nunchi: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nunchi", abstract: "Train, examine and run image classifiers", example: "nunchi train photos",
    version: "nunchi 1.2.3", subcommands: [Train.self, Evaluate.self, Predict.self, Model.self])
}

private let parser = CommandParser(Nunchi.self)

struct NotRun: Error { let text: String }

/// The command that a line, split at spaces, stands for.
func parsed(_ line: String, layers: [SettingLayer] = []) throws -> ParsedCommand {
  switch try parser.parse(line.split(separator: " ").map(String.init), layers: layers) {
  case .run(let command): return command
  case .print(let text): throw NotRun(text: text)
  }
}

func command<Command>(_ line: String, as: Command.Type, layers: [SettingLayer] = []) throws -> Command {
  try parsed(line, layers: layers).command as! Command
}

/// What is printed instead of running.
func printed(_ line: String) throws -> String {
  do {
    _ = try parsed(line)
    return "(runs)"
  } catch let notRun as NotRun {
    return notRun.text
  }
}
