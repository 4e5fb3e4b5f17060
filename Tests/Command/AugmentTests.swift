import Foundation
import NunchiDocuments
import Testing

/// `nunchi augment list` and `apply`, and `--augment` of train, as a process.
@Suite(.serialized, isBuilt) struct AugmentTests {
  private let folder = TemporaryFolder()
  private var data: String { folder.path + "/faces" }

  private func generate() throws {
    #expect(try Program.run("data generate faces --out \(data) --count 24 --size 24").status == 0)
  }

  private func run(_ words: String...) throws -> Program.Answer { try Program.start(words).wait(30) }

  @Test func lists() throws {
    let answer = try Program.run("augment list --json")
    let document = try answer.document()
    try expectValid(document, "augment-list")
    let transforms = try #require(answer.result()["transforms"]?.arrayValue)
    let rotate = try #require(transforms.first { $0["name"] == "rotate" })
    #expect(rotate["amounts"] == "signed")
    #expect(rotate["parameters"]?.arrayValue?.first?["maximum"]?.doubleValue == 180)
    let presets = try #require(answer.result()["presets"]?.arrayValue)
    #expect(presets.map { $0["name"]?.stringValue } == ["none", "light", "medium", "heavy", "trivial"])
    let text = try Program.run("augment list").output
    for transform in transforms { #expect(text.contains(transform["name"]!.stringValue!)) }
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 140 })
  }

  /// Copies of training pictures only; what is held back is there byte for byte; the data set is as it was.
  @Test func applies() throws {
    try generate()
    let before = try contents(data)
    let out = folder.path + "/more"
    let answer = try run(
      "augment", "apply", data, "--out", out, "--copies", "3", "--augment", "rotate(30), fill: edge", "--seed", "5",
      "--json")
    try expectValid(try answer.document(), "augment-apply")
    let result = try answer.result()
    let training = before.keys.filter { $0.hasPrefix("Train/") }.count
    #expect(result["copies"]?.intValue == 3 * training)
    #expect(result["augment"] == "fill: edge, rotate(degrees: 30)")
    let after = try contents(out)
    #expect(after.count == before.count + 3 * training)
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
    #expect(after.keys.filter { before[$0] == nil }.allSatisfy { $0.hasPrefix("Train/") && $0.contains("-copy") })
    #expect(try contents(data) == before)

    let again = try run("augment", "apply", data, "--out", out)
    #expect(again.status == 3)
    #expect(
      again.error
        == "nunchi augment apply: \(out): expected a new or empty folder, found a folder that is not empty; choose another folder\n"
    )
    let same = try run(
      "augment", "apply", data, "--out", out + "2", "--copies", "3", "--augment", "rotate(30), fill: edge", "--seed",
      "5")
    #expect(same.status == 0)
    #expect(try contents(out + "2") == after)
  }

  @Test func refuses() throws {
    try generate()
    let test = try run("augment", "apply", data + "/Test", "--out", folder.path + "/x")
    #expect(test.status == 3)
    #expect(
      test.error.hasSuffix(
        "found the test split; give the folder that holds all splits\n"))
    let inside = try run("augment", "apply", data, "--out", data + "/Train/more")
    #expect(inside.status == 3)
    #expect(inside.error.contains("expected a folder outside of \(data), found one inside"))
    #expect(!FileManager.default.fileExists(atPath: data + "/Train/more"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/x"))
    let missing = try run("augment", "apply", data)
    #expect(missing.status == 2)
  }

  /// A text that is none is a sentence before anything else happens.
  @Test func mistakes() throws {
    for verb in [["train", "nowhere"], ["augment", "apply", "nowhere", "--out", "x"]] {
      let answer = try Program.start(verb + ["--augment", "light, rotat(15)"]).wait(30)
      #expect(answer.status == 2)
      #expect(
        answer.error
          == "nunchi \(verb.prefix(verb[0] == "train" ? 1 : 2).joined(separator: " ")): --augment: expected a transform, found \"rotat\" at character 8; did you mean rotate?\n"
      )
    }
  }

  /// What was asked for stands in the run's settings, with the flags' changes in it.
  @Test(arguments: [
    ([], "light"),
    (["--augment", "none"], "none"),
    (["--augment", "none", "--rotation", "20"], "rotate(degrees: 20)"),
    (["--augment", "some-of(1, zoom, rotate(5))", "--rotation", "0"], "some-of(1..1, zoom(share: 0.2))"),
    (["--augment", "elastic", "--flip"], "flip-horizontal(0.5), elastic(alpha: 3, sigma: 12)"),
    (
      ["--no-flip", "--shift", "0.2", "--rotation", "12"],
      "rotate(degrees: 12), translate-x(share: 0.2), translate-y(share: 0.2), brighten(share: 0.2), contrast(share: 0.2)"
    ),
    (["--no-flip", "--shift", "0", "--rotation", "0"], "brighten(share: 0.2), contrast(share: 0.2)"),
  ])
  func trainRemembers(flags: [String], text: String) throws {
    try generate()
    let answer = try Program.start(
      ["train", data, "--model", "mlp", "--size", "8", "--epochs", "1", "--out", folder.path + "/runs"] + flags
    ).wait(60)
    #expect(answer.status == 0, "\(answer.error)")
    let config = try String(contentsOfFile: folder.path + "/runs/latest/config.json", encoding: .utf8)
    #expect(config.contains("\"\(text)\""), "\(config)")
  }

  private func contents(_ path: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder), !isFolder.boolValue
      else {
        continue
      }
      contents[name] = FileManager.default.contents(atPath: path + "/" + name)
    }
    return contents
  }
}
