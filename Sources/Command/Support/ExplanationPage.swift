import NunchiBenchmarks
import NunchiDocuments
import NunchiEngine

/// The output of `nunchi bench --explain`.
struct ExplanationPage {
  private let benchmark: Benchmark
  private let explanation: Explanation
  /// The total time of the steps that run every time.
  private let sum: Double
  private let whole: Double

  init(_ benchmark: Benchmark, _ explanation: Explanation) {
    self.benchmark = benchmark
    self.explanation = explanation
    sum = explanation.times.reduce(0) { explanation.recurs($1, benchmark.kind) ? $0 + $1.seconds : $0 }
    whole = explanation.seconds.min() ?? 0
  }

  var document: JSON {
    [
      "mode": JSON(benchmark.kind.rawValue), "model": JSON(benchmark.preset.name), "batch": JSON(benchmark.batch),
      "precision": "float32", "threads": JSON(benchmark.pool.threads),
      "isa": JSON(benchmark.options.kernels.description), "winograd": JSON(benchmark.options.winograd),
      "rounds": JSON(explanation.seconds.count),
      "seconds_per_step": JSON(whole), "seconds_of_steps": JSON(sum),
      "peak_gflops": JSON(2e-9 * explanation.peak), "bandwidth_gb_per_second": JSON(1e-9 * explanation.bandwidth),
      "checked": explanation.check.document,
      "steps": .array(explanation.times.map(document)),
    ]
  }

  private func document(_ time: StepTime) -> JSON {
    [
      "part": JSON(time.step.part.rawValue), "name": JSON(time.step.name), "problem": JSON(time.step.problem),
      "tasks": JSON(time.step.tasks), "multiply_adds": JSON(time.step.multiplyAdds), "bytes": JSON(time.step.bytes),
      "seconds": JSON(time.seconds), "share": JSON(share(time)), "gflops": JSON(gigaflops(time)),
      "gb_per_second": JSON(gigabytes(time)), "share_of_limit": JSON(explanation.shareOfLimit(time)),
    ]
  }

  private func gigaflops(_ time: StepTime) -> Double { 2e-9 * Double(time.step.multiplyAdds) / time.seconds }
  private func gigabytes(_ time: StepTime) -> Double { 1e-9 * Double(time.step.bytes) / time.seconds }
  /// The share of the total; nil where the step does not run every time.
  private func share(_ time: StepTime) -> Double? {
    explanation.recurs(time, benchmark.kind) ? time.seconds / sum : nil
  }

  var text: String {
    let verb = benchmark.kind == .train ? "training" : "inference"
    let arithmetic = Text.fixed(2e-9 * explanation.peak, 1)
    return """
      \(verb) of \(benchmark.preset.name), batch \(benchmark.batch), float32, \(benchmark.pool.threads) thread(s), \
      \(benchmark.options.kernels), best of \(explanation.seconds.count) rounds
      limits: \(arithmetic) GFLOP/s, \(Text.fixed(1e-9 * explanation.bandwidth, 1)) GB/s
      \(table)
      the whole in one run: \(Text.fixed(1000 * whole, 3)) ms
      """
  }

  private var table: String {
    var table = TextTable(
      header: ["ms", "share", "GFLOP/s", "GB/s", "% of limit", "tasks", "step", "problem"], textColumns: [6, 7])
    for time in explanation.times { table.append(row(time)) }
    table.append([Text.fixed(1000 * sum, 3), "100.0 %", "", "", "", "", "sum"])
    return table.text
  }

  private func row(_ time: StepTime) -> [String] {
    let parts = [.preparation: "prepare ", .main: "", .update: "update "] as [StepCost.Part: String]
    return [
      Text.fixed(1000 * time.seconds, 3), share(time).map { Text.fixed(100 * $0, 1) + " %" } ?? "once",
      time.step.multiplyAdds > 0 ? Text.fixed(gigaflops(time), 1) : "", Text.fixed(gigabytes(time), 1),
      Text.fixed(100 * explanation.shareOfLimit(time), 0), String(time.step.tasks),
      parts[time.step.part]! + time.step.name, time.step.problem,
    ]
  }
}
