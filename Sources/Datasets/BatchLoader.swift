import NunchiImages
import NunchiSystem
import NunchiTensors

/// Some images of a split as the model sees them. Valid while the closure runs that received it.
package struct Batch {
  /// Its number in the epoch, counted from 0; batches without a readable image are counted too.
  package let number: Int
  /// `[count, height, width, channels]`. The memory behind has room for a whole batch.
  package var images: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(pixels) }
  /// The memory of `images`: the consumer may change it, nobody reads it afterwards.
  package let pixels: UnsafeMutableBufferPointer<UInt8>
  /// The class of each image.
  package let labels: UnsafeBufferPointer<Int32>
  /// The place of each image in `Dataset.items(split)`.
  package let items: UnsafeBufferPointer<Int>
  /// The images that are there: fewer than the batch size in the last batch, and where files are damaged.
  package var count: Int { labels.count }
}

/// Batches of one split, decoded and augmented by background threads ahead of the consumer.
///
/// The pixels and their order are a pure function of data set, settings, seed and epoch: the number of threads, the cache
/// and the epochs before do not show. A damaged file is left out of its batch, named once in `skipped`, and stops nothing.
package final class BatchLoader {
  package let dataset: Dataset
  package let split: Split
  package let preprocessing: Preprocessing
  package let batchSize: Int
  package let cache: PixelCache
  private let seed: UInt64
  private let threads: Int
  private let sampling: Sampling
  private let source: PixelSource
  private let ring: BatchRing

  /// Batches that may be ready or in work at once, the consumer's included.
  package static let depth = 4

  /// - Parameters:
  ///   - threads: background threads; with 0 the consumer's thread does the work.
  ///   - sampling: which images an epoch holds, and in which order.
  ///   - cache: where decoded images are kept; shared with every loader that is given the same one.
  package convenience init(
    dataset: Dataset, split: Split, preprocessing: Preprocessing, augmentation: Augmentation = .none, batchSize: Int,
    seed: UInt64 = 0, threads: Int = 2, sampling: Sampling = .inOrder, cache: PixelCache = PixelCache()
  ) {
    self.init(
      dataset: dataset, split: split, preprocessing: preprocessing, augmentation: augmentation, batchSize: batchSize,
      seed: seed, threads: threads, sampling: sampling, cache: cache, reader: nil)
  }

  /// - Parameter reader: sees the bytes of each file that is decoded.
  package init(
    dataset: Dataset, split: Split, preprocessing: Preprocessing, augmentation: Augmentation, batchSize: Int,
    seed: UInt64, threads: Int, sampling: Sampling, cache: PixelCache, reader: (any FileReader)?
  ) {
    precondition(batchSize > 0, "a batch has at least one image, got \(batchSize)")
    precondition(threads >= 0, "a number of threads is not negative, got \(threads)")
    self.dataset = dataset
    self.split = split
    self.preprocessing = preprocessing
    self.batchSize = batchSize
    self.seed = seed
    self.sampling = sampling
    self.cache = cache
    source = PixelSource(
      items: dataset.items(split), preprocessing: preprocessing, augmentation: augmentation, seed: seed,
      storage: cache.storage(dataset, split, preprocessing), reader: reader)
    self.threads = source.onlyCopies ? 0 : threads
    ring = BatchRing(source: source, batchSize: batchSize, depth: self.threads == 0 ? 1 : Self.depth)
  }

  /// Batches an epoch, when no file is damaged.
  package var batchCount: Int { dataset.items(split).count.dividedRoundingUp(by: batchSize) }

  /// Damaged files met so far, each once, by path.
  package var skipped: [SkippedFile] { source.storage.skipped }

  /// Where the decoded images of the split are kept.
  package var cachePlace: PixelCache.Place { source.storage.place }

  /// The order of the items in an epoch.
  package func order(epoch: Int) -> [Sample] {
    sampling.order(labels: dataset.items(split).map(\.label), seed: seed, name: split.rawValue, epoch: epoch)
  }

  /// Calls `body` with one batch after another, as many images as the split has; a batch without any readable image is left
  /// out. Returns the number of images. Not to be called again before it returns.
  ///
  /// - Parameter done: batches of the epoch that are not wanted again, where a training goes on inside an epoch.
  @discardableResult
  package func epoch(_ epoch: Int, after done: Int = 0, _ body: (borrowing Batch) throws -> Void) rethrows -> Int {
    try run(Array(order(epoch: epoch).dropFirst(done * batchSize)), epoch, first: done, body)
  }

  /// Calls `body` with every image once, in the data set's own order and without augmentation; what it decodes stays in the
  /// cache for the epochs.
  @discardableResult
  package func unchanged(_ body: (borrowing Batch) throws -> Void) rethrows -> Int {
    try run(dataset.items(split).indices.map { Sample(item: $0) }, nil, first: 0, body)
  }

  /// - Parameter first: the number of the first batch.
  private func run(
    _ order: [Sample], _ epoch: Int?, first: Int, _ body: (borrowing Batch) throws -> Void
  ) rethrows -> Int {
    ring.begin(order: order, epoch: epoch)
    let ring = ring
    let workers = Threads(threads) { _ in ring.work() }
    defer {
      ring.stop()
      workers.join()
    }
    var images = 0
    for batch in 0..<order.count.dividedRoundingUp(by: batchSize) {
      if workers.count == 0 { ring.fill(batch) }
      let ready = ring.wait(for: batch, number: first + batch)
      images += ready.count
      if ready.count > 0 { try body(ready) }
      ring.release(batch)
    }
    return images
  }
}
