import NunchiDatasets
import NunchiImages
import Testing

/// Against test images that were trained on, classes that miss a split, and splits that change from run to run.
@Suite struct SplitTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.images((0..<40).map { "big/\($0).png" })
    try folder.images((0..<10).map { "small/\($0).png" }, shade: 100)
    return folder
  }

  private func names(_ dataset: Dataset) -> [Split: [String]] {
    Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.items($0).map(\.identity)) })
  }

  @Test func everyClassIsHeldBackInItsShare() throws {
    let folder = try folder()
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.counts(.train) == [28, 6])
    #expect(dataset.counts(.validation) == [6, 2])
    #expect(dataset.counts(.test) == [6, 2])
    #expect(Set(names(dataset).values.flatMap { $0 }).count == 50)
  }

  @Test func theSeedDecides() throws {
    let folder = try folder()
    let one = try names(Dataset.open(path: folder.path, seed: 1))
    #expect(try names(Dataset.open(path: folder.path, seed: 1)) == one)
    #expect(try names(Dataset.open(path: folder.path, seed: 2)) != one)
  }

  @Test func sharesCanBeZero() throws {
    let folder = try folder()
    let fractions = SplitFractions(validation: 0, test: 0)
    let dataset = try Dataset.open(path: folder.path, fractions: fractions)
    #expect(dataset.items(.train).count == 50)
  }

  @Test func copiesStayTogether() throws {
    let folder = try folder()
    for copy in 0..<6 {
      try folder.write(picture(3).encodedPNG(), "big/copy\(copy).png")
      try folder.write(picture(copy).encodedPNG(), "big/twin\(copy).png")
    }
    try folder.write(picture(7).encodedPNG(), "small/wrong.png")
    for seed in 0..<20 {
      let dataset = try Dataset.open(path: folder.path, seed: UInt64(seed))
      var places: [[UInt8]: Set<Split>] = [:]
      for split in Split.allCases {
        for item in dataset.items(split) { places[try dataset.load(item).bytes, default: []].insert(split) }
      }
      #expect(places.values.allSatisfy { $0.count == 1 })
      #expect(dataset.warnings == ["'small/wrong.png' and 'big/7.png' are the same file in two classes"])
    }
  }

  @Test func validationComesFromTrainingWhereItIsMissing() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<20).map { "train/a/\($0).png" } + (0..<20).map { "train/b/\($0).png" })
    try folder.images(["test/a/1.png", "test/b/2.png"], shade: 200)
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.counts(.train) == [17, 17])
    #expect(dataset.counts(.validation) == [3, 3])
    #expect(dataset.counts(.test) == [1, 1])
    #expect(dataset.warnings == ["there is no folder for validation; part of 'train' is held back for it"])
  }
}
