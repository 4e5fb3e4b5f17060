import NunchiArguments
import NunchiDocuments
import NunchiSystem

/// The program: reads the command line, runs the verb, and turns what it throws into a line and an exit code.
@main
enum Program {
  static let version = Release.version

  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    // Read before parsing, so that parsing errors are reported in the requested form too.
    let json = words.prefix { $0 != "--" }.contains("--json")
    Crash.watch(json: json)
    do {
      switch try CommandParser(Nunchi.self).parse(words, layers: SettingLayers.of(words)) {
      case .print(let text):
        Console.result(text)
        checkOutput(who: Nunchi.configuration.commandName)
      case .run(let parsed):
        var command = parsed.command
        do {
          if var traced = command as? any TracedCommand {
            try traced.run(settings: parsed.settings)
          } else {
            try command.run()
          }
        } catch {
          fail(Failure(error), who: parsed.verbs.joined(separator: " "), json: json)
        }
        checkOutput(who: parsed.verbs.joined(separator: " "))
      }
    } catch let error as ArgumentError {
      fail(Failure(error), who: error.command, json: json)
    } catch {
      fail(Failure(error), who: Nunchi.configuration.commandName, json: json)
    }
  }

  /// Fails where the result could not be written.
  private static func checkOutput(who: String) {
    if let reason = Console.lostResult { fail(Failure(lost: reason), who: who, json: false) }
  }

  private static func fail(_ failure: Failure, who: String, json: Bool) -> Never {
    Console.note(failure.line(who: who))
    if json, !failure.isWritten { Console.result(failure.document.compact()) }
    exit(failure.status.rawValue)
  }
}

/// The root of all verbs.
struct Nunchi: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nunchi", abstract: "Train, examine and run image classifiers on this computer's CPU",
    example: "nunchi demo", version: "nunchi \(Program.version)",
    subcommands: [
      Demo.self, Data.self, Augment.self, Train.self, Evaluate.self, Predict.self, RunCommand.self, Model.self,
      ImageCommand.self, GradCheck.self, Bench.self, Doctor.self,
    ])
}
