import NunchiBenchmarks
import NunchiDocuments
import NunchiEngine

/// The output of `nunchi bench problem`.
struct ProblemPage {
  private let benchmark: ProblemBenchmark
  private let results: [ProblemBenchmark.Result]

  init(_ benchmark: ProblemBenchmark, _ results: [ProblemBenchmark.Result]) {
    (self.benchmark, self.results) = (benchmark, results)
  }

  var document: JSON {
    [
      "precision": "float32", "threads": JSON(benchmark.pool.threads),
      "isa": JSON(benchmark.options.kernels.description), "peak_gflops": JSON(2e-9 * benchmark.peak),
      "bandwidth_gb_per_second": JSON(1e-9 * benchmark.bandwidth), "problems": .array(results.map(document)),
    ]
  }

  private func document(_ result: ProblemBenchmark.Result) -> JSON {
    [
      "problem": JSON(result.problem.description), "multiply_adds": JSON(result.problem.multiplyAdds),
      "bytes": JSON(result.problem.bytes),
      "checked": ["what": JSON(result.checked), "worst_relative_error": JSON(result.worst)],
      "directions": .array(result.timings.map { document($0, result.problem) }),
    ]
  }

  private func document(_ timing: ProblemBenchmark.Timing, _ problem: LayerProblem) -> JSON {
    [
      "direction": JSON(timing.direction.rawValue), "rounds": JSON(timing.seconds.count),
      "seconds": JSON(timing.median), "seconds_best": JSON(timing.best),
      "gflops": JSON(gigaflops(problem, timing.median)), "gb_per_second": JSON(gigabytes(problem, timing.median)),
      "share_of_limit": JSON(benchmark.shareOfLimit(problem, timing.median)),
      "steps": .array(
        timing.steps.map {
          [
            "part": JSON($0.step.part.rawValue), "name": JSON($0.step.name), "problem": JSON($0.step.problem),
            "tasks": JSON($0.step.tasks), "seconds_best": JSON($0.seconds),
          ]
        }),
    ]
  }

  private func gigaflops(_ problem: LayerProblem, _ seconds: Double) -> Double {
    2e-9 * Double(problem.multiplyAdds) / seconds
  }

  private func gigabytes(_ problem: LayerProblem, _ seconds: Double) -> Double {
    1e-9 * Double(problem.bytes) / seconds
  }

  var text: String {
    let arithmetic = Text.fixed(2e-9 * benchmark.peak, 1)
    let head = """
      float32, \(benchmark.pool.threads) thread(s), \(benchmark.options.kernels)
      limits: \(arithmetic) GFLOP/s, \(Text.fixed(1e-9 * benchmark.bandwidth, 1)) GB/s
      """
    return ([head] + results.map(text)).joined(separator: "\n\n")
  }

  private func text(_ result: ProblemBenchmark.Result) -> String {
    var table = TextTable(
      header: ["ms", "GFLOP/s", "GB/s", "% of limit", "rounds", "direction", "best ms of its steps"],
      textColumns: [5, 6])
    for timing in result.timings { table.append(row(timing, result.problem)) }
    return """
      \(result.problem)
      \(table.text)
      checked: \(result.checked); worst relative error \(Text.scientific(result.worst))
      """
  }

  private func row(_ timing: ProblemBenchmark.Timing, _ problem: LayerProblem) -> [String] {
    let steps = timing.steps.map { "\($0.step.name) \(Text.fixed(1000 * $0.seconds, 3))" }
    return [
      Text.fixed(1000 * timing.median, 3), Text.fixed(gigaflops(problem, timing.median), 1),
      Text.fixed(gigabytes(problem, timing.median), 1),
      Text.fixed(100 * benchmark.shareOfLimit(problem, timing.median), 0), String(timing.seconds.count),
      timing.direction.rawValue.split(separator: "_").joined(separator: " "), steps.joined(separator: ", "),
    ]
  }
}
