import NunchiArguments
import NunchiBenchmarks
import NunchiDocuments
import NunchiEngine
import NunchiModels

/// `nunchi bench`: speed.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the speed of training, inference and reading pictures",
    example: "nunchi bench train --model vgg6 --batch 32",
    subcommands: [Train.self, Infer.self, ProblemVerb.self, DataVerb.self])

  /// `nunchi bench train`
  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "train", abstract: "Time a training step: forward, cross-entropy, backward, Adam",
      example: "nunchi bench train --model vgg6 --batch 32", discussion: BenchOptions.discussion)
    @OptionGroup var options: BenchOptions
    @OptionGroup var output: OutputOptions

    mutating func run() throws { try options.run(.train, output) }
  }

  /// `nunchi bench infer`
  struct Infer: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "infer", abstract: "Time inference", example: "nunchi bench infer --model resnet18 --batch 1",
      discussion: BenchOptions.discussion)
    @OptionGroup var options: BenchOptions
    @OptionGroup var output: OutputOptions

    mutating func run() throws { try options.run(.infer, output) }
  }
}

extension Bench {
  /// `nunchi bench problem`
  struct ProblemVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "problem", abstract: "Time single layers: forward, gradient of the input, gradient of the weights",
      example: "nunchi bench problem \"conv mb37 ic24 oc40 ih160 kh3 s1 p1 f32\"",
      discussion: """
        A problem is what plans call a step's work (bench train --explain prints them):

          conv mb37 ic24 oc40 ih160 kh3 s1 p1 f32    images, channels in and out, height, kernel, stride, padding;
                                                     also iw and kw (width), d (dilation), g (groups)
          gemm m100 n512 k6272 f32                   rows, outputs and inputs of a dense layer

        conv-dx and conv-dw stand for one gradient of a convolution, a gemm with ta for a dense layer's weight gradient.

        Each direction is a plan of its own, as in training: preparing the weights is a part of it. It is first compared
        with the reference executor, on fewer and smaller images where the problem is large. Its time is the median of
        the rounds, its limit that of bench --explain. Winograd's algorithm needs fewer products than are counted, and
        small problems stay in a cache: both can pass 100 %.
        """)
    @Argument(help: ArgumentHelp("such as \"gemm m100 n512 k6272 f32\"", valueName: "PROBLEM")) var texts: [String]
    @Option(help: "rounds to time (default: what fits about half a second a direction, at least 8)") var steps: Int?
    @OptionGroup var engine: EngineOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if let steps, !(1...1_000_000).contains(steps) {
        throw ValidationError("--steps expects 1 to 1000000, found \(steps)")
      }
      do {
        _ = try texts.map(LayerProblem.init(parsing:))
      } catch {
        throw ValidationError("\(error)")
      }
    }

    mutating func run() throws {
      let benchmark = try ProblemBenchmark(
        rounds: steps, pool: WorkerPool(threads: engine.threadCount), options: engine.plan)
      let page = ProblemPage(benchmark, try texts.map { try benchmark.run(LayerProblem(parsing: $0)) })
      output.write("bench problem", page.document, text: page.text)
    }
  }
}

/// The number format of a plan.
enum Precision: String, CaseIterable, ExpressibleByArgument {
  case float32

  static var expectation: String { "float32, the only one there is" }
}

/// The options of both benchmarks.
struct BenchOptions: ParsableArguments {
  static let discussion = """
    Images are random and lie in memory. The plan is first compared with the reference executor; then two steps warm
    up, and the median of the others counts. The share of the peak is relative to a large matrix product or
    convolution by the same program on the same threads, measured in the same run, whichever is faster.

    With --explain each step of the plan runs by itself, several rounds, and its best time counts. Its limit is the
    time that its products take at that peak, or its arrays, each once, at the bandwidth that a sum of two long arrays
    reaches, whichever is longer; a step above 100 % of it found its arrays in a cache. Below stand the sum, and what
    the same steps take in one run. Preparing the weights is part of a step in training only.
    """

  @Option(help: "a preset's name; see nunchi model list") var model = "vgg6"
  @Option(name: [.short, .long], help: "images a step") var batch = 32
  @Option(help: "what numbers are stored as") var precision = Precision.float32
  @Option(help: "steps or rounds to time (default: what fits about 4 seconds, at least 8)") var steps: Int?
  @OptionGroup var engine: EngineOptions
  @OptionGroup var tuning: TuningOptions
  @Flag(inversion: .prefixedNo, help: "run steps together on a few images at a time where that is faster")
  var chains = true
  @Flag(help: "time each step of the plan, and compare it with what the machine can do") var explain = false

  func validate() throws {
    if !(1...65536).contains(batch) { throw ValidationError("--batch expects 1 to 65536, found \(batch)") }
    if let steps, !(1...1_000_000).contains(steps) {
      throw ValidationError("--steps expects 1 to 1000000, found \(steps)")
    }
  }

  func run(_ kind: Benchmark.Kind, _ output: OutputOptions) throws {
    let preset = try ModelPreset.named(model)
    var plan = engine.plan
    if !chains { plan.chains = .never }
    let benchmark = Benchmark(
      kind: kind, preset: preset, batch: batch, steps: steps, pool: WorkerPool(threads: engine.threadCount),
      options: plan, tuning: tuning.seconds)
    if explain {
      let page = ExplanationPage(benchmark, try Explanation(benchmark))
      return output.write("bench \(kind)", page.document, text: page.text)
    }
    let page = BenchmarkPage(benchmark, try benchmark.run())
    output.write("bench \(kind)", page.document, text: page.text)
  }
}
