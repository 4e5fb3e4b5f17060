import NunchiArguments
import NunchiDatasets
import NunchiReports
import NunchiSystem

extension Data {
  /// `nunchi data check`: finds problems of a data set.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Examine pictures before training: damage, copies, shortcuts",
      example: "nunchi data check photos --html photos.html",
      discussion: """
        PATH is a data set, a folder of pictures or one picture. Every picture is read once; nothing is changed. Copies are
        found also where they were scaled, compressed, mirrored, brightened or cut a little; in MNIST's files only equal
        ones. A shortcut is something beside the subject, such as the file's size, from which alone the classes can be told.
        """)
    @Argument(help: "data set, folder or picture") var path: String
    @Option(help: ArgumentHelp("write a page for a browser", valueName: "FILE")) var html: String?
    @Flag(help: "end with exit status 3 where a file cannot be used") var strict = false
    @Option(help: "worker threads (default: all cores)") var threads: Int?
    @OptionGroup var output: OutputOptions

    func validate() throws { try validateThreads(threads) }

    mutating func run() throws {
      let pass = ExaminationPass(threads: threads)
      let examination = try pass.run(CheckSubject(path: path))
      let report = CheckReport(examination, threads: pass.threads, isStopped: pass.isStopped)
      try pass.refuseWhereStopped()
      if let html { try AtomicFile.write(DataPage(report).html, to: html) }
      let page = CheckPage(report, html: html)
      guard strict, let bad = report.unusable.first else {
        return output.write("data check", page.document, warnings: report.warnings, text: page.text)
      }
      let failure = Failure(
        .data, "bad_files",
        "\(path): expected only usable pictures, found \(report.unusable.count) others, first \(bad.path): "
          + "\(bad.reason ?? "")",
        hint: "repair or remove them, or leave --strict away", path: path)
      try output.write(
        "data check", page.document, warnings: report.warnings, missing: failure, text: page.text)
    }
  }
}
