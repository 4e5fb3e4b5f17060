import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiImages
import NunchiSystem

/// `nunchi augment apply`
struct AugmentApply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Write a data set with changed copies of its training pictures",
    example: "nunchi augment apply photos --out more --copies 5",
    discussion: """
      Training draws new changes in every epoch by itself; this is for looking at them and for other programs. DIR gets all
      splits with the originals as they are, so that no copy of a training picture is ever held back. Copies are JPEG where
      the original is, otherwise PNG.
      """)
  @Argument(help: "folder with pictures") var folder: String
  @Option(help: ArgumentHelp("a new or empty folder to write to", valueName: "DIR")) var out: String
  @Option(help: "changed copies of each training picture") var copies = 5
  @OptionGroup var changes: AugmentationOption
  @Option(help: "of everything random, also of what is held back") var seed: UInt64 = 0
  @Option(help: ArgumentHelp("side of the copies, cropped (default: the originals')", valueName: "PIXELS"))
  var size: Int?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...1000).contains(copies) { throw ValidationError("--copies expects 1 to 1000, found \(copies)") }
    if let size, !(1...16384).contains(size) { throw ValidationError("--size expects 1 to 16384, found \(size)") }
  }

  mutating func run() throws {
    let augmentation = changes.augmentation
    let dataset = try Dataset.open(path: folder, seed: seed)
    let summary = try Expansion(augmentation, copies: copies, seed: seed, size: size).write(
      dataset, to: out, threads: WorkerPool.cores)
    let originals = Split.allCases.map { ($0, summary.originals[$0, default: 0]) }
    let warnings =
      dataset.warnings + summary.skipped.map { "\($0.path) is left out: \($0.reason)" }
    output.write(
      "augment apply",
      [
        "path": JSON(out), "augment": JSON(augmentation.description), "copies": JSON(summary.copies),
        "originals": .object(.init(originals.map { .init($0.0.rawValue, JSON($0.1)) })), "seed": .seed(seed),
        "skipped": .array(summary.skipped.map { ["path": JSON($0.path), "reason": JSON($0.reason)] }),
      ], warnings: warnings,
      text: """
        \(summary.copies) copies in \(out), beside \(originals.map { "\($0.1) originals for \($0.0.purpose)" }.joined(separator: ", "))
        next: nunchi train \(quoted(out)) --augment none
        """)
  }
}
