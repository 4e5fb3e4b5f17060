import NunchiDatasets
import NunchiImages
import NunchiSystem

/// Times what becomes of pictures before a network sees them.
struct DataBenchmark {
  let dataset: Dataset
  let preprocessing: Preprocessing
  let augmentation: Augmentation
  let threads: Int
  /// nil: as many as fit `budget`.
  let passes: Int?
  let cache: PixelCache

  private static let batch = 32
  private static let fewestPasses = 2
  private static let mostPasses = 1000
  /// Seconds.
  private static let budget = 2.0
  /// Pictures that the stages are timed on.
  private static let sample = 64

  struct Result {
    /// Of one pass.
    var images = 0
    var passes = 0
    var seconds = 0.0
    var skipped: [SkippedFile] = []
    var place = PixelCache.Place.none
    var stages = Stages()
    /// How many files are decoded at 1/1, 1/2, 1/4 and 1/8 of their size.
    var scales: [(denominator: Int, files: Int)] = []

    var imagesPerSecond: Double { Double(images * passes) / seconds }
  }

  /// Seconds of one picture on one thread.
  struct Stages {
    var read = 0.0
    var decode = 0.0
    var resize = 0.0
    var augment = 0.0
  }

  func run() throws -> Result {
    let loaders = Split.allCases.filter { !dataset.items($0).isEmpty }.map { split in
      BatchLoader(
        dataset: dataset, split: split, preprocessing: preprocessing, augmentation: augmentation,
        batchSize: Self.batch, threads: threads, sampling: split == .train ? .shuffled : .inOrder, cache: cache)
    }
    var result = Result()
    result.images = loaders.reduce(0) { $0 + $1.epoch(0) { _ in } }
    guard result.images > 0 else {
      throw Failure(
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

  /// Each file once more, on this thread: its scale, and the stages of some of them.
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
