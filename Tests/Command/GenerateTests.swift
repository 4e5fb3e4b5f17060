import Foundation
import NunchiDocuments
import Testing

/// `nunchi data generate`: what it writes, what it refuses, and that nothing half is left.
@Suite(isBuilt) struct GenerateTests {
  private let folder = TemporaryFolder()

  @Test func shapesAndScenes() throws {
    let answer = try Program.run(
      "data generate shapes --out \(folder.path)/shapes --count 24 --size 24 --seed 3 --format jpg --scenes \(folder.path)/scenes --scene-count 4 --json"
    )
    try expectValid(try answer.document(), "data-generate-shapes")
    let result = try answer.result()
    #expect(result["images"] == 24 && result["scenes"]?["images"] == 4)
    #expect(FileManager.default.fileExists(atPath: folder.path + "/shapes/Train/star/shape-00003.jpg"))
    #expect(FileManager.default.fileExists(atPath: folder.path + "/scenes/scene-00003.jpg"))
    let lines = try String(contentsOfFile: folder.path + "/scenes/scenes.jsonl", encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 4)
    for line in lines { try expectValid(try JSON(parsing: String(line)), "scene") }
    let plain = try Program.run("data generate shapes --out \(folder.path)/more --count 6 --size 16")
    #expect(plain.status == 0 && plain.output.hasPrefix("6 shapes in \(folder.path)/more: 6 for training"))
  }

  @Test(arguments: ["blobs --classes 4", "rings", "spirals --noise 0", "xor", "line --format tsv"])
  func points(form: String) throws {
    let (table, picture) = (folder.path + "/points", folder.path + "/points.png")
    let answer = try Program.run(
      "data generate \(form) --out \(table) --count 12 --picture \(picture) --size 64 --json")
    try expectValid(try answer.document(), "data-generate-points")
    let lines = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines[0] == (form.hasPrefix("line") ? "x\ty" : "x,y,label"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: picture)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let again = try Program.run("data generate \(form) --out \(table)")
    #expect(again.status == 3)
    let verb = "nunchi data generate \(form.split(separator: " ")[0])"
    #expect(again.error == "\(verb): \(table): expected a new file, found one that is there; choose another name\n")
  }

  /// Word by word: what a person reads who asks for what cannot be.
  @Test(
    arguments: [
      ("faces --out x --count 1", 2, "faces: --count expects 2 to 1000000, found 1"),
      ("faces --out x --size 8", 2, "faces: --size expects 16 to 2048, found 8"),
      ("shapes --out x --count 5", 2, "shapes: --count expects 6 to 1000000, found 5"),
      ("shapes --out x --scene-count 0", 2, "shapes: --scene-count expects 1 to 1000000, found 0"),
      ("blobs --out x --classes 1", 2, "blobs: --classes expects 2 to 9, found 1"),
      ("line --out x --noise -1", 2, "line: --noise expects 0 to 1000, found -1.0"),
      (
        "rings --out x --picture x.gif", 2, "rings: --picture expects a name that ends in .png or .jpg, found \"x.gif\""
      ),
      (
        "line --out missing/line.csv", 3,
        "line: missing/line.csv: cannot write: No such file or directory; check the path and the room on the disk"
      ),
    ] as [(String, Int32, String)])
  func mistakes(line: String, status: Int32, text: String) throws {
    let answer = try Program.run("data generate \(line)", in: folder.path)
    #expect(answer.status == status && answer.output.isEmpty)
    #expect(answer.error == "nunchi data generate \(text)\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    try expectValid(try Program.run("data generate \(line) --json", in: folder.path).document(), "error")
  }

  /// Ctrl-C in the middle leaves neither half a file nor half a data set.
  @Test(arguments: [("faces", SIGINT, 130), ("shapes", SIGTERM, 143)] as [(String, Int32, Int32)])
  func interrupts(kind: String, signal: Int32, status: Int32) throws {
    let out = folder.path + "/drawn"
    let words = ["data", "generate", kind, "--out", out, "--count", "100000", "--size", "48"]
    let running = try Program.start(words)
    let deadline = Date(timeIntervalSinceNow: 20)
    func files() -> Int { (try? FileManager.default.subpathsOfDirectory(atPath: out).count) ?? 0 }
    while files() < 40, Date() < deadline { usleep(5000) }
    kill(running.process.processIdentifier, signal)
    let answer = running.wait(20)
    #expect(answer.status == status)
    #expect(answer.error == "nunchi data generate \(kind): interrupted; what was drawn in \(out) is removed again\n")
    #expect(!FileManager.default.fileExists(atPath: out))
  }
}
