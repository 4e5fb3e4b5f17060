import Foundation
import NunchiDatasets
import NunchiImages
import Testing

/// Against files that are overlooked, blamed wrongly or changed.
@Suite struct ExaminationTests {
  private func examine(_ path: String, threads: Int = 2) throws -> Examination {
    Examination(try CheckSubject(path: path), threads: threads)
  }

  private func states(_ examination: Examination) -> [String: String] {
    Dictionary(uniqueKeysWithValues: examination.pictures.map { ($0.path, $0.outcome.word) })
  }

  @Test func everyFileHasAnAnswer() throws {
    let folder = try TemporaryFolder()
    try folder.images(["a/1.png", "a/2.png", "b/3.png", "b/4.png"])
    try folder.write(Array(picture(5, width: 60, height: 60).encodedPNG().prefix(900)), "a/cut.png")
    try folder.write([], "a/empty.jpg")
    try folder.write(Array("not a picture".utf8), "b/fake.jpg")
    try folder.write([1], "readme.txt")
    let examination = try examine(folder.path + "/")
    #expect(
      states(examination) == [
        "a/1.png": "ok", "a/2.png": "ok", "b/3.png": "ok", "b/4.png": "ok", "a/cut.png": "damaged",
        "a/empty.jpg": "damaged", "b/fake.jpg": "refused", "readme.txt": "refused",
      ])
    #expect(examination.counts(nil) == [2, 2])
    let cut = try #require(examination.pictures.first { $0.path == "a/cut.png" })
    #expect(cut.format == .png && cut.bytes == 900 && cut.pixels == nil)
    #expect(cut.reason?.contains("damage") == true)
    let good = try #require(examination.pictures.first { $0.path == "b/3.png" }?.pixels)
    #expect((good.width, good.height) == (12, 9))
  }

  @Test func theFolderIsNotChanged() throws {
    let folder = try TemporaryFolder()
    try folder.images(["Train/a/1.png", "Train/b/2.png", "Test/a/3.png", "Test/b/4.png"])
    try folder.write([1, 2, 3], "Train/a/bad.jpg")
    func state() throws -> [String: String] {
      var state: [String: String] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) + [""] {
        let facts = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
        state[name] = "\(facts[.modificationDate]!) \(facts[.size]!) \(facts[.posixPermissions]!)"
      }
      return state
    }
    let (contents, before) = (try folder.contents(), try state())
    let report = CheckReport(try examine(folder.path), threads: 2)
    #expect(report.unusable.count == 1)
    #expect(try folder.contents() == contents)
    #expect(try state() == before)
  }

  @Test func picturesWithoutClasses() throws {
    let folder = try TemporaryFolder()
    try folder.images(["1.png", "deeper/2.png", "deeper/still/3.png"])
    let examination = try examine(folder.path)
    #expect(examination.pictures.map(\.path) == ["1.png", "deeper/2.png", "deeper/still/3.png"])
    #expect(examination.subject.kind == .pictures && examination.pictures.allSatisfy { $0.label == nil })
    #expect(CheckReport(examination, threads: 1).shortcuts.isEmpty)
  }

  @Test func oneFile() throws {
    let folder = try TemporaryFolder()
    try folder.images(["1.png"])
    try folder.write([], "none.png")
    let good = try examine(folder.path + "/1.png")
    #expect(good.subject.kind == .file && states(good) == ["1.png": "ok"])
    #expect(states(try examine(folder.path + "/none.png")) == ["none.png": "damaged"])
    #expect(throws: DatasetError.self) { try CheckSubject(path: folder.path + "/missing.png") }
  }

  @Test func splitsOfTheirOwnAreKept() throws {
    let folder = try TemporaryFolder()
    try folder.images(["train/a/1.png", "train/b/2.png", "train/b/3.png", "val/a/4.png", "test/b/5.png"])
    let examination = try examine(folder.path)
    #expect(examination.splits == [.train, .validation, .test])
    #expect(examination.counts(.train) == [1, 2] && examination.counts(.test) == [0, 1])
  }

  @Test func stops() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<8).flatMap { ["a/\($0).png", "b/\($0).png"] })
    let subject = try CheckSubject(path: folder.path)
    #expect(!Examination(subject, threads: 2, isStopped: { true }).isComplete)
    var done: [Int] = []
    #expect(Examination(subject, threads: 1, progress: { done.append($0) }).isComplete)
    #expect(done == Array(1...16))
  }

  /// Mean and deviation against the definition; gray counts as three equal channels.
  @Test func statistics() throws {
    let folder = try TemporaryFolder()
    let (one, two) = (picture(3), picture(90, width: 40, height: 10).converted(toChannels: 1))
    try folder.write(one.encodedPNG(), "a/1.png")
    try folder.write(two.encodedPNG(), "b/2.png")
    let statistics = DatasetStatistics(try examine(folder.path))
    for channel in 0..<3 {
      let values =
        stride(from: channel, to: one.bytes.count, by: 3).map { Double(one.bytes[$0]) / 255 }
        + two.bytes.map { Double($0) / 255 }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(statistics.moments.mean[channel] - mean) < 1e-12)
      #expect(abs(statistics.moments.deviation[channel] - variance.squareRoot()) < 1e-9)
    }
    #expect(statistics.width?.least == 12 && statistics.width?.greatest == 40 && statistics.gray == 1)
    #expect(statistics.longerSide.reduce(0) { $0 + $1.count } == 2)
    #expect(statistics.formats.map(\.count) == [2])
  }
}
