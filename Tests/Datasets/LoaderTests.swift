import NunchiDatasets
import NunchiImages
import Testing

/// Against batches that depend on threads, cache or history, and against epochs that one bad file stops.
@Suite struct LoaderTests {
  private struct Taken: Equatable {
    var images: [[UInt8]] = []
    var labels: [[Int32]] = []
    var items: [[Int]] = []
  }

  private func take(_ loader: BatchLoader, epoch: Int) -> Taken {
    var taken = Taken()
    loader.epoch(epoch) { batch in
      taken.images.append(Array(batch.images))
      taken.labels.append(Array(batch.labels))
      taken.items.append(Array(batch.items))
    }
    return taken
  }

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.images((0..<23).map { "train/a/\($0).png" } + (0..<14).map { "train/b/\($0).png" })
    try folder.images(["val/a/1.png", "val/b/1.png", "test/a/1.png", "test/b/1.png"], shade: 90)
    return folder
  }

  private let small = Preprocessing(width: 8, height: 8)

  /// Nothing kept, everything, eleven images, and a file.
  @Test(arguments: [0, 1 << 30, 8 * 8 * 3 * 11, -1]) func sameBytesOnAnyNumberOfThreads(memoryBytes: Int) throws {
    let folder = try folder()
    let caches = try TemporaryFolder()
    let limits =
      memoryBytes >= 0
      ? PixelCache.Limits(memoryBytes: memoryBytes)
      : PixelCache.Limits(memoryBytes: 0, folder: caches.path + "/new", folderBytes: 1 << 20)
    try folder.write(Array(picture(1).encodedPNG().prefix(60)), "train/a/damaged.png")
    let dataset = try Dataset.open(path: folder.path)
    var expected: [Taken] = []
    for threads in [0, 1, 3, 8] {
      let loader = BatchLoader(
        dataset: dataset, split: .train, preprocessing: small, augmentation: .light, batchSize: 5, seed: 3,
        threads: threads, sampling: .shuffled, cache: PixelCache(limits))
      let taken = (0..<3).map { take(loader, epoch: $0) }
      #expect(loader.cachePlace == (memoryBytes < 0 ? .file : memoryBytes > 0 ? .memory : .none))
      #expect(loader.skipped.map(\.path) == ["train/a/damaged.png"])
      if expected.isEmpty { expected = taken }
      #expect(taken == expected, "\(threads) threads")
    }
    #expect(expected[0] != expected[1])
    // A loader that begins later, as after a resume, gives the same epoch.
    let fresh = BatchLoader(
      dataset: dataset, split: .train, preprocessing: small, augmentation: .light, batchSize: 5, seed: 3,
      sampling: .shuffled)
    #expect(take(fresh, epoch: 2) == expected[2])
  }

  @Test func everyImageOnceAndTheLastBatchPartial() throws {
    let folder = try folder()
    let dataset = try Dataset.open(path: folder.path)
    for shuffles in [false, true] {
      let loader = BatchLoader(
        dataset: dataset, split: .train, preprocessing: small, batchSize: 8, threads: 3,
        sampling: shuffles ? .shuffled : .inOrder)
      let taken = take(loader, epoch: 0)
      #expect(taken.items.map(\.count) == [8, 8, 8, 8, 5])
      #expect(loader.batchCount == 5)
      let order = taken.items.flatMap { $0 }
      #expect(order.sorted() == Array(0..<37))
      #expect((order == Array(0..<37)) != shuffles)
      for (batch, items) in taken.items.enumerated() {
        for (row, index) in items.enumerated() {
          let item = dataset.items(.train)[index]
          #expect(taken.labels[batch][row] == Int32(item.label))
          let image = try small.apply(to: dataset.load(item))
          #expect(Array(taken.images[batch][row * 192..<(row + 1) * 192]) == image.bytes)
        }
      }
    }
  }

  @Test func damagedFilesAreLeftOutAndNamedOnce() throws {
    let folder = try folder()
    try folder.write(Array(picture(1).encodedPNG().prefix(60)), "train/a/damaged.png")
    try folder.write([0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 40), "train/b/0.jpg")
    let dataset = try Dataset.open(path: folder.path)
    let loader = BatchLoader(dataset: dataset, split: .train, preprocessing: small, batchSize: 1, threads: 2)
    for epoch in 0..<3 {
      var counts: [Int] = []
      let images = loader.epoch(epoch) { counts.append($0.count) }
      #expect(images == 37)
      #expect(counts == [Int](repeating: 1, count: 37))
      #expect(loader.skipped.map(\.path) == ["train/a/damaged.png", "train/b/0.jpg"])
    }
    #expect(loader.skipped.allSatisfy { $0.reason.hasSuffix("replace or remove the file") })
  }

  @Test func aDamagedFileLeavesItsNeighboursInPlace() throws {
    let folder = try folder()
    try folder.write(Array(picture(1).encodedPNG().prefix(60)), "train/a/1.png")
    let dataset = try Dataset.open(path: folder.path)
    let loader = BatchLoader(dataset: dataset, split: .train, preprocessing: small, batchSize: 4, threads: 2)
    let taken = take(loader, epoch: 0)
    let bad = try #require(dataset.items(.train).firstIndex { $0.identity == "train/a/1.png" })
    #expect(taken.items.flatMap { $0 } == (0..<37).filter { $0 != bad })
    #expect(taken.images[0].count == 3 * 192)
  }

  @Test func anErrorOfTheConsumerEndsTheEpoch() throws {
    struct Stop: Error {}
    let folder = try folder()
    let dataset = try Dataset.open(path: folder.path)
    let loader = BatchLoader(dataset: dataset, split: .train, preprocessing: small, batchSize: 2, threads: 2)
    for _ in 0..<20 {
      var batches = 0
      #expect(throws: Stop.self) {
        try loader.epoch(0) { _ in
          batches += 1
          if batches == 3 { throw Stop() }
        }
      }
      #expect(batches == 3)
    }
    let images = loader.epoch(0) { _ in }
    #expect(images == 37)
  }

  @Test func imagesInMemoryAreCopiedOrScaled() throws {
    let pairs = (0..<10).map { (image: picture($0, width: 8, height: 8), label: $0 % 2) }
    let dataset = Dataset(classes: ["even", "odd"], train: pairs)
    let copies = take(
      BatchLoader(dataset: dataset, split: .train, preprocessing: small, batchSize: 4), epoch: 0)
    #expect(copies.images.flatMap { $0 } == pairs.flatMap(\.image.bytes))
    #expect(copies.labels == [[0, 1, 0, 1], [0, 1, 0, 1], [0, 1]])
    let gray = Preprocessing(width: 4, height: 6, channels: 1, rule: .squash)
    let scaled = take(BatchLoader(dataset: dataset, split: .train, preprocessing: gray, batchSize: 10), epoch: 0)
    #expect(scaled.images[0] == pairs.flatMap { gray.apply(to: $0.image).bytes })
  }

  @Test func anEmptySplitHasNoBatches() {
    let dataset = Dataset(classes: ["a", "b"], train: [(image: picture(1), label: 0)])
    let loader = BatchLoader(dataset: dataset, split: .test, preprocessing: small, batchSize: 4)
    #expect(loader.batchCount == 0)
    let images = loader.epoch(0) { _ in Issue.record("a batch of nothing") }
    #expect(images == 0)
  }
}
