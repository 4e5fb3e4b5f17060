import NunchiDatasets
import NunchiEngine
import NunchiModelFiles

/// How fast a classifier answers images that are in memory at its input size.
package struct AnswerTiming: Hashable, Sendable {
  /// The images in a batch.
  package let batch: Int
  package let imagesPerSecond: Double
  /// The times of single images, rising.
  private let milliseconds: [Double]

  package var singles: Int { milliseconds.count }

  /// A percentile of the times of single images, in milliseconds; `share` is 0.5 for the median.
  package func percentile(_ share: Double) -> Double {
    let place = Int((share * Double(milliseconds.count)).rounded(.up)) - 1
    return milliseconds[min(max(place, 0), milliseconds.count - 1)]
  }

  init(batch: Int, imagesPerSecond: Double, milliseconds: [Double]) {
    precondition(!milliseconds.isEmpty, "a timing has at least one picture")
    (self.batch, self.imagesPerSecond, self.milliseconds) = (batch, imagesPerSecond, milliseconds.sorted())
  }
}

extension AnswerTiming {
  /// Measures batches, then single images, each for about `seconds` after one warm-up run. Uses the first images of a
  /// split.
  package init(
    _ model: LoadedModel, _ dataset: Dataset, _ split: Split, pool: WorkerPool, batch: Int = 32, seconds: Double = 1
  ) throws {
    let loader = BatchLoader(
      dataset: dataset, split: split, preprocessing: model.preprocessing, batchSize: batch, threads: 0,
      cache: PixelCache(.none))
    struct Enough: Error {}
    var pixels: [UInt8] = []
    do {
      try loader.epoch(0) { images in
        pixels += images.images[..<(images.count * model.preprocessing.byteCount)]
        throw Enough()
      }
    } catch is Enough {}
    let count = pixels.count / model.preprocessing.byteCount
    guard count > 0 else { throw EvaluationSetupError.emptySplit(split, path: dataset.path) }
    let whole = try Classifier(model, pool: pool, batch: count)
    let batches = Self.times(seconds) { _ in _ = pixels.withUnsafeBufferPointer { whole.probabilities($0) } }
    let single = try Classifier(model, pool: pool, batch: 1)
    let size = model.preprocessing.byteCount
    let singles = Self.times(seconds) { round in
      let start = round % count * size
      pixels.withUnsafeBufferPointer {
        _ = single.probabilities(UnsafeBufferPointer(rebasing: $0[start..<start + size]))
      }
    }
    self.init(
      batch: count, imagesPerSecond: Double(count * batches.count) / max(batches.reduce(0, +), 1e-9),
      milliseconds: singles.map { $0 * 1000 })
  }

  /// The time of each call, in seconds: as many calls as fit into `seconds`, at least one.
  private static func times(_ seconds: Double, _ body: (Int) -> Void) -> [Double] {
    body(0)
    var (times, total): ([Double], Double) = ([], 0)
    repeat {
      let time = ContinuousClock().measure { body(times.count) } / .seconds(1)
      times.append(time)
      total += time
    } while total < seconds
    return times
  }
}
