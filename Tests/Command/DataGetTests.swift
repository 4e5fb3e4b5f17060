import DownloadFixtures
import Foundation
import NunchiDocuments
import Testing

@Suite(isBuilt) struct DataGetTests {
  /// A picture that needs no codec: PNM.
  private func members() -> [ZipBuilder.Member] {
    ["w/cat/1.ppm", "w/cat/2.ppm", "w/dog/1.ppm", "w/dog/2.ppm"].enumerated().map { index, name in
      .init(name, Array("P6 2 1 255\n".utf8) + [UInt8](repeating: UInt8(index), count: 6), method: 8)
    }
  }

  @Test func getsAnArchive() throws {
    let archive = ZipBuilder(members()).bytes()
    let server = LocalServer { _, _ in .init(file: archive) }
    let folder = TemporaryFolder()
    let answer = try Program.run("data get \(server.base)set.zip --out \(folder.path)/new/set --json")
    let document = try answer.document()
    try expectValid(document, "data-get")
    #expect(document["result"]?["images"] == 4 && document["result"]?["classes"] == ["cat", "dog"])
    #expect(!answer.error.contains("\u{1B}") && !answer.error.contains("\r"))
    let again = try Program.run("data get \(server.base)set.zip --out \(folder.path)/new/set")
    #expect(again.status == 3 && again.error.contains("found a folder that is not empty; choose another folder"))
  }

  /// The same tar archive from an address, and opened where it lies.
  @Test func getsAndOpensATar() throws {
    let tar = ZipBuilder.gzip(
      TarBuilder(
        ["cat", "dog"].flatMap { name in
          (0..<10).map { index in
            TarBuilder.Member(
              "w/\(name)/\(index).ppm", Array("P6 2 1 255\n".utf8) + [UInt8](repeating: UInt8(index), count: 6))
          }
        }
      ).bytes())
    let server = LocalServer { _, _ in .init(file: tar) }
    let folder = TemporaryFolder()
    let got = try Program.run("data get \(server.base)set.tgz --out \(folder.path)/set --json").result()
    #expect(got["images"] == 20 && got["classes"] == ["cat", "dog"] && got["kind"] == "folders")
    try Data(tar).write(to: URL(filePath: folder.path + "/set.tgz"))
    let cache = ["XDG_CACHE_HOME": folder.path + "/caches"]
    let document = try Program.run("data stats \(folder.path)/set.tgz --json", environment: cache).document()
    try expectValid(document, "data-stats")
    #expect(document["result"]?["kind"] == "archive")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/caches/nunchi").count == 1)
    let line =
      "train \(folder.path)/set.tgz --model mlp --size 4 --epochs 1 --batch 4 --seed 1 --out \(folder.path)/runs"
    #expect(try Program.run(line, environment: cache).status == 0)
    try Data(tar.dropLast(20)).write(to: URL(filePath: folder.path + "/set.tgz"))
    let damaged = try Program.run("data stats \(folder.path)/set.tgz", environment: cache)
    #expect(damaged.status == 3 && damaged.error.contains("expected a whole gzip file"), "\(damaged.error)")
  }

  /// Exit status 3: what is wanted cannot be read.
  @Test func failuresAreData() throws {
    let server = LocalServer { _, _ in .init(status: 404) }
    let folder = TemporaryFolder()
    for line in ["mnist --base-url \(server.base)", server.base + "x.zip", "http://127.0.0.1:1/x.zip"] {
      let answer = try Program.run("data get \(line) --out \(folder.path)/out --json", timeout: 90)
      #expect(answer.status == 3)
      try expectValid(try answer.document(), "error")
    }
    let answer = try Program.run("data get \(server.base)x.zip --out \(folder.path)/out")
    #expect(
      answer.error
        == "nunchi data get: \(server.base)x.zip: expected the file, found the answer 404, not found; check the address\n"
    )
  }

  @Test(arguments: [
    ("mnst --out x", "no public set is called \"mnst\"; give one of mnist, fashion-mnist, cifar10"),
    ("ftp://a/b.zip --out x", "expects an address with http:// or https://, found \"ftp://a/b.zip\""),
    ("https://a/b.zip --base-url http://c --out x", "--base-url goes with the name of a public set"),
  ])
  func mistakes(line: String, message: String) throws {
    let answer = try Program.run("data get " + line)
    #expect(answer.status == 2 && answer.error.contains(message), "\(answer.error)")
  }

  /// Ctrl-C ends it with 130, and the bytes so far stay for the next run.
  @Test func interruption() throws {
    let archive = ZipBuilder(members()).bytes()
    let server = LocalServer { request, _ in
      request.from == nil ? .init(file: archive, cutAfter: 100, silence: 20) : .init(file: archive)
    }
    let folder = TemporaryFolder()
    let words = ["data", "get", server.base + "set.zip", "--out", folder.path + "/out"]
    let running = try Program.start(words)
    let part = folder.path + "/out/set.zip.part"
    for _ in 0..<1000 {
      if FileManager.default.contents(atPath: part)?.count == 100 { break }
      usleep(10_000)
    }
    running.process.interrupt()
    let answer = running.wait(15)
    #expect(answer.status == 130)
    #expect(answer.error.contains("run the command again: it goes on where it ended"))
    #expect(FileManager.default.contents(atPath: part)?.count == 100)
    #expect(try Program.start(words).wait(30).status == 0)
    #expect(server.requests.map(\.from) == [nil, 100])
  }
}
