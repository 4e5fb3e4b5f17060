import Foundation
import NunchiDatasets
import NunchiImages
import Testing

/// Against copies among what is held back, names that overwrite each other, and files that change on the way.
@Suite struct ExpansionTests {
  private let light = Augmentation.light

  private func divided() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    // The original "a-copy1.png" has the name that the first copy of "a.png" would take; A.PNG is a.png on some disks.
    try folder.images(["train/x/a.png", "train/x/a-copy1.png", "train/x/b.PNG", "train/y/a.png", "train/y/c.png"])
    try folder.images(["val/x/a.png", "val/y/b.png", "test/x/a.png", "test/y/b.png"], shade: 90)
    return folder
  }

  private func expand(
    _ folder: TemporaryFolder, _ expansion: Expansion, threads: Int = 3
  ) throws -> (summary: Expansion.Summary, folder: TemporaryFolder) {
    let out = try TemporaryFolder()
    return (try expansion.write(Dataset.open(path: folder.path), to: out.path, threads: threads), out)
  }

  @Test func copiesTrainingAlone() throws {
    let folder = try divided()
    let before = try folder.contents()
    let (summary, out) = try expand(folder, Expansion(light, copies: 2))
    #expect(summary.originals == [.train: 5, .validation: 2, .test: 2])
    #expect(summary.copies == 10 && summary.skipped.isEmpty)
    let after = try out.contents()
    #expect(after.count == 9 + 10)
    for (name, bytes) in before {
      let (split, rest) = (name.prefix { $0 != "/" }, name.drop { $0 != "/" })
      let renamed = ["train": "Train", "val": "Validation", "test": "Test"][split]! + rest
      // The name that a copy took first goes on with a number.
      #expect(after[renamed] == bytes || after.values.contains(bytes), "\(name)")
    }
    #expect(after.keys.filter { !$0.hasPrefix("Train/") }.count == 4)
    #expect(try folder.contents() == before)
    #expect(try Dataset.open(path: out.path).counts(.train) == [9, 6])
  }

  /// Each copy is what training draws in an epoch, whatever the number of threads.
  @Test func copiesAreTrainingDraws() throws {
    let folder = try divided()
    let (_, out) = try expand(folder, Expansion(light, copies: 3, seed: 4))
    let original = try ImageDecoder().decode(path: folder.path + "/train/y/c.png")
    let shape = PictureShape(width: original.width, height: original.height, channels: 3)
    for copy in 0..<3 {
      let written = try ImageDecoder().decode(path: out.path + "/Train/y/c-copy\(copy + 1).png")
      #expect(written == light.draw(shape, seed: 4, identity: "train/y/c.png", epoch: copy).apply(to: original))
    }
    for threads in [1, 16] {
      let other = try expand(folder, Expansion(light, copies: 3, seed: 4), threads: threads).folder
      #expect(try other.contents() == out.contents())
    }
  }

  @Test func sizeIsThatOfTheCopies() throws {
    let (_, out) = try expand(try divided(), Expansion(light, copies: 1, size: 7))
    let copy = try ImageDecoder().decode(path: out.path + "/Train/y/c-copy1.png")
    #expect(copy.width == 7 && copy.height == 7)
    #expect(try ImageDecoder().decode(path: out.path + "/Train/y/c.png").width == 12)
  }

  /// A damaged training picture is named and left out; JPEG stays JPEG.
  @Test func damagedAndJPEG() throws {
    let folder = try divided()
    try folder.write(Array(picture(1).encodedPNG().prefix(60)), "train/x/damaged.png")
    try folder.write(picture(2).encodedJPEG(), "train/x/photo.JPG")
    let (summary, out) = try expand(folder, Expansion(light, copies: 1))
    #expect(summary.skipped.map(\.path) == ["train/x/damaged.png"])
    let names = try out.contents().keys
    #expect(names.contains("Train/x/photo.JPG") && names.contains("Train/x/photo-copy1.jpg"))
    #expect(!names.contains { $0.contains("damaged") })
  }

  /// Pictures that are no files become PNG; a data set without splits is divided first.
  @Test func memoryAndUndivided() throws {
    let out = try TemporaryFolder()
    let dataset = Dataset(
      classes: ["x", "y"], train: [(picture(1), 0), (picture(2), 1)], validation: [(picture(3), 1)])
    let summary = try Expansion(light, copies: 1).write(dataset, to: out.path)
    #expect(summary.copies == 2)
    #expect(try ImageDecoder().decode(path: out.path + "/Train/y/1.png") == picture(2))
    #expect(try ImageDecoder().decode(path: out.path + "/Validation/y/0.png") == picture(3))
    #expect(!FileManager.default.fileExists(atPath: out.path + "/Test"))
    let plain = try TemporaryFolder()
    try plain.images((0..<20).map { "x/\($0).png" } + (0..<20).map { "y/\($0).png" })
    let divided = try expand(plain, Expansion(light, copies: 1))
    #expect(divided.summary.originals[.train] == 28 && divided.summary.copies == 28)
    #expect(divided.summary.originals[.validation] == 6 && divided.summary.originals[.test] == 6)
  }

  @Test func refuses() throws {
    let folder = try divided()
    func reason(_ data: String, _ out: String) -> DatasetError.Reason? {
      do throws(DatasetError) {
        _ = try Expansion(light, copies: 1).write(Dataset.open(path: data), to: out)
        return nil
      } catch {
        return error.reason
      }
    }
    let out = try TemporaryFolder()
    #expect(reason(folder.path + "/val", out.path) == .heldBack(.validation))
    #expect(reason(folder.path + "/test/", out.path) == .heldBack(.test))
    #expect(reason(folder.path, folder.path) == .insideData(folder.path))
    #expect(reason(folder.path, folder.path + "/more") == .insideData(folder.path))
    let link = out.path + "-link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path + "/train")
    defer { try? FileManager.default.removeItem(atPath: link) }
    #expect(reason(folder.path, link + "/more") == .insideData(folder.path))
    try out.write([1], "something")
    #expect(reason(folder.path, out.path) == .notEmpty)
  }
}
