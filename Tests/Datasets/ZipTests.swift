import DownloadFixtures
import Foundation
import NunchiDatasets
import NunchiImages
import NunchiTensors
import Testing

/// Against archives that are damaged, hostile or only unusual.
@Suite struct ZipTests {
  private typealias Member = ZipBuilder.Member

  private func png(_ number: Int) throws -> [UInt8] { try picture(number).encodedPNG() }

  /// Longer than what a format is recognised by.
  private func large() throws -> [UInt8] {
    let bytes = (0..<576).map { UInt8(truncatingIfNeeded: $0 &* 89 ^ $0 >> 3) }
    return try Image(width: 24, height: 24, channels: 1, bytes: bytes).encodedPNG()
  }

  private func four(method: Int = 8, under prefix: String = "") throws -> [Member] {
    try ["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"].enumerated().map {
      Member(prefix + $1, try png($0), method: method)
    }
  }

  private func open(_ builder: ZipBuilder, _ folder: TemporaryFolder) throws -> Dataset {
    try folder.write(builder.bytes(), "set.zip")
    return try Dataset.open(path: folder.path + "/set.zip", fractions: SplitFractions(validation: 0, test: 0))
  }

  /// The same classes, identities and pixels as the folder that was packed.
  @Test(arguments: [0, 8], ["", "wrapped/", "wrapped/twice/"]) func asTheFolder(method: Int, prefix: String) throws {
    let folder = try TemporaryFolder()
    let names = ["train/cat/1.png", "train/dog/1.png", "val/cat/2.png", "val/dog/u\u{308}.png", "test/cat/3.png"]
    for (index, name) in names.enumerated() { try folder.write(png(index), "set/" + name) }
    var builder = ZipBuilder(try names.enumerated().map { Member(prefix + $1, try png($0), method: method) })
    builder.members.append(Member(prefix + "train/cat/", []))
    builder.members.append(Member("__MACOSX/._x", [1]))
    builder.members.append(Member(prefix + "train/cat/.DS_Store", [1]))
    builder.members.append(Member(prefix + "train/cat/empty.png", []))
    let (packed, plain) = (try open(builder, folder), try Dataset.open(path: folder.path + "/set"))
    #expect(packed.kind == .zip && packed.classes == plain.classes && packed.warnings == plain.warnings)
    #expect(packed.skipped.map(\.path) == ["train/cat/empty.png"])
    for split in Split.allCases {
      #expect(packed.items(split).map(\.identity) == plain.items(split).map(\.identity))
      for (one, other) in zip(packed.items(split), plain.items(split)) {
        #expect(one.label == other.label)
        #expect(try packed.load(one) == plain.load(other))
        #expect(try packed.fileBytes(one) == plain.fileBytes(other))
      }
    }
  }

  @Test func unusualArchivesOpen() throws {
    let folder = try TemporaryFolder()
    var builder = ZipBuilder(try four())
    builder.comment = Array("PK a comment that looks like a signature PK\u{5}\u{6}".utf8)
    builder.before = [UInt8](repeating: 7, count: 100)
    for index in builder.members.indices {
      builder.members[index].hasDescriptor = index == 0
      builder.members[index].isLarge = index == 1
      if index == 2 { builder.members[index].host = 0 }
    }
    builder.members[2].name = Array("dog\\1.png".utf8)
    for large in [false, true] {
      builder.isLarge = large
      // What stands before the archive hides its first bytes.
      if large { builder.before = [] }
      let bytes = builder.bytes()
      try folder.write(bytes, "set.zip")
      let archive = try ZipArchive(path: folder.path + "/set.zip")
      #expect((0..<4).map(archive.size) == builder.members.map(\.data.count))
    }
    let dataset = try open(builder, folder)
    #expect(dataset.items(.train).map(\.identity) == ["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"])
    for (index, item) in dataset.items(.train).enumerated() { #expect(try dataset.load(item) == picture(index)) }
  }

  @Test func namesInOldAndNewEncodings() throws {
    let folder = try TemporaryFolder()
    var members = try four()
    members[0].name = [0x81, 0x62] + Array("/1.png".utf8)
    members[1].name = Array("한국/2.png".utf8)
    members[2].name = [0xFF] + Array("/3.png".utf8)
    for index in members.indices { members[index].flags = 0 }
    let better = Array("caf\u{E9}/3.png".utf8)
    let field = [1] + ZipBuilder.number(Int(ZipBuilder.crc(members[2].name)), 4) + better
    members[2].extra = ZipBuilder.number(0x7075, 2) + ZipBuilder.number(field.count, 2) + field
    #expect(try open(ZipBuilder(members), folder).classes == ["caf\u{E9}", "dog", "\u{FC}b", "한국"])
  }

  private func found(_ builder: ZipBuilder, _ folder: TemporaryFolder) throws -> String {
    try found(builder.bytes(), folder)
  }

  private func found(
    _ bytes: [UInt8], _ folder: TemporaryFolder, limits: ArchiveLimits = ArchiveLimits()
  ) throws -> String {
    try folder.write(bytes, "set.zip")
    do throws(DatasetError) {
      _ = try ZipArchive(path: folder.path + "/set.zip", limits: limits)
      return "nothing"
    } catch {
      return error.found
    }
  }

  @Test func hostileArchivesAreRefused() throws {
    let folder = try TemporaryFolder()
    let members = try four()
    func with(_ change: (inout Member) -> Void) throws -> String {
      var copy = members
      change(&copy[2])
      return try found(ZipBuilder(copy), folder)
    }
    for name in ["/etc/x.png", "../x.png", "a/../../x.png", "C:/x.png", "a/\0.png", "", "./."] {
      #expect(try with { $0.name = Array(name.utf8) } == "'\(name.replacing("\0", with: "?"))'")
    }
    #expect(try with { ($0.name, $0.host) = (Array("..\\x.png".utf8), 0) } == "'../x.png'")
    #expect(try with { $0.flags |= 1 } == "'dog/1.png'")
    #expect(try with { $0.method = 14 } == "'dog/1.png' packed by method 14")
    #expect(try with { $0.mode = 0o120777 } == "the link 'dog/1.png'")
    #expect(try with { $0.mode = 0o020644 } == "the device 'dog/1.png'")
    #expect(try with { $0.name = Array("cat/1.png".utf8) } == "'cat/1.png' twice")
    #expect(try with { $0.name = [0xFF, 0x61] } == "'\u{A0}a'")
    #expect(try with { $0.size = 1 << 31 } == "'dog/1.png' cannot have the size that it says")
    var limits = ArchiveLimits()
    limits.members = 3
    #expect(try found(ZipBuilder(members).bytes(), folder, limits: limits) == "4")
    limits = ArchiveLimits()
    (limits.ratio, limits.fixedBytes) = (10, 0)
    let bomb = ZipBuilder([Member("zeros", [UInt8](repeating: 0, count: 1 << 20), method: 8)]).bytes()
    #expect(try found(bomb, folder, limits: limits) == "members that expand to more")
    #expect(try found(bomb, folder) == "nothing")
  }

  /// Two entries of the directory that share their bytes: how small archives become petabytes.
  @Test func overlappingMembersAreRefused() throws {
    let folder = try TemporaryFolder()
    var bytes = ZipBuilder([Member("same", [1, 2, 3]), Member("same", [1, 2, 3])]).bytes()
    let entries = bytes.indices.dropLast(4).filter { bytes[$0..<$0 + 4].elementsEqual([0x50, 0x4B, 1, 2]) }
    bytes.replaceSubrange(entries[1] + 42..<entries[1] + 46, with: [0, 0, 0, 0])
    #expect(try found(bytes, folder) == "two that overlap")
  }

  /// A small member is unpacked whole to see what it begins with, and its damage seen then; a larger one's when it is read.
  @Test func damagedMembersAreNamed() throws {
    let folder = try TemporaryFolder()
    for change in [{ (member: inout Member) in member.checksum = 1 }, { $0.size = $0.data.count - 1 }] {
      var members = try four()
      change(&members[1])
      let small = try open(ZipBuilder(members), folder)
      #expect(small.skipped.map(\.path) == ["cat/2.png"])
      #expect(small.skipped[0].reason.contains("than the archive says") || small.skipped[0].reason.contains("checksum"))

      members = try four()
      members[1] = Member("cat/2.png", try large(), method: 8)
      change(&members[1])
      let dataset = try open(ZipBuilder(members), folder)
      let item = try #require(dataset.items(.train).first { $0.identity == "cat/2.png" })
      do throws(ImageError) {
        _ = try dataset.load(item)
        Issue.record("a damaged member was read")
      } catch {
        #expect(error.source == folder.path + "/set.zip/cat/2.png")
        #expect(error.description.contains("expected an undamaged member of the archive, found "))
      }
    }
  }

  @Test func everyCutIsRefused() throws {
    let folder = try TemporaryFolder()
    let whole = ZipBuilder([Member("a/1", [1, 2, 3]), Member("b/1", [4, 5], method: 8)]).bytes()
    #expect(try found(whole, folder) == "nothing")
    for count in 0..<whole.count { #expect(try found(Array(whole.prefix(count)), folder) != "nothing", "\(count)") }
  }

  /// Whatever is changed, opening and reading end: with the bytes that were packed, or with an error.
  @Test func mutations() throws {
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: 5, name: "mutations of archives")
    var builder = ZipBuilder((0..<6).map { Member("c\($0 % 2)/\($0)", (0..<40).map { UInt8($0) }, method: $0 % 2 * 8) })
    builder.members[3].isLarge = true
    builder.members[4].hasDescriptor = true
    let path = folder.path + "/set.zip"
    let small = builder.bytes()
    builder.isLarge = true
    let large = builder.bytes()
    for round in 0..<500 {
      var bytes = round % 2 == 0 ? large : small
      for _ in 0...Int(random.next() % 3) {
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] = random.next() % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : [0, 255][round / 2 % 2]
      }
      try folder.write(bytes, "set.zip")
      guard let archive = try? ZipArchive(path: path) else { continue }
      for index in 0..<archive.count {
        if let bytes = try? archive.bytes(index), !bytes.isEmpty { #expect(bytes == builder.members[0].data) }
      }
    }
  }

  @Test func listsReachIntoArchives() throws {
    let folder = try TemporaryFolder()
    try folder.write(ZipBuilder(four(under: "w/")).bytes(), "set.zip")
    let packed = try Dataset.open(path: folder.path + "/set.zip", fractions: SplitFractions(validation: 0, test: 0))
    let entries = packed.items(.train).map {
      Manifest.Entry(path: Manifest.path(of: $0)!, label: packed.classes[$0.label], split: .train)
    }
    try Manifest(entries: entries).write(to: folder.path + "/list.csv")
    let text = try String(contentsOfFile: folder.path + "/list.csv", encoding: .utf8)
    #expect(text.contains("\nset.zip/w/cat/2.png,cat,train\n"))
    try folder.write(Array((text + "set.zip/none.png,cat,train\n").utf8), "list.csv")
    let listed = try Dataset.open(path: folder.path + "/list.csv", fractions: SplitFractions(validation: 0, test: 0))
    #expect(listed.skipped.map(\.path) == ["set.zip/none.png"])
    #expect(try listed.items(.train).map { try listed.load($0) } == (0..<4).map { picture($0) })
  }
}
