import NunchiBenchmarks
import NunchiDocuments
import NunchiSystem
import NunchiTensors

/// The output of `nunchi bench data`.
struct DataBenchmarkPage {
  private let benchmark: DataBenchmark
  private let result: DataBenchmark.Result
  private let augment: String
  private let peakMemory = ProcessMemory.peakMebibytes

  init(_ benchmark: DataBenchmark, _ result: DataBenchmark.Result, augment: String) {
    (self.benchmark, self.result, self.augment) = (benchmark, result, augment)
  }

  var warnings: [String] {
    var warnings = benchmark.cache.warnings
    let bad = benchmark.dataset.skipped + result.skipped
    if let first = bad.first {
      warnings.append("\(bad.count) files were left out, first \(first.path): \(first.reason)")
    }
    return warnings
  }

  private var milliseconds: [(name: String, value: Double)] {
    let stages = result.stages
    return [
      ("read", stages.read), ("decode", stages.decode), ("resize", stages.resize), ("augment", stages.augment),
    ].map { ($0.0, $0.1 * 1000) }
  }

  var document: JSON {
    [
      "folder": JSON(benchmark.dataset.path), "images": JSON(result.images), "passes": JSON(result.passes),
      "images_per_second": JSON(result.imagesPerSecond), "threads": JSON(benchmark.threads),
      "size": JSON(benchmark.preprocessing.width), "resize": JSON(benchmark.preprocessing.rule.rawValue),
      "augment": JSON(augment), "cache": JSON(result.place.rawValue),
      "decode_scale": .object(.init(result.scales.map { .init(String($0.denominator), JSON($0.files)) })),
      "milliseconds": .object(.init(milliseconds.map { .init($0.name, JSON($0.value)) })),
      "peak_rss_mib": JSON((peakMemory * 10).rounded() / 10),
    ]
  }

  var text: String {
    let stages = milliseconds.map { "\($0.name) \(Text.fixed($0.value, 3))" }.joined(separator: ", ")
    let scales = result.scales.filter { $0.files > 0 }.map { "\($0.files) at 1/\($0.denominator)" }
    let kept = result.place == .none ? "nothing kept" : "decoded pictures kept (\(result.place.rawValue))"
    return [
      "\(benchmark.dataset.path): \(result.images) pictures to \(benchmark.preprocessing.width) pixels, augment \(augment), "
        + "\(benchmark.threads) thread(s), \(kept)",
      "  images a second  \(Text.fixed(result.imagesPerSecond, 1)) (\(result.passes) passes)",
      "  one picture      \(stages) ms",
      "  files decoded    \(scales.isEmpty ? "none" : scales.joined(separator: ", "))",
      "  peak memory      \(Text.fixed(peakMemory, 0)) MiB",
    ].joined(separator: "\n")
  }
}
