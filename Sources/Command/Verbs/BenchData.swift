import NunchiArguments
import NunchiBenchmarks
import NunchiDatasets
import NunchiEngine
import NunchiImages

extension Bench {
  /// `nunchi bench data`
  struct DataVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "data", abstract: "Time reading, decoding, resizing and augmenting the pictures of a data set",
      example: "nunchi bench data photos --size 224 --augment light --threads 2",
      discussion: """
        All pictures of all splits go through the loader that training uses, in batches of 32 that nobody looks at. The
        first pass is not timed: behind it the files lie in the system's cache. Nothing is kept decoded, unless --cached
        asks for what training does from its second epoch on.

        Below stands what one picture costs on one thread, stage by stage, and at which scale JPEG files are decoded.
        """)
    @Argument(help: ArgumentHelp("a data set", valueName: "FOLDER")) var folder: String
    @Option(help: ArgumentHelp("side of the model's input", valueName: "PIXELS")) var size = 224
    @Option(help: "how a picture becomes square") var resize = ResizeRule.squash
    @OptionGroup var changes: AugmentationOption
    @Option(help: "threads that read (default: every core that this process may use)") var threads: Int?
    @Option(help: "passes to time (default: what fits about 2 seconds, at least 2)") var passes: Int?
    @Flag(help: "keep decoded pictures, in memory or in the cache folder") var cached = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
      try validateThreads(threads)
      if !(1...65536).contains(size) { throw ValidationError("--size expects 1 to 65536, found \(size)") }
      if let passes, !(1...1_000_000).contains(passes) {
        throw ValidationError("--passes expects 1 to 1000000, found \(passes)")
      }
    }

    mutating func run() throws {
      let benchmark = try DataBenchmark(
        dataset: Dataset.open(path: folder, fractions: SplitFractions(validation: 0, test: 0)),
        preprocessing: Preprocessing(width: size, height: size, rule: resize), augmentation: changes.augmentation,
        threads: threads ?? WorkerPool.cores, passes: passes, cache: PixelCache(cached ? .standard : .none))
      let page = DataBenchmarkPage(benchmark, try benchmark.run(), augment: changes.augment)
      output.write("bench data", page.document, warnings: page.warnings, text: page.text)
    }
  }
}
