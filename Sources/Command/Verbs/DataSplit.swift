import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import _StringProcessing

extension Data {
  /// `nunchi data split`: writes a list that assigns each image to a split.
  struct Divide: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "split", abstract: "Divide a data set into training, validation and test: writes a list",
      example: "nunchi data split photos --out photos.csv",
      discussion: """
        Nothing is copied or moved: the list names each picture's path, class, split and group, and nunchi train reads it.
        Every class is held back in its share, at least one picture of it. Copies, also those that only look alike, form one
        group, and a group is never divided; --group-by adds groups: folder, or a regular expression on the path whose first
        capture names the group. Copies of one picture in several classes go to training.
        """)
    @Argument(help: "data set") var path: String
    @Option(help: ArgumentHelp("the list to write, .csv or .jsonl", valueName: "FILE")) var out: String
    @Option(help: ArgumentHelp("held back to choose the best epoch", valueName: "SHARE")) var validation = 0.15
    @Option(help: ArgumentHelp("held back for the final numbers", valueName: "SHARE")) var test = 0.15
    @Option(help: "which pictures are held back") var seed: UInt64 = 0
    @Option(help: ArgumentHelp("pictures that stay together", valueName: "none|folder|REGEX")) var groupBy = "none"
    @Flag(inversion: .prefixedNo, help: "pictures that look alike stay together") var nearDuplicates = true
    @Option(help: "worker threads (default: all cores)") var threads: Int?
    @OptionGroup var output: OutputOptions

    func validate() throws {
      try validateThreads(threads)
      if !(0..<1).contains(validation) || !(0..<1).contains(test) || validation + test >= 1 || validation + test == 0 {
        throw ValidationError(
          "--validation and --test expect shares from 0 that leave some for training, found \(validation) and \(test)")
      }
      let name = out.lowercased()
      if ![".csv", ".jsonl", ".ndjson"].contains(where: name.hasSuffix) {
        throw ValidationError("--out expects a name that ends in .csv or .jsonl, found \(out)")
      }
      _ = try grouping()
    }

    mutating func run() throws {
      let given = try grouping()
      // Groups that a list names are kept.
      let listed = groupBy == "none" ? try Manifest.groups(path: path) : [:]
      let grouping = { path in given(path) ?? listed[path] }
      let dataset = try Dataset.open(path: path, fractions: SplitFractions(validation: 0, test: 0))
      let pass = ExaminationPass(threads: threads)
      let examination = try pass.run(CheckSubject(dataset))
      let duplicates = Duplicates(examination, threads: pass.threads, isStopped: pass.isStopped)
      try pass.refuseWhereStopped()
      let settings = DataDivision.Settings(
        seed: seed, fractions: SplitFractions(validation: validation, test: test), nearDuplicates: nearDuplicates)
      let division = try DataDivision(examination, duplicates, settings, group: grouping)
      let list = try division.manifest()
      let page = DivisionPage(division, path: path, out: out, seed: seed)
      // Shown before any file is written.
      if !output.json { Console.result(page.table) }
      try list.write(to: out)
      output.write("data split", page.document, warnings: division.warnings, text: page.next)
    }

    /// The function from a path to its group, by `--group-by`.
    private func grouping() throws -> (String) -> String? {
      switch groupBy {
      case "none": return { _ in nil }
      case "folder": return { path in path.lastIndex(of: "/").map { String(path[..<$0]) } }
      default:
        let pattern: Regex<AnyRegexOutput>
        do {
          pattern = try Regex(groupBy)
        } catch {
          throw ValidationError(
            "--group-by expects none, folder or a regular expression, found \"\(groupBy)\": \(error)")
        }
        return { path in
          guard let match = try? pattern.firstMatch(in: path) else { return nil }
          return match.output.dropFirst().first?.substring.map(String.init) ?? String(path[match.range])
        }
      }
    }
  }
}
