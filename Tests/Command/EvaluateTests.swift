import Foundation
import NunchiDocuments
import Testing

/// `evaluate` and `predict`: what is chosen, compared and stored, and every exit status.
@Suite(.serialized, isBuilt) struct EvaluateTests {
  nonisolated(unsafe) private static let shared = Result { try TrainingTests.Trained() }
  private let trained: TrainingTests.Trained

  init() throws { trained = try Self.shared.get() }

  private func evaluate(_ flags: String) throws -> Program.Answer {
    try Program.run("evaluate \(trained.model) \(trained.data) \(flags)")
  }

  /// What is chosen is stored beside the model and not in it, and both verbs answer by it.
  @Test func choosesAndSaves() throws {
    let saved = trained.folder.path + "/settled.safetensors"
    let before = try Data(contentsOf: URL(fileURLWithPath: trained.model))
    let answer = try evaluate("--choose-threshold recall>=1 --threshold-class Mask --save \(saved) --json")
    try expectValid(try answer.document(), "evaluate")
    let result = try answer.result()
    #expect(result["thresholds"]?["split"] == "validation" && result["split"] == "test")
    #expect(result["thresholds"]?["choices"]?[0]?["recall"]?.doubleValue == 1)
    let threshold = try #require(result["thresholds"]?["choices"]?[0]?["threshold"]?.doubleValue)
    #expect(result["saved"]?.stringValue == saved)
    #expect(try Data(contentsOf: URL(fileURLWithPath: trained.model)) == before)
    let later = try Program.run("evaluate \(saved) \(trained.data) --json").result()
    #expect(later["confusion"] == result["confusion"] && later["decision"] == result["decision"])
    let rows = try Program.run("predict \(saved) \(trained.data)/Test --all --json").result()["rows"]?.arrayValue ?? []
    #expect(!rows.isEmpty)
    for row in rows {
      let probability = try #require(row["probabilities"]?["Mask"]?.doubleValue)
      #expect(row["class"] == (probability >= threshold ? "Mask" : "Non Mask"))
    }
  }

  @Test func calibrates() throws {
    let saved = trained.folder.path + "/calibrated.safetensors"
    let answer = try evaluate("--calibrate --save \(saved) --json")
    try expectValid(try answer.document(), "evaluate")
    let result = try answer.result()
    let taken = result["calibration"]?["at_limit"] == false
    let expected = taken ? result["calibration"]?["temperature"] : .number(1)
    #expect(result["decision"]?["temperature"] == expected)
    #expect(result["accuracy"] == result["before"]?["accuracy"])
    let later = try Program.run("evaluate \(saved) \(trained.data) --json").result()
    #expect(later["log_loss"] == result["log_loss"])
  }

  /// A model beside itself changes nothing; two models are compared on the same pictures.
  @Test func compares() throws {
    let same = try Program.run("evaluate \(trained.model) \(trained.model) \(trained.data) --json")
    try expectValid(try same.document(), "evaluate-comparison")
    #expect(try same.result()["comparison"]?["sentence"] == "fixes 0, breaks 0, p = 1.0000")
    let other = trained.folder.path + "/never.safetensors"
    #expect(try evaluate("--choose-threshold cost=1000:1 --save \(other)").status == 0)
    let result = try Program.run("evaluate \(trained.model) \(other) \(trained.data) --json").result()
    let (first, second) = (result["first"]?["accuracy"]?.doubleValue, result["second"]?["accuracy"]?.doubleValue)
    let (fixes, breaks) = (result["comparison"]?["fixes"]?.intValue, result["comparison"]?["breaks"]?.intValue)
    let images = try #require(result["comparison"]?["images"]?.intValue)
    #expect(abs(second! - first! - Double(fixes! - breaks!) / Double(images)) < 1e-12)
    #expect(result["fixed"]?.arrayValue?.count == fixes && result["broken"]?.arrayValue?.count == breaks)
  }

  @Test func measuresOnRequest() throws {
    let answer = try evaluate("--curves --robustness --timing --require accuracy>=0 --json")
    try expectValid(try answer.document(), "evaluate")
    let result = try answer.result()
    #expect(result["robustness"]?["accuracy"] == result["accuracy"])
    #expect(result["gates"]?[0]?["met"] == true)
    #expect(result["curves"]?["classes"]?.arrayValue?.count == 2)
    let again = try evaluate("--robustness --threads 1 --json").result()
    #expect(again["robustness"] == result["robustness"])
    #expect(again["curves"] == nil && again["timing"] == nil)
    let text = try evaluate("--robustness --timing").output
    #expect(text.contains("rotation") && text.contains("images a second"))
  }

  /// A picture of training among those measured is told by its content, whatever its name.
  @Test func whatWasSeenInTraining() throws {
    let folder = TemporaryFolder()
    let data = folder.path + "/faces"
    let files = FileManager.default
    try files.copyItem(atPath: trained.data, toPath: data)
    let first = try #require(try files.contentsOfDirectory(atPath: data + "/Train/Mask").sorted().first)
    try files.copyItem(atPath: "\(data)/Train/Mask/\(first)", toPath: data + "/Test/Mask/again.jpg")
    let training = try Program.run(
      "train \(data) --model mlp --size 8 --epochs 1 --out \(folder.path)/runs --json")
    #expect(training.status == 0)
    let model = folder.path + "/runs/latest/model/best.safetensors"
    let answer = try Program.run("evaluate \(model) \(data) --json")
    #expect(try answer.result()["seen_in_training"] == ["images": 1, "paths": ["Test/Mask/again.jpg"]])
    #expect(answer.error.contains("pictures were in the training of \(model), which flatters it: Test/Mask/again.jpg"))
    #expect(try evaluate("--json").result()["seen_in_training"] == ["images": 0, "paths": []])
    // The model remembers the contents: another folder with the same pictures is told as well.
    let moved = try Program.run("evaluate \(model) \(trained.data)/Train --split all --json").result()
    #expect(moved["seen_in_training"]?["images"] == moved["images"])
    let others = try Program.run("evaluate \(model) \(trained.data)/Validation --split all --json").result()
    #expect(others["seen_in_training"] == ["images": 0, "paths": []])
  }

  @Test func predictionForms() throws {
    let pictures = trained.data + "/Test/Mask"
    let plain = try Program.run("predict \(trained.model) \(pictures) --csv").output.split(separator: "\n")
    #expect(plain.first == "path,class,probability,milliseconds,error")
    let lines = try Program.run("predict \(trained.model) \(pictures) --jsonl --all").output.split(separator: "\n")
    for line in lines {
      let row = try JSON(parsing: String(line))
      try expectValid(row, "prediction")
      #expect(row["probabilities"]?.objectValue?.keys == ["Mask", "Non Mask"])
      #expect((row["milliseconds"]?.doubleValue ?? -1) > 0)
    }
    #expect(lines.count == plain.count - 1)
  }

  /// Names of any length keep their columns, and can neither break a row nor rule the terminal.
  @Test func predictionTable() throws {
    let folder = TemporaryFolder()
    let source = trained.data + "/Test/Mask/"
    let picture = try #require(FileManager.default.contentsOfDirectory(atPath: source).first)
    let names = (0..<10).map { "\($0).jpg" } + ["odd\n\u{1B}[2J.jpg", String(repeating: "x", count: 150) + "9.jpg"]
    for name in names { try FileManager.default.copyItem(atPath: source + picture, toPath: "\(folder.path)/\(name)") }
    try "text".write(toFile: folder.path + "/text.jpg", atomically: true, encoding: .utf8)
    let answer = try Program.run("predict \(trained.model) \(folder.path)")
    let lines = answer.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(answer.status == 0 && lines.count == 1 + 13 + 3 && !answer.output.contains("\u{1B}"))
    #expect(lines.contains { $0.hasPrefix("…xxxx") && $0.contains("xx9.jpg  ") })
    #expect(lines.contains { $0.contains("text.jpg") && $0.hasSuffix("found bytes of no image format that is known") })
    #expect(lines[15].hasPrefix("13 inputs: 12 ") && lines[15].hasSuffix(", 1 not readable"))
    #expect(answer.error == "warning: 1 of 13 inputs could not be read\n")
  }

  /// For a person: no longer than a screen, each warning once, the baseline and intervals, and what comes next.
  @Test func text() throws {
    let answer = try evaluate("")
    let lines = answer.output.split(separator: "\n")
    #expect(lines.count < 40)
    // But for the lines with the paths that were given.
    let wide = lines.filter { $0.count > 120 && !$0.contains(trained.data) && !$0.contains(trained.model) }
    #expect(wide.isEmpty)
    #expect(lines.contains { $0.hasPrefix("majority baseline") && $0.contains("always answering '") })
    #expect(lines.contains { $0.hasPrefix("class ") && $0.contains("95 %") })
    #expect(lines.last == "next:   nunchi predict \(trained.model) FILE…")
    #expect(!answer.output.contains("warning:"))
  }

  /// Every exit status that these verbs reach, its message word by word.
  @Test func exitStatuses() throws {
    let folder = TemporaryFolder()
    try "nothing".write(toFile: folder.path + "/file", atomically: true, encoding: .utf8)
    let (model, data) = (trained.model, trained.data)
    let cases: [(String, Int32, String)] = [
      ("evaluate \(model) \(data)", 0, ""),
      (
        "evaluate \(model) \(data) --choose-threshold best", 2,
        "nunchi evaluate: threshold: expected max-f1, recall>=SHARE, precision>=SHARE or cost=FP:FN, found 'best'\n"
      ),
      (
        "evaluate \(model) \(data) --require accuracy=1", 2,
        "nunchi evaluate: gate: expected a metric, >= or <=, and a number, such as f1_macro>=0.9, found 'accuracy=1'\n"
      ),
      (
        "evaluate \(model) \(data) --save x", 2,
        "nunchi evaluate: --save x goes with --choose-threshold or --calibrate, found neither\n"
      ),
      (
        "evaluate \(model) \(data) --calibrate --save \(model)", 2,
        "nunchi evaluate: --save expects another file than the model, found \(model)\n"
      ),
      (
        "evaluate \(model) \(model) \(data) --curves", 2, "nunchi evaluate: --curves expects one model, found two\n"
      ),
      (
        "evaluate \(model) \(data)/Test --calibrate", 3,
        "nunchi evaluate: \(data)/Test: expected validation pictures to choose with, found none; give a folder with a "
          + "validation part, or the one that the model was trained on\n"
      ),
      (
        "predict \(model) \(folder.path)/none.png", 3,
        "nunchi predict: expected pictures that can be read, found 1 of 1 inputs that cannot\n"
      ),
      (
        "predict \(folder.path)/missing \(data)", 4,
        "nunchi predict: \(folder.path)/missing: cannot read: No such file or directory\n"
      ),
      (
        "evaluate \(model) \(data) --require accuracy>=1.5 --split train", 6,
        "nunchi evaluate: expected accuracy>=1.5, found accuracy "
      ),
    ]
    for (line, status, message) in cases {
      let answer = try Program.run(line)
      #expect(answer.status == status, "\(line): \(answer.error)")
      let last = answer.error.split(separator: "\n").last.map { $0 + "\n" } ?? ""
      if status == 6 { #expect(last.hasPrefix(message), "\(answer.error)") }
      if status != 6, status != 0 { #expect(last == message, "\(answer.error)") }
    }
  }
}
