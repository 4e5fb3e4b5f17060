import DownloadFixtures
import Foundation
import NunchiDatasets
import NunchiImages
import Testing

/// Against copies of archives that differ from them, are used when they are old, or fill the disk.
@Suite struct ArchiveCopyTests {
  private let names = ["train/cat/1.png", "train/dog/1.png", "val/cat/2.png", "val/dog/u\u{308}.png", "test/cat/3.png"]

  private func tar(under prefix: String, shade: Int = 0) throws -> TarBuilder {
    TarBuilder(
      try names.enumerated().map { .init(prefix + $1, try picture($0 + shade).encodedPNG()) } + [
        .init("._x", [1]), .init(prefix + "train/cat/.DS_Store", [1]), .init(prefix + "train/cat/empty.png"),
      ])
  }

  private func open(_ folder: TemporaryFolder, _ name: String, limit: Int = 1 << 20) throws -> Dataset {
    try Dataset.open(
      path: folder.path + "/" + name, fractions: SplitFractions(validation: 0, test: 0),
      copies: CacheFolder(path: folder.path + "/caches/ours", limit: limit))
  }

  private func copies(_ folder: TemporaryFolder) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/caches/ours")) ?? []).sorted()
  }

  /// The same classes, identities and pixels as the folder that was packed.
  @Test(arguments: ["", "wrapped/"]) func asTheFolder(prefix: String) throws {
    let folder = try TemporaryFolder()
    for (index, name) in names.enumerated() { try folder.write(picture(index).encodedPNG(), "set/" + name) }
    try folder.write(ZipBuilder.gzip(tar(under: prefix).bytes()), "set.tgz")
    let (packed, plain) = (try open(folder, "set.tgz"), try Dataset.open(path: folder.path + "/set"))
    #expect(packed.kind == .archive && packed.classes == plain.classes && packed.warnings == plain.warnings)
    #expect(packed.path == folder.path + "/set.tgz" && packed.skipped.map(\.path) == ["train/cat/empty.png"])
    for split in Split.allCases {
      #expect(packed.items(split).map(\.identity) == plain.items(split).map(\.identity))
      for (one, other) in zip(packed.items(split), plain.items(split)) {
        #expect(try one.label == other.label && packed.load(one) == plain.load(other))
        #expect(Manifest.path(of: one)?.hasPrefix(folder.path + "/set.tgz/" + prefix) == true)
      }
    }
  }

  @Test func oneCopyOfEachState() throws {
    let folder = try TemporaryFolder()
    try folder.write(tar(under: "").bytes(), "set.tar")
    _ = try open(folder, "set.tar")
    let first = copies(folder)
    #expect(first.count == 1 && first[0].hasSuffix(".zip"))
    let place = folder.path + "/caches/ours/" + first[0]
    // One that is there is read: here it says another thing than the archive.
    let other = ZipBuilder(try ["a/1.png", "b/2.png"].map { .init($0, try picture(5).encodedPNG()) })
    try Data(other.bytes()).write(to: URL(filePath: place))
    #expect(try open(folder, "set.tar").classes == ["a", "b"])
    // One that is no archive is made again.
    try Data([1, 2, 3]).write(to: URL(filePath: place))
    #expect(try open(folder, "set.tar").classes == ["cat", "dog"])
    #expect(copies(folder) == first)
    // A changed archive has another copy.
    try folder.write(tar(under: "", shade: 7).bytes() + [0], "set.tar")
    let changed = try open(folder, "set.tar")
    #expect(try changed.load(changed.items(.train)[0]) == picture(7))
    #expect(copies(folder).count == 2)
  }

  @Test func listsGoOnInsideOfIt() throws {
    let folder = try TemporaryFolder()
    try folder.write(PackedSamples.sevenZip, "set.7z")
    try folder.write(
      Array("path,label\nset.7z/dog/1.pgm,d\nset.7z/dog/2.pgm,d\nset.7z/고양이/1.pgm,c\nset.7z/none,c\n".utf8), "l.csv")
    let listed = try open(folder, "l.csv")
    let places = Set(listed.items(.train).map(\.identity))
    #expect(places == ["set.7z/고양이/1.pgm", "set.7z/dog/1.pgm", "set.7z/dog/2.pgm"])
    #expect(listed.skipped.map(\.path) == ["set.7z/none"] && copies(folder).count == 1)
  }

  @Test func nothingStaysOfWhatCannotBeCopied() throws {
    let folder = try TemporaryFolder()
    try folder.write(tar(under: "").bytes(), "set.tar")
    #expect {
      _ = try open(folder, "set.tar", limit: 100)
    } throws: { error in
      "\(error)"
        == "\(folder.path)/set.tar: expected a cache folder that takes what is in the archive, found "
        + "\(folder.path)/caches/ours: 0 MiB of 0 allowed; unpack the archive and give the folder"
    }
    // The member before the last breaks off: the headers are whole, the contents are not.
    var damaged = PackedSamples.sevenZip
    damaged[40] ^= 0xFF
    try folder.write(damaged, "set.7z")
    #expect(throws: DatasetError.self) { _ = try open(folder, "set.7z") }
    #expect(copies(folder).isEmpty)
    try folder.write([], "caches/no/file")
    #expect(throws: DatasetError.self) {
      _ = try Dataset.open(
        path: folder.path + "/set.tar", copies: CacheFolder(path: folder.path + "/caches/no/file", limit: 1 << 20))
    }
    #expect(
      throws: DatasetError(.noCache("none, for neither XDG_CACHE_HOME nor HOME is set"), path: folder.path + "/set.tar")
    ) {
      _ = try Dataset.open(path: folder.path + "/set.tar", copies: nil)
    }
  }

  /// So many members that the numbers of an old zip archive do not hold them.
  @Test func manyMembers() throws {
    let folder = try TemporaryFolder()
    var builder = TarBuilder()
    for index in 0..<33_000 {
      for name in ["cat", "dog"] {
        builder.members.append(.init("\(name)/\(index).pgm", Array("P5\n1 1\n255\nA".utf8)))
      }
    }
    try folder.write(builder.bytes(), "set.tar")
    #expect(try open(folder, "set.tar", limit: 1 << 30).items(.train).count == 66_000)
  }
}
