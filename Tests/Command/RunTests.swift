import Foundation
import NunchiDocuments
import Testing

/// Two short trainings, listed, shown and compared.
@Suite(.serialized, isBuilt) struct RunTests {
  struct Trained {
    let folder = TemporaryFolder()
    let first: Program.Answer
    let second: Program.Answer

    init() throws {
      let path = folder.path
      _ = try Program.run("data generate faces --out \(path)/faces --count 60 --size 32 --seed 4")
      let flags = "train faces --model mlp --size 8 --epochs 2 --quiet"
      first = try Program.run(flags + " --json", in: path)
      second = try Program.run(flags + " --lr 0.01", in: path)
    }
  }

  nonisolated(unsafe) private static let shared = Result { try Trained() }
  private let trained: Trained
  private var folder: String { trained.folder.path }

  init() throws { trained = try Self.shared.get() }

  /// Training says where its report is; the report holds the numbers of the result.
  @Test func report() throws {
    let result = try trained.first.result()
    #expect(result["report"] == "runs/train-0001/report.html")
    let html = try String(contentsOfFile: folder + "/runs/train-0001/report.html", encoding: .utf8)
    let accuracy = try #require(result["test"]?["accuracy"]?.doubleValue)
    #expect(html.contains("<b>\(String(format: "%.4f", accuracy))</b>"))
    #expect(html.components(separatedBy: "src=\"data:image/").count > 24)
    let lines = trained.second.output.split(separator: "\n").suffix(3)
    #expect(lines.first == "model:  runs/train-0002/model/best.safetensors")
    #expect(lines.dropFirst().first == "report: runs/train-0002/report.html")
    #expect(lines.last?.hasPrefix("next:   nunchi predict ") == true)
  }

  @Test func list() throws {
    let answer = try Program.run("run list --json", in: folder)
    try expectValid(try answer.document(), "run-list")
    let runs = try #require(answer.result()["runs"]?.arrayValue)
    #expect(runs.compactMap { $0["run"]?.stringValue } == ["train-0001", "train-0002"])
    #expect(try runs[0]["test_f1_macro"] == trained.first.result()["test"]?["f1_macro"])
    let lines = try Program.run("run list", in: folder).output.split(separator: "\n")
    #expect(lines.count == 4 && lines[2].hasPrefix("train-0002"))
    #expect(
      lines.last == "next:   nunchi run show runs/train-0002, or nunchi run compare runs/train-0001 runs/train-0002")
    let empty = TemporaryFolder()
    #expect(try Program.run("run list \(empty.path)").output == "\(empty.path): no runs; nunchi train DATA makes one\n")
    #expect(try Program.run("run list \(folder)/none").status == 4)
  }

  /// `latest` is the run that it points at.
  @Test func show() throws {
    let answer = try Program.run("run show latest --html \(folder)/again.html --json", in: folder)
    try expectValid(try answer.document(), "run-show")
    #expect(try answer.result()["repeat"]?.arrayValue?.suffix(2) == ["--lr", "0.01"])
    // From the run folder alone: the same page as at the end of the training.
    let first = try String(contentsOfFile: folder + "/runs/train-0002/report.html", encoding: .utf8)
    #expect(try String(contentsOfFile: folder + "/again.html", encoding: .utf8) == first)
    let elsewhere = try Program.run("run show \(folder)/runs/train-0001 --html \(folder)/third.html")
    #expect(elsewhere.output.contains("the report: \(folder)/third.html"))
    #expect(elsewhere.output.contains("majority baseline") && elsewhere.output.contains("95 %: "))
    // Relative paths are those of the training: its pictures are found from any folder.
    let third = try String(contentsOfFile: folder + "/third.html", encoding: .utf8)
    #expect(third.components(separatedBy: "src=\"data:image/").count > 24)
    let missing = try Program.run("run show nothing", in: folder)
    #expect(missing.status == 4)
    #expect(
      missing.error
        == "nunchi run show: nothing: expected a run folder with its config.json, found none that can be read\n")
  }

  @Test func compare() throws {
    let answer = try Program.run("run compare train-0001 train-0002 --json", in: folder)
    try expectValid(try answer.document(), "run-compare")
    let result = try answer.result()
    #expect(result["settings"] == ["lr": [0.001, 0.01]])
    #expect(result["same_data"] == true)
    let count = try trained.first.result()["test"]?["images"]
    #expect(result["answers"]?["images"] == count)
    let text = try Program.run("run compare train-0001 train-0002", in: folder).output
    #expect(text.contains("the second fixes") && text.contains("\n--lr ") && text.contains("\n  95 % "))
    #expect(text.components(separatedBy: "epoch").count == 2, "how far a run came stands once")
    #expect(try Program.run("run compare train-0001", in: folder).status == 2)
  }
}
