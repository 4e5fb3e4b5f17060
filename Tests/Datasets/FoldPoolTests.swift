import NunchiDatasets
import NunchiImages
import Testing

/// Against pictures that a fold is trained and tested on, and folds that depend on where a picture is listed.
@Suite struct FoldPoolTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.images((0..<24).map { "a/\($0).png" })
    try folder.images((0..<12).map { "b/\($0).png" }, shade: 100)
    return folder
  }

  private func list(_ rows: [String], _ name: String, _ folder: TemporaryFolder) throws -> FoldPool {
    try folder.write(Array(("path,label,group\n" + rows.joined(separator: "\n") + "\n").utf8), name)
    return try FoldPool(path: folder.path + "/" + name)
  }

  /// The names in each split.
  private func names(_ dataset: Dataset) -> [Split: [String]] {
    Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.items($0).map(\.identity)) })
  }

  @Test func theOrderOfAListDoesNotCount() throws {
    let folder = try folder()
    let rows = (0..<24).map { "a/\($0).png,a,g\($0 / 4)" } + (0..<12).map { "b/\($0).png,b," }
    let pool = try list(rows, "one.csv", folder)
    let other = try list(rows.reversed(), "other.csv", folder)
    #expect(pool.items.map(\.identity) == other.items.map(\.identity) && pool.items.count == 36)
    #expect(pool.groups == other.groups)
    let tested = { (item: Int) in item % 5 == 0 }
    let (one, two) = (
      pool.dataset(testing: tested, validation: 0.2, seed: 3), other.dataset(testing: tested, validation: 0.2, seed: 3)
    )
    #expect(names(one) == names(two))
  }

  @Test func copiesAndNamedGroupsStayTogether() throws {
    let folder = try folder()
    try folder.write(picture(3).encodedPNG(), "a/copy.png")
    let rows = (["copy"] + (0..<24).map(String.init)).map { "a/\($0).png,a,\($0 == "7" || $0 == "8" ? "person" : "")" }
    let pool = try list(rows + (0..<12).map { "b/\($0).png,b," }, "list.csv", folder)
    let groups = Dictionary(uniqueKeysWithValues: zip(pool.items.map(\.identity), pool.groups))
    #expect(groups["a/copy.png"] == groups["a/3.png"] && groups["a/7.png"] == groups["a/8.png"])
    #expect(Set(pool.groups).count == 37 - 2)
    // Found in a folder too, where there is no list.
    let found = try FoldPool(path: folder.path)
    let copies = zip(found.items, found.groups).filter { ["a/copy.png", "a/3.png"].contains($0.0.identity) }
    #expect(copies.count == 2 && copies[0].1 == copies[1].1)
  }

  /// Arrays have no names, but copies all the same.
  @Test func copiesInMemoryStayTogether() throws {
    let images = [0, 1, 2, 1, 3, 0, 1].map { (image: picture($0), label: $0 % 2) }
    let pool = try FoldPool(Dataset(classes: ["a", "b"], train: images, validation: [(image: picture(3), label: 1)]))
    #expect(pool.items.map(\.identity) == (0..<7).map { "train/\($0)" } + ["validation/0"])
    #expect(pool.groups == [0, 1, 2, 1, 4, 0, 1, 4])
  }

  /// A group does not straddle training and validation either.
  @Test func whatChoosesTheEpochIsHeldBackInWholeGroups() throws {
    let folder = try folder()
    let rows = (0..<24).map { "a/\($0).png,a,g\($0 / 3)" } + (0..<12).map { "b/\($0).png,b,h\($0 / 2)" }
    let pool = try list(rows, "list.csv", folder)
    let tested = Set(pool.groups.filter { $0 % 4 == 0 })
    let dataset = pool.dataset(testing: { tested.contains(pool.groups[$0]) }, validation: 0.3, seed: 1)
    let group = Dictionary(uniqueKeysWithValues: zip(pool.items.map(\.identity), pool.groups))
    let places = Split.allCases.map { split in Set(dataset.items(split).map { group[$0.identity]! }) }
    #expect(places.allSatisfy { !$0.isEmpty })
    #expect(places.reduce(0) { $0 + $1.count } == Set(pool.groups).count)
    #expect(Split.allCases.reduce(0) { $0 + dataset.items($1).count } == 36)
    #expect(Set(dataset.items(.test).map { group[$0.identity]! }) == tested)
  }

  /// What the data set holds back for the end is no part of any fold; its validation pictures are.
  @Test func theOwnTestSplitStaysApart() throws {
    let folder = try TemporaryFolder()
    for (shade, split) in ["train", "valid", "test"].enumerated() {
      try folder.images(["a", "b"].flatMap { name in (0..<6).map { "\(split)/\(name)/\($0).png" } }, shade: shade * 50)
    }
    let pool = try FoldPool(path: folder.path)
    #expect(pool.items.count == 24 && pool.apart == 12 && pool.isDivided)
    #expect(pool.items.allSatisfy { !$0.identity.hasPrefix("test/") })
    #expect(pool.tested.items(.test).count == 24 && pool.tested.items(.train).isEmpty)
    #expect(pool.dataset(testing: { $0 < 8 }, validation: 0, seed: 0).items(.test).count == 8)
  }

  /// Nothing is held back from a folder that is only partly divided, and nothing is said to be.
  @Test func aTrainingSplitAloneIsTakenWhole() throws {
    let folder = try TemporaryFolder()
    try folder.images(["a", "b"].flatMap { name in (0..<10).map { "train/\(name)/\($0).png" } })
    let pool = try FoldPool(path: folder.path)
    #expect(pool.items.count == 20 && pool.apart == 0 && !pool.isDivided)
    #expect(pool.dataset.warnings == ["there is no folder for testing"])
  }
}
