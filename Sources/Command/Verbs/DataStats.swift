import NunchiArguments
import NunchiDatasets
import NunchiDocuments

extension Data {
  /// `nunchi data stats`: statistics of a data set.
  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stats", abstract: "Count a data set: classes, sizes, formats, colours",
      example: "nunchi data stats photos",
      discussion: """
        Every picture is read once; nothing is changed. Mean and deviation are of the pixels at their own size, from 0 to 1.
        The majority baseline is the accuracy of always answering the most frequent class.
        """)
    @Argument(help: "data set, folder or picture") var path: String
    @Option(help: "worker threads (default: all cores)") var threads: Int?
    @OptionGroup var output: OutputOptions

    func validate() throws { try validateThreads(threads) }

    mutating func run() throws {
      let examination = try ExaminationPass(threads: threads).run(CheckSubject(path: path))
      let page = StatisticsPage(examination)
      output.write("data stats", page.document, warnings: page.warnings, text: page.text)
    }
  }
}
