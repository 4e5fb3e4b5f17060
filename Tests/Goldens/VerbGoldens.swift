import Foundation
import Testing

/// What every verb says: its JSON, its text and its notes, without times, speeds and facts of the machine.
@Suite(.serialized, hasRecordedBits) struct VerbGoldens {
  private let workshop: Workshop

  init() throws {
    workshop = try Workshop()
    try Patterns.writeDivided(workshop.folder + "/patterns")
    try ModelFileGoldens.lay(in: workshop)
  }

  private func twoRuns() throws -> String {
    let flags = "train patterns --model mlp --size 8 --epochs 2 --batch 8 --seed 1 --threads @"
    return try workshop.transcript([flags + " --json", flags + " --lr 0.01", flags + " --jsonl --quiet --out events"])
  }

  @Test func train() throws {
    var text = try twoRuns()
    text += try workshop.transcript([
      "train patterns --model mlp --size 8 --batch 8 --print-config --json",
      "train patterns --model mlp --size 8 --batch 8 --seed 2 --find-lr --json",
      "train patterns --model mlp --size 8 --batch 8 --seed 2 --find-lr",
      "train patterns --model mlp --size 8 --lr 1e30 --optimizer sgd --batch 8 --epochs 2 --out wild --json --threads @",
      "train nothing --json", "train patterns --model vgg7", "train patterns --epochs none --json",
    ])
    try Golden.expect(text, "verbs/train")
  }

  @Test func trainFolds() throws {
    let flags = "train patterns --folds 2 --model mlp --size 8 --epochs 1 --batch 8 --seed 1 --threads @"
    var text = try workshop.transcript([
      flags + " --json", flags + " --quiet", "run show latest --json", "run show latest", "run list --json",
      "run list runs/train-0001", "run compare train-0001 train-0002 --json",
    ])
    text += try workshop.text("runs/train-0001/folds.csv")
    text += try workshop.digests(["metrics.json", "predictions.csv"].map { "runs/train-0001/evaluation/\($0)" })
    try Golden.expect(text, "verbs/train-folds")
    try Golden.expect(workshop.page("runs/train-0001/report.html"), "files/report-folds")
  }

  /// Every file of a run folder.
  @Test func runFolder() throws {
    _ = try twoRuns()
    let run = "runs/train-0001"
    var text = try workshop.files(below: run).map { $0 + "\n" }.joined()
    for name in ["config.json", "data.json", "log.jsonl"] {
      text += "== \(name)\n" + Normalizer.text(try workshop.text("\(run)/\(name)"))
    }
    text += "== env.json\n" + Normalizer.shape(try workshop.text("\(run)/env.json"))
    for name in ["results.csv", "evaluation/per_class.csv", "evaluation/confusion.csv", "evaluation/predictions.csv"] {
      text += "== \(name)\n" + Normalizer.table(try workshop.text("\(run)/\(name)"))
    }
    text += "== metrics.json\n" + Normalizer.text(try workshop.text("\(run)/evaluation/metrics.json"))
    try Golden.expect(text, "files/run-folder")
    try Golden.expect(workshop.page("\(run)/report.html"), "files/report")
  }

  @Test func runs() throws {
    _ = try twoRuns()
    try Golden.expect(
      workshop.transcript([
        "run list --json", "run list", "run show latest --json", "run show train-0001",
        "run show latest --html again.html",
        "run compare train-0001 train-0002 --json", "run compare train-0001 train-0002", "run show nothing --json",
      ]), "verbs/run")
  }

  @Test func evaluate() throws {
    let (model, other) = ("models/simple-cnn.safetensors", "models/mlp.safetensors")
    let text = try workshop.transcript([
      "evaluate \(model) patterns --json --threads @", "evaluate \(model) patterns --threads @",
      "evaluate \(model) patterns --split all --curves --robustness --json --threads @",
      "evaluate \(model) patterns --robustness --threads @",
      "evaluate \(model) patterns --calibrate --save calibrated.safetensors --json --threads @",
      "evaluate \(model) patterns --choose-threshold recall>=0.8 --threshold-class rings --save chosen.safetensors --json --threads @",
      "evaluate \(model) patterns --calibrate --choose-threshold max-f1 --json --threads @",
      "evaluate \(model) patterns --choose-threshold cost=5:1 --threads @",
      "evaluate models/settled.safetensors patterns --json --threads @",
      "evaluate \(model) patterns --require f1_macro>=0.99 --require accuracy>=0.1 --json --threads @",
      "evaluate \(model) \(other) patterns --json --threads @", "evaluate \(model) \(other) patterns --threads @",
      "evaluate \(model) nothing --json", "evaluate patterns/Test/rings/rings-100.ppm patterns --json",
    ])
    let saved = try workshop.digests(["calibrated.safetensors", "chosen.safetensors"])
    try Golden.expect(text + saved, "verbs/evaluate")
  }

  @Test func predict() throws {
    try "no picture".write(toFile: workshop.folder + "/bad.jpg", atomically: true, encoding: .utf8)
    let (model, pictures) = ("models/settled.safetensors", "bad.jpg patterns/Test/rings missing.png --threads @")
    try Golden.expect(
      workshop.transcript([
        "predict \(model) \(pictures) --all --json", "predict \(model) \(pictures) --json",
        "predict \(model) patterns/Test/rings --jsonl --threads @", "predict \(model) bad.jpg --json",
      ]), "verbs/predict")
  }

  @Test func demo() throws {
    try Golden.expect(
      workshop.transcript(["demo --out demo --count 40 --epochs 1 --quiet --json --threads @"]), "verbs/demo")
  }

  @Test func gradcheck() throws {
    try Golden.expect(workshop.transcript(["gradcheck mlp --json", "gradcheck mlp"]), "verbs/gradcheck")
  }

  /// The shape alone: every number is a measurement.
  @Test func benchAndDoctor() throws {
    try Golden.expect(
      workshop.transcript(
        [
          "doctor --json", "bench train --model mlp --batch 4 --steps 2 --json --threads @",
          "bench infer --model mlp --batch 4 --steps 2 --json --threads @",
          "bench data patterns --size 12 --passes 2 --json --threads @",
          "bench problem --steps 2 --json --threads @ 'gemm m6 n10 k20 f32'",
        ], shape: true), "verbs/bench")
  }
}
