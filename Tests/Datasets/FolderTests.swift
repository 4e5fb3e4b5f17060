import Foundation
import NunchiDatasets
import NunchiImages
import Testing

/// Against the traps of real folders: spellings, strays, links and files that are not what they are called.
@Suite struct FolderTests {
  private func names(_ dataset: Dataset, _ split: Split) -> [String] { dataset.items(split).map(\.identity) }

  @Test(arguments: [
    ("Train", "Validation", "Test"), ("train", "val", "test"), ("training", "valid", "testing"),
    ("TRAIN", "VALID", "TEST"),
  ])
  func splitsInEverySpelling(_ train: String, _ validation: String, _ test: String) throws {
    let folder = try TemporaryFolder()
    for part in [train, validation, test] { try folder.images(["\(part)/cat/1.png", "\(part)/ant/2.png"]) }
    let before = try folder.contents()
    let dataset = try Dataset.open(path: folder.path + "/")
    #expect(dataset.classes == ["ant", "cat"])
    #expect(names(dataset, .train) == ["\(train)/ant/2.png", "\(train)/cat/1.png"])
    #expect(names(dataset, .validation) == ["\(validation)/ant/2.png", "\(validation)/cat/1.png"])
    #expect(dataset.items(.test).map(\.label) == [0, 1])
    #expect(dataset.warnings.isEmpty && dataset.skipped.isEmpty)
    for item in dataset.items(.train) { #expect(try dataset.load(item).width == 12) }
    #expect(try folder.contents() == before)
  }

  @Test func straysAreSkippedAndNamed() throws {
    let folder = try TemporaryFolder()
    try folder.images(["a/1.png", "a/photo.jpg_1088Wx1632H", "a/LOUD.PNG", "b/really-a-png.jpg", "b/no-ending"])
    try folder.write([], "a/empty.jpg")
    try folder.write(Array("not a picture".utf8), "a/fake.jpg")
    try folder.write(Array("II*".utf8) + [0, 8, 0, 0, 0, 0], "b/layers.png")
    try folder.write([1], "a/.hidden.png")
    try folder.write([1], ".DS_Store")
    try folder.write([1], "__MACOSX/a/1.png")
    try folder.write([1], "b/deeper/1.png")
    try folder.write([1], "readme.txt")
    let dataset = try Dataset.open(path: folder.path)
    let all = Set(Split.allCases.flatMap { names(dataset, $0) })
    #expect(all == ["a/1.png", "a/photo.jpg_1088Wx1632H", "a/LOUD.PNG", "b/really-a-png.jpg", "b/no-ending"])
    let reasons = Dictionary(uniqueKeysWithValues: dataset.skipped.map { ($0.path, $0.reason) })
    #expect(
      reasons == [
        "a/empty.jpg": "an empty file",
        "a/fake.jpg": "bytes of no image format that is known; remove it, or convert it to JPEG or PNG",
        "b/layers.png": "a TIFF file; convert it to JPEG or PNG", "b/deeper": "a folder inside a class",
        "readme.txt": "lies outside the folders of the classes",
      ])
  }

  @Test func spellingsOfUnicodeAreOneClass() throws {
    let folder = try TemporaryFolder()
    let composed = "caf\u{E9}"
    let decomposed = "cafe\u{301}"
    try folder.images(["train/\(composed)/1.png", "train/tea/1.png", "val/\(decomposed)/u\u{308}.png", "val/tea/2.png"])
    try folder.images(["train/\(decomposed)/1.png", "test/\(composed)/3.png", "test/tea/4.png"], shade: 9)
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.classes == [composed, "tea"])
    #expect(dataset.classes[0].utf8.elementsEqual(composed.utf8))
    #expect(dataset.items(.train).map(\.label) == [0, 0, 1])
    #expect(Set(names(dataset, .train)).count == 3)
    #expect(names(dataset, .validation)[0].utf8.elementsEqual("val/\(composed)/\u{FC}.png".utf8))
    for item in dataset.items(.train) + dataset.items(.validation) { #expect(try dataset.load(item).width == 12) }
  }

  @Test func linksAreFollowedAndBrokenOnesNamed() throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    try other.images(["cats/1.png", "cats/2.png"])
    try folder.images(["dog/1.png", "dog/2.png"], shade: 5)
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path + "/cat", withDestinationPath: other.path + "/cats")
    try files.createSymbolicLink(atPath: folder.path + "/dog/3.png", withDestinationPath: other.path + "/cats/1.png")
    try files.createSymbolicLink(atPath: folder.path + "/dog/4.png", withDestinationPath: other.path + "/none.png")
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.classes == ["cat", "dog"])
    #expect(Split.allCases.reduce(0) { $0 + dataset.items($1).count } == 5)
    #expect(dataset.skipped.map(\.path) == ["dog/4.png"])
  }

  @Test func linksInCirclesEnd() throws {
    let folder = try TemporaryFolder()
    try folder.images(["cat/1.png", "dog/1.png"])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path + "/cat/up", withDestinationPath: folder.path)
    try files.createSymbolicLink(atPath: folder.path + "/round", withDestinationPath: ".")
    try files.createSymbolicLink(atPath: folder.path + "/self", withDestinationPath: "self")
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.classes == ["cat", "dog"])
    #expect(Set(dataset.skipped.map(\.path)).isSuperset(of: ["self", "cat/up", "round/cat"]))
  }

  /// A split that lacks the first class, and one whose folders were made in another order: labels go by name.
  @Test func labelsGoByName() throws {
    let folder = try TemporaryFolder()
    try folder.images(["test/c/1.png", "test/b/1.png", "test/a/1.png", "val/c/2.png", "val/b/2.png"])
    try folder.images(["train/b/3.png", "train/c/3.png", "train/a/3.png"], shade: 9)
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.items(.test).map(\.identity) == ["test/a/1.png", "test/b/1.png", "test/c/1.png"])
    #expect(dataset.items(.test).map(\.label) == [0, 1, 2])
    #expect(dataset.items(.validation).map(\.label) == [1, 2] && dataset.counts(.validation) == [0, 1, 1])
    #expect(dataset.warnings == ["the validation split 'val' has no image of the class 'a'"])
  }

  // MARK: - What cannot be used

  private func reason(_ path: String) -> DatasetError.Reason? {
    do throws(DatasetError) {
      _ = try Dataset.open(path: path)
      return nil
    } catch {
      #expect(error.description.contains(error.remedy))
      return error.reason
    }
  }

  @Test func unusableFoldersSayWhy() throws {
    let folder = try TemporaryFolder()
    #expect(reason(folder.path + "/nowhere") == .missing)
    #expect(reason(folder.path) == .tooFewClasses(found: []))
    try folder.images(["one/1.png"])
    #expect(reason(folder.path + "/one/1.png") == .notAFolder)
    try folder.write([], "two/empty.png")
    #expect(reason(folder.path) == .tooFewClasses(found: ["one"]))
  }

  @Test func classesMustAgree() throws {
    let folder = try TemporaryFolder()
    try folder.images(["Train/a/1.png", "Train/b/1.png", "Validation/a/2.png", "Test/a/3.png", "Test/B/3.png"])
    #expect(reason(folder.path) == .unknownClass("B", split: .test, near: "b"))
    try FileManager.default.removeItem(atPath: folder.path + "/Test")
    let dataset = try Dataset.open(path: folder.path)
    #expect(
      dataset.warnings == [
        "the validation split 'Validation' has no image of the class 'b'", "there is no folder for testing",
      ])
    try folder.images(["Validation/c/1.png"])
    #expect(reason(folder.path) == .unknownClass("c", split: .validation, near: nil))
  }

  @Test func splitsMustBeClear() throws {
    let folder = try TemporaryFolder()
    try folder.images(["val/a/1.png", "val/b/1.png", "test/a/1.png"])
    #expect(reason(folder.path) == .noTrainingSplit(found: ["test", "val"]))
    try folder.images(["train/a/1.png", "train/b/1.png", "training/a/1.png"])
    #expect(reason(folder.path) == .ambiguousSplit(.train, folders: ["train", "training"]))
  }

  /// Classes may be called like splits.
  @Test func namesOfSplitsCanBeClasses() throws {
    let folder = try TemporaryFolder()
    try folder.images(["train/1.png", "test/2.png", "valid/3.png"])
    #expect(try Dataset.open(path: folder.path).classes == ["test", "train", "valid"])
  }
}
