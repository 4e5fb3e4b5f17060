import Foundation
import NunchiDocuments
import Testing

/// Data sets examined, counted and divided from the command line.
@Suite(.serialized, isBuilt) struct DataCheckTests {
  private let folder = TemporaryFolder()
  private var data: String { folder.path + "/faces" }

  init() throws {
    let generated = try Program.run("data generate faces --out \(folder.path)/faces --count 60 --size 48 --seed 5")
    #expect(generated.status == 0, "\(generated.error)")
  }

  private func copy(_ from: String, _ to: String) throws {
    try FileManager.default.copyItem(atPath: data + "/" + from, toPath: data + "/" + to)
  }

  private func first(_ place: String) throws -> String {
    try #require(FileManager.default.contentsOfDirectory(atPath: data + "/" + place).sorted().first)
  }

  @Test func checks() throws {
    let (mask, other) = (try first("Train/Mask"), try first("Train/Non Mask"))
    try copy("Train/Mask/\(mask)", "Test/Mask/leak.jpg")
    try copy("Train/Non Mask/\(other)", "Train/Mask/wrong.jpg")
    try Data([0xFF, 0xD8, 0xFF, 0xE0, 0]).write(to: URL(fileURLWithPath: data + "/Train/Mask/damaged.jpg"))
    let answer = try Program.run("data check \(data) --json --html \(folder.path)/page.html")
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "data-check")
    let result = try answer.result()
    let bad = try #require(result["files"]?.arrayValue).filter { $0["status"] != "ok" }
    #expect(bad.map { $0["path"]?.stringValue } == ["Train/Mask/damaged.jpg"])
    #expect(bad.first?["status"] == "damaged" && bad.first?["format"] == "JPEG")
    let found = try #require(result["duplicates"]?.arrayValue).filter { $0["kind"] == "exact" }
    #expect(found.map { $0["across"]?.stringValue }.sorted { $0! < $1! } == ["class", "split"])
    let leak = try #require(found.first { $0["across"] == "split" })
    #expect(leak["paths"] == JSON(["Train/Mask/\(mask)", "Test/Mask/leak.jpg"]))
    #expect(answer.error.contains("1 picture is there in more than one split"))
    let page = try String(contentsOfFile: folder.path + "/page.html", encoding: .utf8)
    #expect(page.contains("across splits") && page.contains("damaged.jpg"))
    let strict = try Program.run("data check \(data) --strict --json")
    #expect(strict.status == 3)
    try expectValid(try strict.document(), "data-check")
    #expect(strict.error.contains("expected only usable pictures, found 1 others, first Train/Mask/damaged.jpg"))
  }

  /// Drawn faces give nothing away: no warning, whatever the split.
  @Test func drawnFacesAreClean() throws {
    let answer = try Program.run("data check \(data)")
    #expect(answer.status == 0 && answer.error.isEmpty, "\(answer.error)")
    #expect(answer.output.contains("nothing stands out"))
  }

  @Test func checksOneFileAndFoldersWithoutClasses() throws {
    let name = try first("Test/Mask")
    let file = try Program.run("data check \(data)/Test/Mask/\(name) --json").result()
    #expect(file["kind"] == "file" && file["files"]?[0]?["status"] == "ok" && file["files"]?[0]?["width"] == 48)
    let flat = try Program.run("data check \(data)/Test/Mask --json")
    try expectValid(try flat.document(), "data-check")
    #expect(try flat.result()["kind"] == "pictures")
    let missing = try Program.run("data check \(folder.path)/missing --json")
    #expect(missing.status == 3)
    try expectValid(try missing.document(), "error")
  }

  @Test func counts() throws {
    let answer = try Program.run("data stats \(data) --json")
    try expectValid(try answer.document(), "data-stats")
    let result = try answer.result()
    #expect(result["pictures"] == 60 && result["formats"]?["JPEG"] == 60 && result["width"]?["median"] == 48)
    #expect(result["baseline"]?["accuracy"]?.doubleValue == 0.5)
    #expect(try Program.run("data stats \(data)").output.contains("longer side"))
  }

  /// What data split writes, train reads.
  @Test func dividesAndTrains() throws {
    try copy("Train/Mask/\(try first("Train/Mask"))", "Test/Mask/leak.jpg")
    let list = folder.path + "/list.csv"
    let answer = try Program.run("data split \(data) --out \(list) --seed 2 --json")
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "data-split")
    let result = try answer.result()
    #expect(result["images"] == 61 && result["groups"] == 60)
    let checked = try Program.run("data check \(list) --json").result()
    let across = try #require(checked["duplicates"]?.arrayValue).map { $0["across"]?.stringValue }
    #expect(!across.isEmpty && across.allSatisfy { $0 == "none" })
    let training = try Program.run(
      "train \(list) --model mlp --size 8 --epochs 1 --seed 1 --out \(folder.path)/runs --json")
    #expect(training.status == 0, "\(training.error)")
    #expect(try training.result()["test"]?["images"] == result["splits"]?["test"])
  }

  @Test func refusesToDivide() throws {
    let list = folder.path + "/list.csv"
    let cases: [(String, Int32, String)] = [
      ("data split \(data) --out \(list) --group-by folder --validation 0.2", 0, "divided already"),
      ("data split \(data)/Train --out \(list) --group-by folder", 3, "expected at least 3 groups of the class 'Mask'"),
      ("data split \(data) --out \(list) --group-by [", 2, "--group-by expects none, folder or a regular expression"),
      ("data split \(data) --out \(folder.path)/list.txt", 2, "a name that ends in .csv or .jsonl"),
      ("data split \(data) --out \(list) --test 1", 2, "leave some for training"),
    ]
    for (line, status, text) in cases {
      let answer = try Program.run(line)
      #expect(answer.status == status, "\(line): \(answer.error)")
      #expect(answer.error.contains(text), "\(line): \(answer.error)")
    }
  }

  @Test func previews() throws {
    let sheet = folder.path + "/sheet.png"
    let answer = try Program.run("data preview \(data) --out \(sheet) --count 5 --json")
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "data-preview")
    let result = try answer.result()
    #expect(result["rows"] == 2 && result["columns"] == 5)
    #expect(try Program.run("data check \(sheet) --json").result()["files"]?[0]?["format"] == "PNG")
  }

  /// Class names in letters that no font has are not passed over in silence; doctor says so too.
  @Test func previewsNamesOfOtherScripts() throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/korean", withIntermediateDirectories: true)
    for (from, to) in [("Mask", "마스크"), ("Non Mask", "노마스크")] {
      try FileManager.default.copyItem(atPath: "\(data)/Test/\(from)", toPath: "\(folder.path)/korean/\(to)")
    }
    let configuration = folder.path + "/fonts.conf"
    try Data("<?xml version=\"1.0\"?>\n<fontconfig><dir>\(folder.path)/none</dir></fontconfig>\n".utf8)
      .write(to: URL(fileURLWithPath: configuration))
    let none = ["FONTCONFIG_FILE": configuration]
    let answer = try Program.run(
      "data preview \(folder.path)/korean --out \(folder.path)/sheet.png --json", environment: none)
    try expectValid(try answer.document(), "data-preview")
    let warnings = try #require(try answer.document()["warnings"]?.arrayValue?.compactMap(\.stringValue))
    #expect(warnings.count == 1, "\(warnings)")
    #expect(warnings[0].hasPrefix("letters in \"노마스크\" and 1 other text are empty boxes on the sheet, because "))
    #expect(answer.error == "warning: \(warnings[0])\n")
    let doctor = try Program.run("doctor --json", environment: none).result()
    #expect(doctor["letters"]?["scripts"]?["korean"] == false)
    #expect(try Program.run("doctor", environment: none).output.contains("\nletters       ASCII; for Korean, "))
  }
}
