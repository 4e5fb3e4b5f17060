import NunchiDatasets
import NunchiEngine
import NunchiImages
import NunchiTraining

/// Reads every picture of a data set once and ends with an error where one cannot be used.
struct StrictCheck {
  private let path: String
  private let settings: TrainingSettings
  private static let named = 5

  init(_ path: String, _ settings: TrainingSettings) { (self.path, self.settings) = (path, settings) }

  func run() throws {
    let dataset = try Dataset.open(path: path, seed: settings.seed, fractions: settings.fractions)
    var bad = dataset.skipped
    for split in Split.allCases where !dataset.items(split).isEmpty {
      let loader = BatchLoader(
        dataset: dataset, split: split, preprocessing: Preprocessing(width: 16, height: 16), batchSize: 64,
        threads: settings.threads ?? WorkerPool.cores, cache: PixelCache(.none))
      loader.epoch(0) { _ in }
      bad += loader.skipped
    }
    guard !bad.isEmpty else { return }
    let list = bad.prefix(Self.named).map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
    let more = bad.count > Self.named ? " and \(bad.count - Self.named) more" : ""
    throw Failure(
      .data, "bad_files", "\(path): expected only usable pictures, found \(bad.count) others: \(list)\(more)",
      hint: "repair or remove them, or leave --strict away", path: path)
  }
}
