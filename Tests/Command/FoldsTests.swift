import Foundation
import NunchiDocuments
import Testing

/// `train --folds` through the built program: what it answers, leaves, refuses, and how it goes on.
@Suite(.serialized, isBuilt) struct FoldsTests {
  /// Drawn faces in class folders without splits, and a cross-validation of them, made once.
  struct Trained {
    let folder = TemporaryFolder()
    let answer: Program.Answer
    static let flags = "--model mlp --size 8 --epochs 2 --batch 8 --seed 1"
    /// Long enough to be stopped on the way; `whole` was not.
    static let long = "train photos --folds 3 --model simple-cnn --size 16 --epochs 20 --batch 4 --quiet"
    let whole: Program.Answer

    init() throws {
      let path = folder.path
      _ = try Program.run("data generate faces --out \(path)/faces --count 90 --size 32 --seed 4")
      try FileManager.default.copyItem(atPath: path + "/faces/Train", toPath: path + "/photos")
      answer = try Program.run("train photos --folds 3 \(Self.flags) --json", in: path)
      whole = try Program.run("\(Self.long) --out whole", in: path)
    }
  }

  nonisolated(unsafe) private static let shared = Result { try Trained() }
  private let trained: Trained
  private var folder: String { trained.folder.path }

  init() throws { trained = try Self.shared.get() }

  private func bytes(_ path: String) throws -> Foundation.Data {
    try Foundation.Data(contentsOf: URL(fileURLWithPath: path))
  }

  @Test func answers() throws {
    try expectValid(try trained.answer.document(), "train-folds")
    let result = try trained.answer.result()
    #expect(result["run"] == "runs/train-0001" && result["ending"] == "completed" && result["fold_count"] == 3)
    let folds = try #require(result["folds"]?.arrayValue)
    #expect(folds.compactMap { $0["run"]?.stringValue } == (1...3).map { "runs/train-0001/fold-\($0)" })
    let images = folds.compactMap { $0["test"]?["images"]?.intValue }
    #expect(images.reduce(0, +) == result["test"]?["images"]?.intValue && images.max()! - images.min()! <= 1)
    let values = (result["spread"]?["accuracy"]?["values"]?.arrayValue ?? []).compactMap(\.doubleValue)
    #expect(values == folds.compactMap { $0["test"]?["accuracy"]?.doubleValue })
    let mean = try #require(result["spread"]?["accuracy"]?["mean"]?.doubleValue)
    #expect(abs(mean - values.reduce(0, +) / 3) < 1e-12)
    // Progress says which fold it is; a note that all folds share is said once.
    #expect(
      trained.answer.error.contains("fold 2/3  epoch 1/2") && trained.answer.error.contains("fold 3/3  epoch 2/2"))
    #expect(FileManager.default.fileExists(atPath: folder + "/runs/train-0001/folds.csv"))
  }

  /// The last line is the command that trains a model for use, and it does.
  @Test func saysWhatComesNext() throws {
    let other = "\(folder)/other"
    let text = try Program.run("train photos --folds 2 \(Trained.flags) --quiet --out \(other)", in: folder).output
    #expect(text.contains("\nmean") && text.contains("\ndeviation"))
    #expect(text.contains("pictures, each answered by the model that did not see it:\nimages"))
    let lines = text.split(separator: "\n").suffix(5).map(String.init)
    #expect(lines[0] == "run:    \(other)/train-0001, with a run folder for each fold")
    #expect(lines[1] == "folds:  \(other)/train-0001/folds.csv")
    #expect(lines[2] == "report: \(other)/train-0001/report.html")
    #expect(lines[3].hasPrefix("next:   nunchi train photos --model mlp --size 8") && lines[3].hasSuffix("--test 0"))
    let next = lines[3].dropFirst("next:   nunchi ".count) + " --quiet --json --out \(other)"
    let result = try Program.run(String(next), in: folder).result()
    #expect(result["test"] == nil && result["validation"] != nil)
  }

  /// One fold by itself is the fold of the whole, byte for byte, and is measured on what it has not seen.
  @Test func oneFoldAlone() throws {
    let alone = try Program.run(
      "train photos --folds 2/3 \(Trained.flags) --quiet --json --out alone", in: folder
    ).result()
    try expectValid(
      try Program.run("train photos --folds 2/3 \(Trained.flags) --quiet --json --out alone", in: folder).document(),
      "train")
    for name in ["model/best.safetensors", "evaluation/predictions.csv"] {
      #expect(try bytes("\(folder)/alone/train-0001/\(name)") == bytes("\(folder)/runs/train-0001/fold-2/\(name)"))
    }
    let measured = try Program.run("evaluate alone/train-0001/model/best.safetensors photos --json", in: folder)
      .result()
    #expect(measured["confusion"] == alone["test"]?["confusion"] && measured["split"] == "test")
  }

  @Test func runsAreListedShownAndCompared() throws {
    let list = try Program.run("run list --json", in: folder)
    try expectValid(try list.document(), "run-list")
    let whole = try #require(list.result()["runs"]?[0])
    #expect(whole["folds"] == 3)
    #expect(try whole["test_f1_macro"] == trained.answer.result()["test"]?["f1_macro"])
    #expect(try Program.run("run list", in: folder).output.contains("completed, 3 folds"))
    let folds = try Program.run("run list runs/train-0001 --json", in: folder).result()["runs"]?.arrayValue
    #expect(folds?.compactMap { $0["run"]?.stringValue } == ["fold-1", "fold-2", "fold-3"])
    let show = try Program.run("run show train-0001 --json", in: folder)
    try expectValid(try show.document(), "run-show")
    #expect(try show.result()["spread"] == trained.answer.result()["spread"])
    let text = try Program.run("run show train-0001", in: folder).output
    #expect(text.contains("fold-3") && text.contains("\nmean") && text.contains("\ndeviation"))
    #expect(try Program.run("run show train-0001/fold-2", in: folder).status == 0)
    let both = try Program.run("train photos --folds 3 --model mlp --size 8 --epochs 1 --quiet", in: folder)
    #expect(both.status == 0)
    let compare = try Program.run("run compare train-0001 train-0002 --json", in: folder)
    try expectValid(try compare.document(), "run-compare")
    // Every picture was answered by both, whatever fold it was in.
    let images = try trained.answer.result()["test"]?["images"]
    #expect(try compare.result()["answers"]?["images"] == images && compare.result()["same_data"] == true)
  }

  /// The page of the whole has the numbers of all answers and the folds side by side; each fold has a page of its own.
  @Test func reports() throws {
    let html = try String(contentsOfFile: folder + "/runs/train-0001/report.html", encoding: .utf8)
    let accuracy = try #require(trained.answer.result()["test"]?["accuracy"]?.doubleValue)
    #expect(html.contains("<b>\(String(format: "%.4f", accuracy))</b>"))
    #expect(html.contains("<h2>Folds") && html.contains("href=\"fold-2/report.html\""))
    #expect(html.contains("cross-validated in 3 folds") && html.contains("mean ± deviation"))
    #expect(html.contains("src=\"data:image/"), "the worst mistakes have their pictures")
    #expect(!html.contains("nunchi predict") && !html.contains("What training saw"))
    for fold in 1...3 {
      let page = try String(contentsOfFile: folder + "/runs/train-0001/fold-\(fold)/report.html", encoding: .utf8)
      #expect(page.contains("What training saw") && page.contains("--folds \(fold)/3"))
    }
    let again = try Program.run("run show train-0001 --html again.html", in: folder)
    #expect(again.status == 0)
    #expect(try String(contentsOfFile: folder + "/again.html", encoding: .utf8) == html)
  }

  @Test func events() throws {
    let answer = try Program.run("train photos --folds 2 \(Trained.flags) --jsonl --quiet --out events", in: folder)
    #expect(answer.status == 0 && answer.error.isEmpty)
    let lines = try answer.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.last?["event"] == "result" && lines.last?["fold_count"] == 2)
    let epochs = lines.filter { $0["event"] == "epoch" }.compactMap { $0["fold"]?.intValue }
    #expect(epochs == [1, 1, 2, 2])
  }

  /// Word by word.
  @Test(
    arguments: [
      ("--folds 1", 2, "--folds expects a number of folds from 2, or one of them such as 2/5, found \"1\""),
      ("--folds 4/3", 2, "--folds expects a number of folds from 2, or one of them such as 2/5, found \"4/3\""),
      ("--folds 3 --test 0.2", 2, "--folds tests every picture in its turn, found --test 0.2 beside it"),
      ("--folds 3 --find-lr", 2, "--find-lr expects one training, found --folds beside it; look for a rate first"),
      (
        "--folds 3 --time 5m", 2,
        "--folds expects as many epochs in every fold, found --time, which fits them to the clock; give --epochs"
      ),
      (
        "--folds 900", 3,
        "photos: expected at least 900 images of each class that may be parted, one for each fold, found 31 images of the "
          + "class 'Mask'; ask for --folds 31, or add images"
      ),
    ] as [(String, Int32, String)])
  func refusals(flags: String, status: Int32, text: String) throws {
    let answer = try Program.run("train photos --model mlp --size 8 \(flags) --out refused --quiet", in: folder)
    #expect(answer.status == status)
    #expect(answer.error == "nunchi train: \(text)\n")
    #expect(answer.output.isEmpty && !FileManager.default.fileExists(atPath: folder + "/refused"))
    try expectValid(
      try Program.run("train photos --model mlp --size 8 \(flags) --out refused --json", in: folder).document(), "error"
    )
  }

  @Test func aDivergedFoldIsNamed() throws {
    let answer = try Program.run(
      "train photos --folds 3 --model mlp --size 8 --batch 8 --lr 1e30 --optimizer sgd --out wild --quiet", in: folder)
    #expect(answer.status == 7)
    #expect(answer.error.contains("nunchi train: fold 1 of 3: training diverged in epoch 1, batch "))
  }

  /// Stopped in the second fold: what was learned stays, and the line says how to go on, to the same bytes.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func interrupts(signal: Int32, status: Int32) throws {
    let out = "stopped-\(signal)"
    let running = try Program.start("\(Trained.long) --out \(out)".split(separator: " ").map(String.init), in: folder)
    let second = folder + "/\(out)/train-0001/fold-2/model/resume.bin"
    let deadline = Date(timeIntervalSinceNow: 20)
    while !FileManager.default.fileExists(atPath: second), running.process.isRunning, Date() < deadline { usleep(2000) }
    kill(running.process.processIdentifier, signal)
    let answer = running.wait(20)
    #expect(answer.status == status)
    #expect(
      answer.error.contains("of 3 folds; what was learned is in \(out)/train-0001; go on with nunchi train --resume"))
    let refused = try Program.run("train --resume \(out)/train-0001 --epochs +3", in: folder)
    #expect(refused.status == 2)
    #expect(try Program.run("train --resume \(folder)/\(out)/latest --quiet").status == 0)
    try expectSame(out)
  }

  /// Killed again and again at any moment, in any fold and between them.
  @Test func killedCrossValidationsEndTheSame() throws {
    #expect(trained.whole.status == 0)
    let (kills, words) = try Program.killed(
      "\(Trained.long) --out killed", in: folder, most: 12, after: 20_000...150_000,
      later: "train --resume killed/latest --quiet", sign: folder + "/killed/latest/config.json")
    #expect(kills > 2, "nothing was killed: the test says nothing")
    #expect(try Program.start(words, in: folder).wait(60).status == 0)
    let latest = try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/killed/latest")
    try expectSame("killed", run: latest)
  }

  /// All that holds no times is that of a cross-validation that was left alone.
  private func expectSame(_ out: String, run: String = "train-0001") throws {
    let whole = ["folds.csv", "evaluation/metrics.json", "evaluation/predictions.csv"]
    let folds = (1...3).flatMap { fold in
      ["model/best.safetensors", "model/last.safetensors", "evaluation/metrics.json"].map { "fold-\(fold)/\($0)" }
    }
    for name in whole + folds {
      #expect(
        try bytes("\(folder)/whole/train-0001/\(name)") == bytes("\(folder)/\(out)/\(run)/\(name)"), "\(name)")
    }
  }
}
