import NunchiDocuments
import NunchiImages

/// Reads every picture of a data set once, and throws where one cannot be used.
package struct StrictCheck {
  private let dataset: Dataset
  private let threads: Int
  private static let named = 5

  /// - Parameter threads: that read.
  package init(_ dataset: Dataset, threads: Int) { (self.dataset, self.threads) = (dataset, threads) }

  package func run() throws(Problem) {
    var bad = dataset.skipped
    for split in Split.allCases where !dataset.items(split).isEmpty {
      let loader = BatchLoader(
        dataset: dataset, split: split, preprocessing: Preprocessing(width: 16, height: 16), batchSize: 64,
        threads: threads, cache: PixelCache(.none))
      loader.epoch(0) { _ in }
      bad += loader.skipped
    }
    guard !bad.isEmpty else { return }
    let list = bad.prefix(Self.named).map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
    let more = bad.count > Self.named ? " and \(bad.count - Self.named) more" : ""
    throw Problem(
      .data, "bad_files", "\(dataset.path): expected only usable pictures, found \(bad.count) others: \(list)\(more)",
      hint: "repair or remove them, or leave --strict away", path: dataset.path)
  }
}
