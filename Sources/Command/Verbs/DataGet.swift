import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiSystem

extension Data {
  /// `nunchi data get`
  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "get", abstract: "Download a public data set, or an archive of class folders",
      example: "nunchi data get mnist --out mnist",
      discussion: """
        SET is \(PublicSet.all.map(\.name).joined(separator: ", ")) or an address. Public sets are verified by their SHA-256. What breaks off goes on when
        the command is run again. A zip, tar or 7z from an address is unpacked into a new or empty folder.
        """)
    @Argument(help: ArgumentHelp("a public set, or the address of an archive", valueName: "SET")) var source: String
    @Option(help: ArgumentHelp("the folder to write to", valueName: "DIR")) var out: String
    @Option(help: ArgumentHelp("a server's folder with the files of the set", valueName: "URL")) var baseUrl: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
      for address in [baseUrl, isAddress ? source : nil].compactMap({ $0 }) where !Self.isWeb(address) {
        throw ValidationError("expects an address with http:// or https://, found \"\(address)\"")
      }
      if isAddress, baseUrl != nil {
        throw ValidationError("--base-url goes with the name of a public set, found an address")
      }
      if !isAddress, known == nil {
        let names = PublicSet.all.map(\.name).joined(separator: ", ")
        throw ValidationError(
          "no public set is called \"\(source)\"; give one of \(names), or an address with https://")
      }
    }

    private var isAddress: Bool { source.contains("://") }
    private var known: PublicSet? { PublicSet.all.first { $0.name == source.lowercased() } }

    private static func isWeb(_ address: String) -> Bool {
      address.lowercased().hasPrefix("http://") || address.lowercased().hasPrefix("https://")
    }

    mutating func run() throws {
      Interruption.watch()
      let progress = TransferProgress()
      let fetcher = Fetcher(into: out) { event in
        progress.observe(event)
        return !Interruption.stop.isSet
      }
      defer { progress.clear() }
      let placed = try known.map { try fetcher.fetch($0, base: baseUrl) } ?? fetcher.fetch(address: source)
      progress.clear()
      let dataset = try Dataset.open(path: out)
      let images = Split.allCases.reduce(0) { $0 + dataset.items($1).count }
      let isNew = placed.count { !$0.wasThere }
      output.write(
        "data get",
        [
          "path": JSON(out), "source": JSON(source), "kind": JSON(dataset.kind.rawValue),
          "files": JSON(placed.count), "new_files": JSON(isNew), "images": JSON(images),
          "classes": JSON(dataset.classes),
        ], warnings: dataset.warnings,
        text: """
          \(isNew == 0 ? "everything was there" : "\(isNew) of \(placed.count) files are new") in \(out): \
          \(Text.grouped(images)) images of \(dataset.classes.count) classes
          next: nunchi train \(quoted(out))
          """)
    }
  }
}

/// Shows the progress of a download on standard error.
private final class TransferProgress {
  private let line = ProgressLine()
  private var began: (file: String, bytes: Int, seconds: Double)?

  func clear() { line.clear() }

  func observe(_ event: Fetcher.Event) {
    switch event {
    case .receiving(let file, let bytes, let total): draw(file, bytes, total)
    case .unpacking(let done, let total): line.show("unpacking \(done) of \(total)")
    case .mirrorFailed(let reason): say("note: \(reason); trying the next address")
    case .placed(let file): say(file.name + (file.wasThere ? " is there" : " downloaded"))
    }
  }

  private func say(_ text: String) {
    line.clear()
    Console.note(text)
  }

  private func draw(_ file: String, _ bytes: Int, _ total: Int?) {
    let now = monotonicSeconds()
    if began?.file != file || bytes < began!.bytes { began = (file, bytes, now) }
    let (first, seconds) = (began!.bytes, now - began!.seconds)
    let rate = seconds > 0.2 ? Double(bytes - first) / seconds : 0
    var text = "\(file)  \(Text.bytes(bytes))"
    if let total { text += " of \(Text.bytes(total)), \(bytes * 100 / max(total, 1)) %" }
    if rate > 0 {
      text += "  \(Text.bytes(Int(rate)))/s"
      if let total { text += "  \(Text.duration(Double(total - bytes) / rate)) left" }
    }
    line.show(text)
  }
}
