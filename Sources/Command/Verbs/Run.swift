import NunchiArguments
import NunchiDocuments
import NunchiReports
import NunchiTraining

/// `nunchi run`: shows and compares trainings.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "List trainings, look into one, compare several", example: "nunchi run list",
    subcommands: [List.self, Show.self, Compare.self])

  /// `nunchi run list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the runs in a folder with how good they became", example: "nunchi run list")
    @Argument(help: ArgumentHelp("folder with run folders", valueName: "DIR")) var folder = RunPlace.folder
    @OptionGroup var output: OutputOptions

    mutating func run() throws {
      let (runs, problems) = try RunRecord.all(in: folder)
      let page = RunListPage(runs, folder: folder)
      output.write("run list", page.document, warnings: problems, text: page.text)
    }
  }

  /// `nunchi run show`
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show a run: how it went, how good it became; with --html its report anew",
      example: "nunchi run show latest",
      discussion: """
        RUN is a run folder, or the name of one in runs. The report is one file that needs nothing else; its pictures are
        shown while the data set is still what it was.
        """)
    @Argument(help: ArgumentHelp("a run folder, or its name in runs", valueName: "RUN")) var name: String
    @Option(help: ArgumentHelp("write the report to this file", valueName: "FILE")) var html: String?
    @OptionGroup var output: OutputOptions

    mutating func run() throws {
      let record = try RunPlace.record(name)
      if let html { try RunPage.write(record.path, version: Program.version, to: html) }
      let page = RunShowPage(record, html: html)
      output.write("run show", page.document, text: page.text)
    }
  }

  /// `nunchi run compare`
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compare", abstract: "Set runs side by side: the settings that differ, and the numbers",
      example: "nunchi run compare train-0001 train-0002",
      discussion: """
        Of two runs that answered the same test pictures it also says how many answers the second one corrects and spoils,
        and how likely chance does that (McNemar's exact test).
        """)
    @Argument(help: ArgumentHelp("run folders, or their names in runs; two or more", valueName: "RUN"))
    var names: [String]
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if names.count < 2 { throw ValidationError("expects two runs or more, found \(names.count)") }
    }

    mutating func run() throws {
      let page = try RunComparison(names.map { try RunPlace.record($0) })
      output.write("run compare", page.document, warnings: page.warnings, text: page.text)
    }
  }
}

/// The place of run folders.
enum RunPlace {
  /// The default of `train --out`.
  static let folder = "runs"

  /// The run at a path, or that of this name in the default folder.
  static func record(_ name: String) throws -> RunRecord {
    do throws(TrainingError) {
      return try RunRecord(path: name)
    } catch {
      guard !name.hasPrefix("/"), let record = try? RunRecord(path: folder + "/" + name) else { throw error }
      return record
    }
  }
}
