import NunchiBenchmarks
import NunchiDocuments
import NunchiSystem
import NunchiTensors

/// The output of a benchmark.
struct BenchmarkPage {
  private let benchmark: Benchmark
  private let result: Benchmark.Result
  private let peakMemory = ProcessMemory.peakMebibytes

  init(_ benchmark: Benchmark, _ result: Benchmark.Result) { (self.benchmark, self.result) = (benchmark, result) }

  private var imagesPerSecond: Double { Double(benchmark.batch) / result.median }
  /// The multiply-adds per second.
  private var rate: Double { Double(result.multiplyAdds) / result.median }
  private var share: Double { rate / result.peak }
  private var gigaflops: Double { 2e-9 * rate }
  private var peakGigaflops: Double { 2e-9 * result.peak }

  var document: JSON {
    var members: [JSON.Member] = [
      .init("mode", JSON(benchmark.kind.rawValue)), .init("model", JSON(benchmark.preset.name)),
      .init("batch", JSON(benchmark.batch)), .init("precision", "float32"),
      .init("threads", JSON(benchmark.pool.threads)), .init("isa", JSON(benchmark.options.kernels.description)),
      .init("winograd", JSON(benchmark.options.winograd)),
      .init("steps", JSON(result.seconds.count)), .init("seconds_per_step", JSON(result.median)),
      .init("seconds_per_step_best", JSON(result.seconds.min() ?? result.median)),
      .init("images_per_second", JSON(imagesPerSecond)), .init("gflops", JSON(gigaflops)),
      .init("peak_gflops", JSON(peakGigaflops)), .init("share_of_peak", JSON(share)),
      .init("peak_rss_mib", JSON((peakMemory * 10).rounded() / 10)),
      .init("checked", result.check.document),
    ]
    if let before = result.lossBefore, let after = result.lossAfter {
      members += [.init("loss_before", JSON(before)), .init("loss_after", JSON(after))]
    }
    return .object(.init(members))
  }

  var text: String {
    let verb = benchmark.kind == .train ? "training" : "inference"
    var lines = [
      "\(verb) of \(benchmark.preset.name), batch \(benchmark.batch), float32, \(benchmark.pool.threads) thread(s), "
        + "\(benchmark.options.kernels)",
      "  images a second  \(Text.fixed(imagesPerSecond, 1))",
      "  a step           \(Text.fixed(result.median * 1000, 3)) ms (median of \(result.seconds.count))",
      "  arithmetic       \(Text.fixed(gigaflops, 1)) GFLOP/s, \(Text.fixed(share * 100, 0)) % of the "
        + "\(Text.fixed(peakGigaflops, 1)) that large layers reach here",
      "  peak memory      \(Text.fixed(peakMemory, 0)) MiB",
    ]
    if let before = result.lossBefore, let after = result.lossAfter {
      lines.append("  loss             \(Text.fixed(Double(before), 4)) before, \(Text.fixed(Double(after), 4)) after")
    }
    let errors = [result.check.worst, result.check.winograd].compactMap(\.self).map(Text.scientific)
    lines.append(
      "  checked          \(result.check.description): worst relative error \(errors.joined(separator: "; "))")
    return lines.joined(separator: "\n")
  }
}
