import DownloadFixtures
import NunchiDatasets
import Testing

/// Against tar and 7z archives that are damaged, hostile or only unusual.
@Suite struct PackedArchiveTests {
  private typealias Member = TarBuilder.Member

  private func open(
    _ bytes: [UInt8], _ folder: TemporaryFolder, limits: ArchiveLimits = ArchiveLimits()
  ) throws -> PackedArchive {
    try folder.write(bytes, "a")
    return try PackedArchive(path: folder.path + "/a", limits: limits)
  }

  /// What is said without path and remedy.
  private func refusal(_ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws -> String? {
    let folder = try TemporaryFolder()
    do {
      let archive = try open(bytes, folder, limits: limits)
      for index in archive.members.indices { _ = try archive.bytes(index) }
      return nil
    } catch let error as DatasetError {
      #expect(error.path == folder.path + "/a")
      return "expected \(error.expected), found \(error.found)"
    }
  }

  private func refusal(_ members: Member..., limits: ArchiveLimits = ArchiveLimits()) throws -> String? {
    try refusal(TarBuilder(members).bytes(), limits: limits)
  }

  /// The 7z archive lists its folders last.
  @Test func everyCompression() throws {
    let plain = TarBuilder([
      .init("dog/", kind: "5"), .init("dog/1.pgm", Array("P5\n1 1\n255\nA".utf8)),
      .init("dog/2.pgm", Array("P5\n1 1\n255\nB".utf8)), .extended("path", "고양이/1.pgm"),
      .init("x", Array("P5\n1 1\n255\na".utf8)), .init("고양이/2.pgm", Array("P5\n1 1\n255\nb".utf8)),
    ])
    let archives =
      PackedSamples.tars + [
        ("7z", PackedSamples.sevenZip), ("tar", plain.bytes()), ("gzip", ZipBuilder.gzip(plain.bytes())),
      ]
    for (name, bytes) in archives {
      let folder = try TemporaryFolder()
      let archive = try open(bytes, folder)
      #expect(archive.members.map(\.path) == ["dog/1.pgm", "dog/2.pgm", "고양이/1.pgm", "고양이/2.pgm"], "\(name)")
      #expect(archive.members.allSatisfy { $0.size == 12 })
      // In any order, and twice.
      for (index, last) in [(3, "b"), (0, "A"), (1, "B"), (1, "B"), (2, "a")] {
        #expect(try archive.bytes(index) == Array("P5\n1 1\n255\n\(last)".utf8), "\(name)")
      }
    }
  }

  @Test func unusualTars() throws {
    let folder = try TemporaryFolder()
    let (deep, far) = ("deep/" + String(repeating: "x", count: 120), String(repeating: "y/", count: 300) + "z")
    var builder = TarBuilder([
      .init("./", kind: "5"), .init("./a//b.txt", [1]), .init("old/", kind: "0"), .longName(deep),
      .init("cut", [2, 3]),
      .extended("path", far), .init("cut", []), .extended("comment", "no matter"), .init("c", [4], kind: "7"),
    ])
    for ends in [true, false] {
      builder.ends = ends
      let archive = try open(builder.bytes(), folder)
      #expect(archive.members.map(\.path) == ["a/b.txt", deep, far, "c"])
      #expect(try archive.members.indices.map(archive.bytes) == [[1], [2, 3], [], [4]])
    }
    #expect(try open(TarBuilder().bytes(), folder).members.isEmpty)
  }

  @Test(arguments: [
    (Member("/etc/passwd", [1]), "expected paths inside the archive, found '/etc/passwd'"),
    (Member("a/../../b", [1]), "expected paths inside the archive, found 'a/../../b'"),
    (Member("..", kind: "5"), "expected paths inside the archive, found '..'"),
    (Member("C:/a", [1]), "expected paths inside the archive, found 'C:/a'"),
    (Member("\u{1B}[2J/..", [1]), "expected paths inside the archive, found '?[2J/..'"),
    (Member("l", kind: "1"), "expected files and folders, found the link or device 'l'"),
    (Member("l", kind: "2"), "expected files and folders, found the link or device 'l'"),
    (Member("d", kind: "3"), "expected files and folders, found the link or device 'd'"),
    (Member("d", kind: "4"), "expected files and folders, found the link or device 'd'"),
    (Member("d", kind: "6"), "expected files and folders, found the link or device 'd'"),
  ]) private func whatIsNotSafe(member: Member, message: String) throws {
    var member = member
    if member.kind == "1" || member.kind == "2" { member.link = "a/1" }
    #expect(try refusal(.init("a/1", [1]), member) == message)
    #expect(try refusal(ZipBuilder.gzip(TarBuilder([.init("a/1", [1]), member]).bytes())) == message)
  }

  @Test func whatIsNotSafeInPairs() throws {
    #expect(try refusal(.init("a/1", [1]), .init("./a//1", [2])) == "expected each path once, found 'a/1' twice")
    #expect(
      try refusal(.extended("path", "../evil"), .init("a", [1]))
        == "expected paths inside the archive, found '../evil'")
    #expect(
      try refusal(.longName("/" + String(repeating: "x", count: 200)), .init("a", [1]))?
        .hasPrefix("expected paths inside the archive") == true)
    #expect(
      try refusal(.extended("path", String(repeating: "x", count: 70_000)), .init("a", [1]))
        == "expected paths of at most 65,535 bytes, found a longer one")
    #expect(
      try refusal(PackedSamples.link) == "expected files and folders, found the link or device 'dogl'")
    #expect(try refusal(PackedSamples.encrypted) != nil)
  }

  @Test func whatIsTooMuch() throws {
    var limits = ArchiveLimits()
    limits.members = 2
    #expect(try refusal(.init("a"), .init("b"), limits: limits) == nil)
    #expect(try refusal(.init("a"), .init("b"), .init("c"), limits: limits) == "expected at most 2 members, found 3")
    (limits.members, limits.ratio, limits.fixedBytes) = (10, 2, 0)
    let bomb = "expected at most 2 times the bytes of the archive, found members that expand to more"
    let zeros = [UInt8](repeating: 0, count: 100_000)
    #expect(try refusal(.init("a", zeros), limits: limits) == nil)
    #expect(try refusal(ZipBuilder.gzip(TarBuilder([.init("a", zeros)]).bytes()), limits: limits) == bomb)
    // A size that the archive does not have is refused before anything is taken for it.
    var huge = Member("a", [1])
    huge.size = 0o77_777_777_777
    #expect(
      try refusal(TarBuilder([huge]).bytes())
        == "expected members of at most 4 GiB, found 'a'")
    huge.size = 1 << 31
    #expect(
      try refusal(TarBuilder([huge]).bytes())
        == "expected at most 100 times the bytes of the archive, found members that expand to more")
    #expect(try refusal(.extended("size", "9223372036854775807"), .init("a", [1])) != nil)
    #expect(try refusal(.extended("size", "-1"), .init("a", [1])) != nil)
    // Headers without end, and without a member.
    let headers = TarBuilder(
      [Member](repeating: .extended("comment", String(repeating: "c", count: 900)), count: 10_000))
    #expect(try refusal(ZipBuilder.gzip(headers.bytes())) != nil)
    #expect(
      try refusal(PackedSamples.twice) == "expected a zip, tar or 7z archive, found compressions inside each other")
  }

  @Test func whatIsDamaged() throws {
    let whole = TarBuilder([.init("a/1", [1, 2, 3]), .init("b/2", [UInt8](repeating: 7, count: 2000))]).bytes()
    for count in stride(from: 513, to: 3500, by: 128) where ![1024, 1536].contains(count) {
      #expect(try refusal(Array(whole.prefix(count))) != nil, "\(count) bytes")
    }
    var other = whole
    other[1024] ^= 1
    #expect(try refusal(other) == "expected a whole tar or 7z archive, found 'Damaged tar archive'")
    for (name, bytes) in PackedSamples.tars + [("7z", PackedSamples.sevenZip), ("gzip", ZipBuilder.gzip(whole))] {
      for count in [bytes.count / 3, bytes.count / 2, bytes.count - 9] {
        #expect(try refusal(Array(bytes.prefix(count))) != nil, "\(name) \(count)")
      }
    }
    for text in ["", "no archive", String(repeating: "A", count: 2000)] {
      #expect(try refusal(Array(text.utf8)) == "expected a zip, tar or 7z archive, found another kind of file")
    }
    #expect(
      try refusal(ZipBuilder.gzip(Array("no archive".utf8)))
        == "expected a zip, tar or 7z archive, found another kind of file")
  }

  /// A byte of a file that gzip holds as it is changes nothing that deflate or tar would notice.
  @Test func checksumsOfGzipAreCompared() throws {
    var bytes = ZipBuilder.gzip(TarBuilder([.init("a", Array("P5\n1 1\n255\nA".utf8))]).bytes())
    #expect(try refusal(bytes) == nil)
    bytes[bytes.count - 8] ^= 1
    #expect(try refusal(bytes) == "expected a whole gzip file, found incorrect data check")
  }

  @Test func withoutTheLibrary() {
    #expect(
      "\(DatasetError(.archiveAbsent, path: "set.tar.gz"))"
        == "set.tar.gz: expected libarchive, which reads tar and 7z archives, found a program that was built without it; "
        + "install its headers (Debian: apt install libarchive-dev, macOS: brew install libarchive) and build again, or "
        + "unpack the archive")
  }
}
