import Foundation
import NunchiDatasets
import NunchiImages
import Testing

/// Against kept pixels that are not the file's, that nobody finds again, that fill a disk or lie among the user's data.
@Suite struct CacheTests {
  private let small = Preprocessing(width: 8, height: 8)
  private let caches: TemporaryFolder
  private let data: TemporaryFolder

  init() throws {
    caches = try TemporaryFolder()
    data = try TemporaryFolder()
    try data.images((0..<9).map { "train/a/\($0).png" } + (0..<6).map { "train/b/\($0).png" })
    try data.images(["val/a/1.png", "val/b/1.png"], shade: 90)
  }

  /// Files only, in a folder that does not exist yet.
  private func limits(_ bytes: Int = 1 << 20) -> PixelCache.Limits {
    PixelCache.Limits(memoryBytes: 0, folder: caches.path + "/a/b", folderBytes: bytes)
  }

  private func pixels(_ path: String, _ cache: PixelCache, threads: Int = 2) throws -> [String: [UInt8]] {
    let dataset = try Dataset.open(path: path)
    let loader = BatchLoader(
      dataset: dataset, split: .train, preprocessing: small, batchSize: 4, threads: threads, cache: cache)
    var pixels: [String: [UInt8]] = [:]
    loader.epoch(0) { batch in
      for row in 0..<batch.count {
        let identity = dataset.items(.train)[batch.items[row]].identity
        pixels[identity] = Array(batch.images[row * 192..<(row + 1) * 192])
      }
    }
    return pixels
  }

  private func files() -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: caches.path + "/a/b"))?.sorted() ?? []
  }

  /// Overwrites the images in the only cache file with another shade, so that it shows who reads them.
  private func paint(_ shade: UInt8) throws {
    let name = try #require(files().first)
    let path = caches.path + "/a/b/" + name
    var bytes = try Data(contentsOf: URL(filePath: path))
    for index in bytes.count - 15 * 192..<bytes.count { bytes[index] = shade }
    try bytes.write(to: URL(filePath: path))
  }

  @Test func aSecondRunFindsTheFile() throws {
    let before = try data.contents()
    let first = try pixels(data.path, PixelCache(limits()))
    #expect(files().count == 1 && files()[0].hasSuffix(".pixels"))
    #expect(try pixels(data.path, PixelCache(limits())) == first)
    #expect(try data.contents() == before)
    try paint(7)
    #expect(try pixels(data.path, PixelCache(limits())).values.allSatisfy { $0.allSatisfy { $0 == 7 } })
  }

  /// The name of the folder is not what makes pixels.
  @Test func aMovedFolderFindsTheFile() throws {
    _ = try pixels(data.path, PixelCache(limits()))
    try paint(9)
    let other = try TemporaryFolder()
    try FileManager.default.moveItem(atPath: data.path + "/train", toPath: other.path + "/train")
    try FileManager.default.moveItem(atPath: data.path + "/val", toPath: other.path + "/val")
    #expect(try pixels(other.path, PixelCache(limits())).values.allSatisfy { $0.allSatisfy { $0 == 9 } })
  }

  @Test func aChangedPictureIsReadAgain() throws {
    let before = try pixels(data.path, PixelCache(limits()))
    try data.write(picture(200).encodedPNG(), "train/a/3.png")
    let after = try pixels(data.path, PixelCache(limits()))
    #expect(after["train/a/3.png"] == small.apply(to: picture(200)).bytes)
    #expect(after.filter { $0.key != "train/a/3.png" } == before.filter { $0.key != "train/a/3.png" })
    #expect(files().count == 2)
  }

  /// The same bytes at another time may be another picture of the same size.
  @Test func aTouchedPictureIsReadAgain() throws {
    _ = try pixels(data.path, PixelCache(limits()))
    try paint(7)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: data.path + "/train/a/3.png")
    #expect(try pixels(data.path, PixelCache(limits()))["train/a/3.png"] == small.apply(to: picture(3)).bytes)
  }

  @Test func aFileThatIsCutOrForeignIsNotUsed() throws {
    let right = try pixels(data.path, PixelCache(limits()))
    let path = caches.path + "/a/b/" + files()[0]
    let whole = try Data(contentsOf: URL(filePath: path))
    for damaged in [whole.dropLast(1), Data(), Data(repeating: 65, count: whole.count)] {
      try damaged.write(to: URL(filePath: path))
      #expect(try pixels(data.path, PixelCache(limits())) == right)
      #expect(try Data(contentsOf: URL(filePath: path)) == whole)
    }
  }

  @Test func anUnfinishedFileLeavesNothing() throws {
    struct Stop: Error {}
    let dataset = try Dataset.open(path: data.path)
    do {
      let loader = BatchLoader(
        dataset: dataset, split: .train, preprocessing: small, batchSize: 2, threads: 0, cache: PixelCache(limits()))
      #expect(throws: Stop.self) { try loader.epoch(0) { _ in throw Stop() } }
      #expect(files().count == 1 && !files()[0].hasSuffix(".pixels"))
    }
    #expect(files().isEmpty)
  }

  @Test func damagedPicturesDoNotKeepTheFileOpen() throws {
    try data.write(Array(picture(1).encodedPNG().prefix(60)), "train/b/5.png")
    let first = try pixels(data.path, PixelCache(limits()))
    #expect(first.count == 14)
    #expect(files().count == 1 && files()[0].hasSuffix(".pixels"))
    #expect(try pixels(data.path, PixelCache(limits())) == first)
  }

  @Test func theFolderHasALimit() throws {
    let room = 8192 + 15 * 192
    _ = try pixels(data.path, PixelCache(limits(room)))
    let old = files()
    #expect(old.count == 1)
    try data.write(picture(200).encodedPNG(), "train/a/3.png")
    _ = try pixels(data.path, PixelCache(limits(room)))
    #expect(files().count == 1 && files() != old)
    // Less than one file: nothing is written, and a sentence says so.
    let cache = PixelCache(limits(4000))
    try data.write(picture(201).encodedPNG(), "train/a/3.png")
    #expect(try pixels(data.path, cache).count == 15)
    #expect(
      cache.warnings.count == 1 && cache.warnings[0].contains("MiB of 0 allowed"))
    #expect(files().count == 1)
  }

  @Test func whatIsOldGoes() throws {
    _ = try pixels(data.path, PixelCache(limits()))
    let folder = caches.path + "/a/b/"
    let names = ["00.pixels", "11.pixels.tmp-1-1", "12.pixels.tmp-1-2", "13.pixels", "mine.txt"]
    for (name, days) in zip(names, [40.0, 2, 0, 20, 4000]) {
      try Data([1]).write(to: URL(filePath: folder + name))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -days * 86400)], ofItemAtPath: folder + name)
    }
    try data.write(picture(200).encodedPNG(), "train/a/3.png")
    _ = try pixels(data.path, PixelCache(limits()))
    #expect(Set(files()).isSuperset(of: ["12.pixels.tmp-1-2", "13.pixels", "mine.txt"]))
    #expect(Set(files()).isDisjoint(with: ["00.pixels", "11.pixels.tmp-1-1"]))
  }

  /// A folder that cannot be written costs one sentence and no picture.
  @Test func noFileIsOneWarning() throws {
    try caches.write([1], "a")
    let cache = PixelCache(limits())
    #expect(try pixels(data.path, cache).count == 15)
    #expect(try pixels(data.path, cache).count == 15)
    #expect(cache.warnings.count == 1 && cache.warnings[0].contains("not kept in a file"))
  }

  /// Two loaders of the same images decode them once; a file that is gone after the first shows that.
  @Test(arguments: [true, false]) func loadersShareOneCache(memory: Bool) throws {
    let cache = PixelCache(memory ? PixelCache.Limits(memoryBytes: 1 << 20) : limits())
    let dataset = try Dataset.open(path: data.path)
    func images(_ cache: PixelCache) -> Int {
      BatchLoader(dataset: dataset, split: .train, preprocessing: small, batchSize: 4, cache: cache).epoch(0) { _ in }
    }
    #expect(images(cache) == 15)
    try FileManager.default.removeItem(atPath: data.path + "/train/a/3.png")
    #expect(images(cache) == 15)
    #expect(images(PixelCache(.none)) == 14)
  }

  /// Memory is taken once: what the first split has is not there for the second.
  @Test func theBudgetIsForAllSplits() throws {
    let cache = PixelCache(PixelCache.Limits(memoryBytes: 15 * 192))
    let dataset = try Dataset.open(path: data.path)
    let places = [Split.train, .validation].map { split in
      BatchLoader(dataset: dataset, split: split, preprocessing: small, batchSize: 4, cache: cache).cachePlace
    }
    #expect(places == [.memory, .none])
  }
}
