import Foundation
import NunchiDocuments
import NunchiTraining
import Testing

/// The whole way on drawn faces: data, training, evaluation, prediction. Seconds in a release build.
@Suite(.serialized, isBuilt) struct TrainingTests {
  /// A data set and a model trained on it, made once.
  struct Trained {
    let folder = TemporaryFolder()
    var data: String { folder.path + "/faces" }
    var model: String { folder.path + "/runs/train-0001/model/best.safetensors" }
    let generated: Program.Answer
    let training: Program.Answer

    init() throws {
      let faces = folder.path + "/faces"
      generated = try Program.run("data generate faces --out \(faces) --count 60 --size 40 --seed 3 --json")
      training = try Program.run(
        "train \(faces) --model simple-cnn --size 16 --channels 1 --epochs 2 --batch 8 --seed 1 --out \(folder.path)/runs --json"
      )
    }
  }

  nonisolated(unsafe) static let shared = Result { try Trained() }
  private let trained: Trained

  init() throws { trained = try Self.shared.get() }

  private func train(_ flags: String, timeout: Double = 30) throws -> Program.Answer {
    try Program.run(
      "train \(trained.data) --model mlp --size 8 --out \(trained.folder.path)/others \(flags)", timeout: timeout)
  }

  @Test func generates() throws {
    let document = try trained.generated.document()
    try expectValid(document, "data-generate-faces")
    #expect(document["result"]?["images"] == 60)
    #expect(FileManager.default.fileExists(atPath: trained.data + "/Test/Non Mask"))
    let again = try Program.run("data generate faces --out \(trained.data)")
    #expect(again.status == 3)
    #expect(again.error.contains("choose another folder"))
  }

  @Test func trains() throws {
    let document = try trained.training.document()
    try expectValid(document, "train")
    let result = try trained.training.result()
    #expect(result["epochs"] == 2)
    #expect(result["model"]?.stringValue == trained.model)
    #expect(FileManager.default.fileExists(atPath: trained.model))
    // Not a terminal: a line an epoch, no control codes.
    #expect(trained.training.error.contains("epoch 2/2"))
    #expect(!trained.training.error.contains("\u{1B}") && !trained.training.error.contains("\r"))
  }

  /// The numbers that training ends with are those that evaluate finds, from the folder and from the file.
  @Test func evaluates() throws {
    let answer = try Program.run("eval \(trained.model) \(trained.data) --json")
    try expectValid(try answer.document(), "evaluate")
    let (found, told) = (try answer.result(), try #require(trained.training.result()["test"]))
    for key in ["accuracy", "f1_macro", "confusion", "log_loss"] { #expect(found[key] == told[key], "\(key)") }
    let text = try Program.run("evaluate \(trained.model) \(trained.data)")
    #expect(text.output.contains("true \\ predicted"))
  }

  /// A folder that the model was trained on is divided as it was then: nothing that was learned from is measured.
  @Test func evaluatesWhatWasHeldBack() throws {
    let folder = TemporaryFolder()
    let data = folder.path + "/data"
    try FileManager.default.copyItem(atPath: trained.data + "/Train", toPath: data)
    let training = try Program.run(
      "train \(data) --model mlp --size 8 --epochs 1 --seed 5 --test 0.2 --out \(folder.path)/runs --json")
    let (result, model) = (try training.result(), folder.path + "/runs/latest/model/best.safetensors")
    let held = try Program.run("evaluate \(model) \(data) --json").result()
    #expect(held["split"] == "test")
    #expect(held["images"] == result["test"]?["images"] && held["confusion"] == result["test"]?["confusion"])
    let all = try Program.run("evaluate \(model) \(data) --split all --json").result()
    #expect(all["split"] == "all" && all["images"] == 40)
  }

  /// One row an input, in the order given, unreadable ones included.
  @Test func predicts() throws {
    let folder = TemporaryFolder()
    try "no picture".write(toFile: folder.path + "/bad.jpg", atomically: true, encoding: .utf8)
    let good = trained.data + "/Test/Mask"
    let answer = try Program.run("predict \(trained.model) \(folder.path)/bad.jpg \(good) missing.png --all --json")
    #expect(answer.status == 0)
    try expectValid(try answer.document(), "predict")
    let rows = try #require(answer.result()["rows"]?.arrayValue)
    #expect(rows.first?["error"]?.stringValue?.contains("found bytes of no image format") == true)
    #expect(rows.last?["error"]?.stringValue == "No such file or directory")
    let readable = rows.filter { $0["error"]?.isNull == true }
    #expect(readable.count == rows.count - 2 && readable.count > 2)
    for row in readable {
      let sum = row["probabilities"]?.objectValue?.members.compactMap(\.value.doubleValue).reduce(0, +) ?? 0
      #expect(abs(sum - 1) < 1e-5)
    }
    let lines = try Program.run("predict \(trained.model) \(good) --all --jsonl").output.split(separator: "\n")
    #expect(lines.count == readable.count)
    for line in lines { try expectValid(JSON(parsing: String(line)), "prediction") }
    let table = try Program.run("predict \(trained.model) \(good) --all --csv").output.split(separator: "\n")
    #expect(table.first == "path,class,probability,p(Mask),p(Non Mask),milliseconds,error")
    let listed = try Program.run("predict \(trained.model) - --all --csv", input: good + "\n").output
    // All but the time and the error.
    func answers(_ lines: [Substring]) -> [[Substring]] { lines.map { $0.split(separator: ",").prefix(5).map(\.self) } }
    #expect(answers(listed.split(separator: "\n")) == answers(table))
    #expect(try Program.run("predict \(trained.model) \(folder.path)/bad.jpg").status == 3)
  }

  /// Classes are matched by name: one that is missing is named and the numbers of the others stay, one that the model does
  /// not know ends with status 3.
  @Test func classNames() throws {
    let folder = TemporaryFolder()
    let files = FileManager.default
    try files.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
    try files.copyItem(atPath: trained.data + "/Test/Mask", toPath: folder.path + "/data/Mask")
    try files.copyItem(atPath: trained.data + "/Test/Non Mask", toPath: folder.path + "/data/Stranger")
    let answer = try Program.run("evaluate \(trained.model) \(folder.path)/data --json")
    #expect(answer.status == 3)
    try expectValid(try answer.document(), "error")
    #expect(answer.error.contains("'Stranger'"))
  }

  @Test func damagedFiles() throws {
    let folder = TemporaryFolder()
    let data = folder.path + "/faces"
    try FileManager.default.copyItem(atPath: trained.data, toPath: data)
    try Data([0xFF, 0xD8, 0xFF, 0xE0, 0]).write(to: URL(fileURLWithPath: data + "/Train/Mask/damaged.jpg"))
    let flags = "--model mlp --size 8 --epochs 1 --out \(folder.path)/runs"
    let answer = try Program.run("train \(data) \(flags) --json")
    #expect(answer.status == 0)
    #expect(answer.error.contains("damaged.jpg"))
    #expect(try answer.result()["skipped"]?[0]?["path"]?.stringValue == "Train/Mask/damaged.jpg")
    let strict = try Program.run("train \(data) \(flags) --strict")
    #expect(strict.status == 3)
    #expect(strict.error.contains("damaged.jpg"))
  }

  @Test func events() throws {
    let answer = try train("--epochs 1 --jsonl --quiet")
    #expect(answer.status == 0)
    #expect(answer.error.isEmpty)
    let events = try answer.output.split(separator: "\n").map { try JSON(parsing: String($0))["event"]?.stringValue }
    #expect(events.first == "started" && events.last == "result")
    #expect(events.contains("step") && events.contains("epoch"))
  }

  /// A trial of rates: one number and why, and no run folder.
  @Test func findsARate() throws {
    let folder = TemporaryFolder()
    let line = "train \(trained.data) --model mlp --size 8 --batch 8 --find-lr --out \(folder.path)/runs"
    let answer = try Program.run(line + " --json")
    try expectValid(try answer.document(), "train-find-lr")
    let rate = try #require(answer.result()["rate"]?.doubleValue)
    #expect(rate > 0)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/runs"))
    let text = try Program.run(line).output
    #expect(text.hasPrefix("--lr ") && text.contains("the loss fell from"))
    let both = try Program.run(line + " --jsonl")
    #expect(both.status == 2 && both.error.contains("--find-lr expects a new training, found --jsonl beside it"))
  }

  /// What no machine has is refused before a run folder is made.
  @Test func memoryThatIsNotThere() throws {
    let folder = TemporaryFolder()
    let answer = try Program.run(
      "train \(trained.data) --model vgg6 --size 4096 --batch 65536 --out \(folder.path)/runs --json")
    #expect(answer.status == 2)
    let error = try #require(answer.document()["error"])
    #expect(error["code"] == "memory")
    #expect(error["message"]?.stringValue?.hasPrefix("--batch 65536 needs ") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/runs"))
  }

  /// Every setting is an option, and is read alike from the line, from the environment and from a file.
  @Test func everySettingIsAnOption() throws {
    let beside = [
      "mix-alpha": "mix mixup", "momentum": "optimizer momentum", "rho": "optimizer rmsprop", "mix-plain": "mix mosaic",
    ]
    let folder = TemporaryFolder()
    let config = folder.path + "/config.json"
    let usual = try Program.run("train \(trained.data) --print-config --json").result()
    for setting in TrainingSetting.all where setting.name != "data" {
      let name = setting.name
      let texts = setting.allTexts + ["none", "9", "0.25"]
      let text = try #require(texts.first { setting.shown($0) == $0 && $0 != setting.defaultText }, "\(name)")
      let line = "train \(trained.data)\(beside[name].map { " --\($0)" } ?? "") --print-config --json"
      func found(_ line: String, environment: [String: String] = [:]) throws -> JSON? {
        let answer = try Program.run(line, environment: environment)
        #expect(answer.status == 0, "\(name): \(answer.error)")
        return try answer.result()[name]
      }
      #expect(usual[name] == ["value": JSON(setting.defaultText), "origin": "default"])
      #expect(try found("\(line) --\(name) \(text)") == ["value": JSON(text), "origin": "flag"])
      let variable = "NUNCHI_TRAIN_" + name.replacing("-", with: "_").uppercased()
      #expect(
        try found(line, environment: [variable: text]) == ["value": JSON(text), "origin": "environment"])
      try JSON.object(.init([.init(name, JSON(text))])).compact()
        .write(toFile: config, atomically: true, encoding: .utf8)
      #expect(try found("\(line) --config \(config)") == ["value": JSON(text), "origin": "file"])
    }
  }

  /// The optimizer's numbers reach the weights, the run folder and the command that repeats the run.
  @Test func optimizersTakeTheirNumbers() throws {
    let folder = TemporaryFolder()
    func run(_ flags: String, _ name: String) throws -> JSON {
      let flags = "--model mlp --size 8 --epochs 1 --seed 2 --out \(folder.path)/\(name) --quiet --json \(flags)"
      return try Program.run("train \(trained.data) \(flags)").result()
    }
    let usual = try run("--optimizer momentum", "usual")
    let own = try run("--optimizer momentum --momentum 0.5 --clip 0.1 --ema 0", "own")
    #expect(usual["test"]?["log_loss"] != own["test"]?["log_loss"])
    let shown = try Program.run("run show \(folder.path)/own/latest --json").result()
    let words = (shown["repeat"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
    #expect(words.contains(" --optimizer momentum --momentum 0.5 --clip 0.1 ") && words.contains(" --ema 0.0"))
    #expect(shown["settings"]?["momentum"] == ["value": 0.5, "origin": "flag"])
    #expect(try Program.run("run show \(folder.path)/usual/latest --json").result()["settings"]?["momentum"] == nil)
    let compared = try Program.run("run compare \(folder.path)/usual/latest \(folder.path)/own/latest --json").result()
    #expect(compared["settings"]?["momentum"] == [0.9, 0.5] && compared["settings"]?["clip"] == [nil, 0.1])
    let refused = try train("--momentum 0.9")
    #expect(refused.status == 2)
    #expect(
      refused.error
        == "nunchi train: --momentum expects --optimizer momentum or nesterov, found --optimizer adam and 0.9\n")
    #expect(try train("--clip 0").error == "nunchi train: --clip expects a number above 0, found 0.0\n")
  }

  @Test func mixesAndAccumulates() throws {
    let answer = try train("--epochs 1 --batch 8 --mix cutmix --mix-plain 0 --accumulate 2 --imbalance sampler --json")
    #expect(answer.status == 0, "\(answer.error)")
    #expect(answer.error.contains("each step learns from 2 batches of 8: 16 images"))
    #expect(answer.error.contains("classes are drawn equally often, as asked for"))
    for (flags, text) in [
      ("--mix-alpha 1", "--mix-alpha expects --mix mixup or cutmix"), ("--mix mixup --mix-alpha 0", "a number above 0"),
      ("--mix mosaic --epochs 2 --mix-plain 2", "fewer than the 2 epochs"), ("--accumulate 0", "--accumulate expects"),
    ] {
      let refused = try train(flags)
      #expect(refused.status == 2 && refused.error.contains(text), "\(flags): \(refused.error)")
    }
  }
}
