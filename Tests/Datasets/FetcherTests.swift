import DownloadFixtures
import Foundation
import NunchiDatasets
import StubCurl
import Testing

/// Against downloads that break, lie or overwrite. The servers are of the test's own.
@Suite struct FetcherTests {
  private let file = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) }

  private func set(_ servers: LocalServer...) -> PublicSet {
    PublicSet(
      named: "one", files: [("one", SHA256.text(SHA256.digest(file)))], archive: nil, mirrors: servers.map(\.base))
  }

  private var quick: Download.Options {
    var options = Download.Options()
    (options.pause, options.attempts, options.stallSeconds) = (0, 2, 2)
    return options
  }

  private func fetch(
    _ set: PublicSet, _ folder: TemporaryFolder, attempts: Int = 2, until stop: Int = .max
  ) throws -> [Fetcher.Placed] {
    var options = quick
    options.attempts = attempts
    return try Fetcher(into: folder.path + "/out", options: options) { event in
      if case .receiving(_, let bytes, _) = event { bytes < stop } else { true }
    }
    .fetch(set)
  }

  private func names(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out").sorted()
  }

  private func reason(_ body: () throws -> Void) -> DownloadError.Reason? {
    do {
      try body()
      return nil
    } catch {
      return (error as? DownloadError)?.reason
    }
  }

  @Test func placesWhatIsMissing() throws {
    let zipped = ZipBuilder.gzip(file)
    let folder = try TemporaryFolder()
    let server = LocalServer { _, _ in .init(file: zipped) }
    try folder.write([1, 2], "out/other.txt")
    #expect(try fetch(set(server), folder) == [.init(name: "one.gz", wasThere: false)])
    #expect(try names(folder) == ["one.gz", "other.txt"])
    #expect(try folder.contents()["out/one.gz"] == Data(zipped))
    #expect(try fetch(set(server), folder) == [.init(name: "one.gz", wasThere: true)])
    #expect(server.requests == [.init(path: "one.gz", from: nil)])
    // What is there and is not the file is neither used nor overwritten.
    try folder.write(ZipBuilder.gzip([1]), "out/one.gz")
    let found = SHA256.text(SHA256.digest([1]))
    guard case .checksum(_, found)? = reason({ _ = try fetch(set(server), folder) }) else {
      Issue.record("a wrong file was taken")
      return
    }
    #expect(try folder.contents()["out/one.gz"] == Data(ZipBuilder.gzip([1])))
  }

  @Test func goesOnAfterACut() throws {
    let zipped = ZipBuilder.gzip(file)
    let folder = try TemporaryFolder()
    let server = LocalServer { _, number in .init(file: zipped, cutAfter: number == 0 ? 1000 : number < 4 ? 500 : nil) }
    guard case .network? = reason({ _ = try fetch(set(server), folder, attempts: 0) }) else {
      Issue.record("a cut was no error")
      return
    }
    #expect(try folder.contents()["out/one.gz.part"] == Data(zipped.prefix(1000)))
    // One fruitless attempt would end it: each brings something.
    #expect(try fetch(set(server), folder, attempts: 1).count == 1)
    #expect(server.requests.map(\.from) == [nil, 1000, 1500, 2000, 2500])
    #expect(try names(folder) == ["one.gz"])
  }

  @Test func beginsAnewWhereItMust() throws {
    let zipped = ZipBuilder.gzip(file)
    for (knowsRanges, part, expected) in [
      (false, Array(zipped.prefix(100)), [100]), (true, [UInt8](repeating: 1, count: 100), [100, nil]),
      (true, zipped + [0], [zipped.count + 1, nil]),
    ] {
      let server = LocalServer { _, _ in .init(file: zipped, knowsRanges: knowsRanges) }
      let folder = try TemporaryFolder()
      try folder.write(part, "out/one.gz.part")
      #expect(try fetch(set(server), folder).count == 1)
      #expect(try folder.contents()["out/one.gz"] == Data(zipped))
      #expect(server.requests.map(\.from) == expected)
    }
  }

  @Test func anotherServerHelps() throws {
    let zipped = ZipBuilder.gzip(file)
    let bad = [
      LocalServer { _, _ in .init(status: 404, file: [1, 2, 3]) },
      LocalServer { _, _ in .init(file: ZipBuilder.gzip([1])) }, LocalServer { _, _ in .init(status: 503) },
    ]
    let good = LocalServer { _, _ in .init(file: zipped) }
    for server in bad {
      let folder = try TemporaryFolder()
      #expect(try fetch(set(server, good), folder).count == 1)
      let alone = try TemporaryFolder()
      #expect(throws: DownloadError.self) { try fetch(set(server), alone) }
      #expect(try names(alone).filter { $0 == "one.gz" }.isEmpty)
    }
    let folder = try TemporaryFolder()
    #expect(reason { _ = try fetch(set(bad[0]), folder) } == .status(404))
    #expect(try names(folder).isEmpty)
    #expect(bad[2].requests.count == 4)
  }

  @Test func redirects() throws {
    let zipped = ZipBuilder.gzip(file)
    let server = LocalServer { request, _ in
      request.path == "one.gz" ? .init(status: 302, headers: ["Location: /there"]) : .init(file: zipped)
    }
    let folder = try TemporaryFolder()
    #expect(try fetch(set(server), folder).count == 1)
    #expect(server.requests.map(\.path) == ["one.gz", "there"])
    let leak = LocalServer { _, _ in .init(status: 302, headers: ["Location: file:///etc/hostname"]) }
    guard case .address? = reason({ _ = try fetch(set(leak), TemporaryFolder()) }) else {
      Issue.record("a redirect to a local file was followed")
      return
    }
  }

  @Test func silenceEndsAndStoppingKeepsWhatIsThere() throws {
    let zipped = ZipBuilder.gzip(file)
    let folder = try TemporaryFolder()
    let server = LocalServer { _, number in
      number < 2 ? .init(file: zipped, cutAfter: 1000 * (1 - number), silence: 4) : .init(file: zipped)
    }
    #expect(reason { _ = try fetch(set(server), folder, until: 500) } == .stopped)
    #expect(try folder.contents()["out/one.gz.part"] == Data(zipped.prefix(1000)))
    #expect(try fetch(set(server), folder).count == 1)
    #expect(server.requests.map(\.from) == [nil, 1000, 1000])
  }

  @Test func withoutServerOrLibrary() throws {
    let folder = try TemporaryFolder()
    let nobody = PublicSet(named: "n", files: [("one", "")], archive: nil, mirrors: ["http://127.0.0.1:1/"])
    guard case .network? = reason({ _ = try fetch(nobody, folder) }) else {
      Issue.record("nobody answered and it was no error")
      return
    }
    var options = quick
    options.library = "/nowhere/libcurl.so"
    #expect(
      reason { _ = try Fetcher(into: folder.path, options: options) { _ in true }.fetch(nobody) } == .noLibrary)
  }

  /// By the numbers of curl/curl.h: addresses, redirects and their protocols and number, bounds in time, callbacks.
  @Test(arguments: [
    (10002, "URL"), (181, "PROTOCOLS"), (182, "REDIR_PROTOCOLS"), (52, "FOLLOWLOCATION"), (68, "MAXREDIRS"),
    (78, "CONNECTTIMEOUT"), (19, "LOW_SPEED_LIMIT"), (20, "LOW_SPEED_TIME"), (43, "NOPROGRESS"),
    (20011, "WRITEFUNCTION"), (10001, "WRITEDATA"), (20079, "HEADERFUNCTION"), (10029, "HEADERDATA"),
    (20219, "XFERINFOFUNCTION"), (10057, "XFERINFODATA"),
  ]) func nothingIsTransferredWithoutAnOption(number: Int32, name: String) throws {
    var options = quick
    options.curl = { stub_curl(number) }
    let folder = try TemporaryFolder()
    let nobody = PublicSet(named: "n", files: [("one", "")], archive: nil, mirrors: ["http://127.0.0.1:1/"])
    do {
      _ = try Fetcher(into: folder.path, options: options) { _ in true }.fetch(nobody)
      Issue.record("a transfer without CURLOPT_\(name)")
    } catch let error as DownloadError {
      #expect(
        "\(error)" == "http://127.0.0.1:1/one.gz: expected a libcurl that takes every option of a transfer, found one "
          + "that refuses CURLOPT_\(name); install the libcurl of your system (Debian: apt install libcurl4), version 7.32 "
          + "or later")
    }
    #expect(stub_curl_transfers() == 0)
  }

  /// The user agent, the text of errors and signals.
  @Test(arguments: [10018, 10010, 99]) func comfortIsNoCondition(number: Int32) throws {
    var options = quick
    options.curl = { stub_curl(number) }
    let folder = try TemporaryFolder()
    let nobody = PublicSet(named: "n", files: [("one", "")], archive: nil, mirrors: ["http://127.0.0.1:1/"])
    #expect(
      reason { _ = try Fetcher(into: folder.path, options: options) { _ in true }.fetch(nobody) } == .network("refused")
    )
    #expect(stub_curl_transfers() > 0)
  }

  @Test func oneAtATime() throws {
    let zipped = ZipBuilder.gzip(file)
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], "out/one.gz.part")
    let other = open(folder.path + "/out/one.gz.part", O_RDWR)
    #expect(flock(other, LOCK_EX) == 0)
    let server = LocalServer { _, _ in .init(file: zipped) }
    #expect(reason { _ = try fetch(set(server), folder) } == .busy)
    #expect(try folder.contents()["out/one.gz.part"] == Data([1, 2, 3]))
    close(other)
    #expect(try fetch(set(server), folder).count == 1)
  }

  // MARK: - Archives

  @Test func setsInOneArchive() throws {
    let long = "deep/" + String(repeating: "x", count: 120)
    let whole = TarBuilder([
      .init("./", kind: "5"), .init("top/", kind: "5"), .init("top/a.bin", Array(file.prefix(700))), .longName(long),
      .init("cut", [5]), .init("top/b.txt", [9]),
    ])
    let zipped = ZipBuilder.gzip(whole.bytes())
    let server = LocalServer { _, _ in .init(file: zipped) }
    let digests = [Array(file.prefix(700)), [9]].map { SHA256.text(SHA256.digest($0)) }
    let files = [("a.bin", digests[0]), ("b.txt", digests[1])]
    let folder = try TemporaryFolder()
    let set = PublicSet(named: "s", files: files, archive: "s.tar.gz", mirrors: [server.base])
    #expect(try fetch(set, folder).map(\.wasThere) == [false, false])
    #expect(try names(folder) == ["a.bin", "b.txt"])
    #expect(try fetch(set, folder).map(\.wasThere) == [true, true])
    #expect(server.requests.count == 1)
    let wrong = PublicSet(
      named: "s", files: [files[1], ("a.bin", digests[1])], archive: "s.tar.gz", mirrors: [server.base])
    let other = try TemporaryFolder()
    #expect(throws: DownloadError.self) { try fetch(wrong, other) }
    #expect(try names(other).isEmpty)
  }

  private func get(_ archive: [UInt8], _ folder: TemporaryFolder) throws -> [Fetcher.Placed] {
    let server = LocalServer { _, _ in .init(file: archive) }
    return try Fetcher(into: folder.path + "/out", options: quick) { _ in true }
      .fetch(address: server.base + "sets/my.zip?x=1")
  }

  @Test func anyZipOfClasses() throws {
    let folder = try TemporaryFolder()
    let members = try ["w/cat/1.png", "w/cat/2.png", "w/dog/1.png", "w/dog/2.png", "__MACOSX/w"].enumerated().map {
      ZipBuilder.Member($1, try picture($0).encodedPNG(), method: 8)
    }
    #expect(try get(ZipBuilder(members).bytes(), folder).count == 4)
    #expect(try names(folder) == ["cat", "dog"])
    #expect(try Dataset.open(path: folder.path + "/out").classes == ["cat", "dog"])
    // A folder that holds something is left alone.
    let before = try folder.contents()
    #expect(throws: DatasetError(.notEmpty, path: folder.path + "/out")) {
      try get(ZipBuilder(members).bytes(), folder)
    }
    #expect(try folder.contents() == before)
  }

  @Test func tarsAndTheirKind() throws {
    for bytes in PackedSamples.tars.map(\.bytes) + [PackedSamples.sevenZip] {
      let folder = try TemporaryFolder()
      #expect(try get(bytes, folder).count == 4)
      #expect(try Dataset.open(path: folder.path + "/out").classes == ["dog", "고양이"])
    }
  }

  @Test func hostileArchivesLeaveNothing() throws {
    var damaged = ZipBuilder.Member("b/2", [1, 2, 3])
    damaged.checksum = 7
    for archive in [
      ZipBuilder([.init("a/1", [1]), .init("../../evil", [2])]).bytes(),
      ZipBuilder([.init("a/1", [1]), damaged]).bytes(), Array("no archive".utf8),
      ZipBuilder.gzip(TarBuilder([.init("a/1", [1]), .init("../evil", [2])]).bytes()),
      ZipBuilder.gzip(TarBuilder([.init("a/1", [1]), .init("a", [2])]).bytes()), PackedSamples.link,
    ] {
      let folder = try TemporaryFolder()
      #expect(throws: (any Error).self) { try get(archive, folder) }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path) == ["out"])
    }
  }
}
