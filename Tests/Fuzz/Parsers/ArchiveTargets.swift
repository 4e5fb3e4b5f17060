import DownloadFixtures
import NunchiDatasets
import NunchiSystem

extension FuzzTarget {
  private static let gray = Array("P5\n1 1\n255\nA".utf8)

  /// So that what expands to much is refused before it takes the memory that a run may have.
  private static let limits: ArchiveLimits = {
    var limits = ArchiveLimits()
    (limits.ratio, limits.fixedBytes) = (100, 1 << 24)
    return limits
  }()

  static let zipArchive = FuzzTarget(
    name: "zip",
    seeds: {
      var plain = ZipBuilder([
        .init("cat/1.pgm", gray, method: 8), .init("cat/", []), .init("dog/\u{AC00}.pgm", gray),
      ])
      plain.members[2].hasDescriptor = true
      plain.comment = [80, 75]
      var large = plain
      (large.isLarge, large.members[0].isLarge) = (true, true)
      return [plain.bytes(), large.bytes()]
    },
    body: { bytes in
      let path = Scratch.file("file.zip", bytes)
      guard let archive = try? ZipArchive(path: path, limits: limits) else { return }
      for index in 0..<archive.count {
        guard let bytes = try? archive.bytes(index) else { continue }
        require(bytes.count == archive.size(index), "another size than the archive says")
      }
      _ = try? Dataset.open(path: path, copies: nil)
    })

  /// Tar and 7z: a second reading and the copy as a zip hold the same.
  static let packedArchive = FuzzTarget(
    name: "archive",
    seeds: {
      let tar = TarBuilder([
        .init("./", kind: "5"), .init("cat/1.pgm", gray), .longName("dog/" + String(repeating: "x", count: 120)),
        .init("cut", gray), .extended("path", "\u{AC00}/1.pgm"), .init("x", gray),
      ])
      return [tar.bytes(), ZipBuilder.gzip(tar.bytes()), PackedSamples.sevenZip] + PackedSamples.tars.map(\.bytes)
    },
    body: { bytes in
      let path = Scratch.file("file.tar", bytes)
      guard let archive = try? PackedArchive(path: path, limits: limits) else { return }
      let members = archive.members.indices.map { try? archive.bytes($0) }
      for (member, bytes) in zip(archive.members, members) {
        require(bytes == nil || bytes!.count == member.size, "another size than the archive says")
      }
      require(
        archive.members.indices.reversed().map { try? archive.bytes($0) } == members.reversed(), "another reading")
      guard members.allSatisfy({ $0 != nil }) else { return }
      let cache = CacheFolder(path: "\(Scratch.folder)/copies", limit: 1 << 30)
      guard let copy = try? ArchiveCopy.open(path, in: cache) else { fatalError("an archive that cannot be copied") }
      require((0..<copy.count).map { try? copy.bytes($0) } == members, "another content of the copy")
      Scratch.empty("copies")
    })
}
