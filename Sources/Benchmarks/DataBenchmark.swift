import NunchiDatasets
import NunchiDocuments
import NunchiImages
import NunchiSystem

/// Times the input pipeline: reading, decoding, resizing and augmenting images.
package struct DataBenchmark {
  package let dataset: Dataset
  package let preprocessing: Preprocessing
  package let augmentation: Augmentation
  package let threads: Int
  /// The passes to time; nil for as many as fit into `budget`.
  package let passes: Int?
  package let cache: PixelCache

  package init(
    dataset: Dataset, preprocessing: Preprocessing, augmentation: Augmentation, threads: Int, passes: Int?,
    cache: PixelCache
  ) {
    (self.dataset, self.preprocessing, self.augmentation) = (dataset, preprocessing, augmentation)
    (self.threads, self.passes, self.cache) = (threads, passes, cache)
  }

  private static let batch = 32
  private static let fewestPasses = 2
  private static let mostPasses = 1000
  /// The seconds of a benchmark.
  private static let budget = 2.0
  /// The images that the stages are timed on.
  private static let sample = 64

  package struct Result {
    /// The images of one pass.
    package fileprivate(set) var images = 0
    package fileprivate(set) var passes = 0
    package fileprivate(set) var seconds = 0.0
    package fileprivate(set) var skipped: [SkippedFile] = []
    package fileprivate(set) var place = PixelCache.Place.none
    package fileprivate(set) var stages = Stages()
    /// How many files are decoded at 1/1, 1/2, 1/4 and 1/8 of their size.
    package fileprivate(set) var scales: [(denominator: Int, files: Int)] = []

    package var imagesPerSecond: Double { Double(images * passes) / seconds }
  }

  /// The seconds of each stage, for one image on one thread.
  package struct Stages {
    package fileprivate(set) var read = 0.0
    package fileprivate(set) var decode = 0.0
    package fileprivate(set) var resize = 0.0
    package fileprivate(set) var augment = 0.0
  }

  package func run() throws -> Result {
    let loaders = Split.allCases.filter { !dataset.items($0).isEmpty }.map { split in
      BatchLoader(
        dataset: dataset, split: split, preprocessing: preprocessing, augmentation: augmentation,
        batchSize: Self.batch, threads: threads, sampling: split == .train ? .shuffled : .inOrder, cache: cache)
    }
    var result = Result()
    result.images = loaders.reduce(0) { $0 + $1.epoch(0) { _ in } }
    guard result.images > 0 else {
      throw Problem(
        .data, "no_images", "\(dataset.path): expected pictures that can be read, found none", path: dataset.path)
    }
    while isNotEnough(result) {
      let start = monotonicSeconds()
      result.passes += 1
      for loader in loaders { loader.epoch(result.passes) { _ in } }
      result.seconds += monotonicSeconds() - start
    }
    result.skipped = loaders.flatMap(\.skipped)
    result.place = loaders.map(\.cachePlace).first { $0 != .none } ?? .none
    (result.stages, result.scales) = files()
    return result
  }

  private func isNotEnough(_ result: Result) -> Bool {
    if let passes { return result.passes < passes }
    return result.passes < Self.fewestPasses || (result.seconds < Self.budget && result.passes < Self.mostPasses)
  }

  /// Reads each file once more on this thread, for its decoding scale. The first ones are also timed by stage.
  private func files() -> (Stages, [(denominator: Int, files: Int)]) {
    let decoder = ImageDecoder()
    let items = Split.allCases.flatMap { dataset.items($0) }
    let step = max(items.count / Self.sample, 1)
    var stages = Stages()
    var timed = 0
    var counts = [Int: Int]()
    for (index, item) in items.enumerated() {
      let start = monotonicSeconds()
      guard let bytes = try? dataset.fileBytes(item), let header = try? decoder.header(of: bytes) else { continue }
      counts[decoder.scale(of: header, for: preprocessing).denominator, default: 0] += 1
      let read = monotonicSeconds()
      guard index % step == 0, let image = try? decoder.decode(bytes, for: preprocessing) else { continue }
      stages.read += read - start
      timed += 1
      time(image, decodedFrom: read, &stages)
    }
    return (
      stages.divided(by: Double(max(timed, 1))),
      DecodingScale.allCases.map { ($0.denominator, counts[$0.denominator] ?? 0) }
    )
  }

  private func time(_ image: Image, decodedFrom start: Double, _ stages: inout Stages) {
    let decoded = monotonicSeconds()
    let small = preprocessing.apply(to: image)
    let resized = monotonicSeconds()
    let shape = PictureShape(width: small.width, height: small.height, channels: small.channels)
    let changed =
      augmentation.isNone ? small : augmentation.draw(shape, seed: 0, identity: "", epoch: 0).apply(to: small)
    withExtendedLifetime(changed) { stages.augment += monotonicSeconds() - resized }
    stages.decode += decoded - start
    stages.resize += resized - decoded
  }
}

extension DataBenchmark.Stages {
  fileprivate func divided(by count: Double) -> Self {
    Self(read: read / count, decode: decode / count, resize: resize / count, augment: augment / count)
  }
}
