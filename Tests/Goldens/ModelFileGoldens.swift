import Foundation
import Testing

/// Model files and an interrupted training as an early version wrote them: they stay, and every later version must read them
/// and answer with the same bits. Recording makes only model files that are missing.
@Suite(.serialized, hasRecordedBits) struct ModelFileGoldens {
  static let models = [
    ("vgg6", "--model vgg6 --size 32 --width 0.1"), ("resnet20", "--model resnet20 --size 16 --width 0.13"),
    ("deep-cnn", "--model deep-cnn --size 28 --width 0.15"), ("mlp", "--model mlp --size 8 --channels 1 --width 0.4"),
    ("simple-cnn", "--model simple-cnn --size 14 --width 0.2"),
  ]
  static let names = models.map(\.0) + ["settled"]

  private static let place = Golden.folder + "/models"
  /// The run folder of `train patterns --model mlp --size 8 --channels 1 --width 0.4 --epochs 20 --batch 4 --augment medium
  /// --mix mixup --seed 8`, killed. Its paths are relative: a checkpoint usually has the absolute path of its data.
  private static let interrupted = Golden.folder + "/interrupted"

  /// The fixtures as `models` in the folder of `workshop`.
  static func lay(in workshop: Workshop) throws {
    if Golden.isRecording { try recordMissing.get() }
    try FileManager.default.copyItem(atPath: place, toPath: workshop.folder + "/models")
  }

  private static let recordMissing = Result {
    let workshop = try Workshop()
    let files = FileManager.default
    try Patterns.writeDivided(workshop.folder + "/patterns")
    try files.createDirectory(atPath: place, withIntermediateDirectories: true)
    for (name, flags) in models where !files.fileExists(atPath: "\(place)/\(name).safetensors") {
      let answer = try workshop.run(
        "train patterns \(flags) --epochs 30 --batch 4 --lr 0.003 --ema 0.8 --seed 7 --out \(name)")
      #expect(answer.status == 0, "\(answer.error)")
      try files.copyItem(
        atPath: "\(workshop.folder)/\(name)/train-0001/model/best.safetensors", toPath: "\(place)/\(name).safetensors")
    }
    if !files.fileExists(atPath: place + "/settled.safetensors") {
      let answer = try workshop.run(
        "evaluate \(place)/simple-cnn.safetensors patterns --calibrate --choose-threshold max-f1 --save settled.safetensors"
      )
      #expect(answer.status == 0, "\(answer.error)")
      try files.copyItem(atPath: workshop.folder + "/settled.safetensors", toPath: place + "/settled.safetensors")
    }
  }

  private let workshop: Workshop

  init() throws {
    workshop = try Workshop()
    try Patterns.writeDivided(workshop.folder + "/patterns")
    try Self.lay(in: workshop)
  }

  /// Every probability of every test picture.
  @Test(arguments: names) func answers(_ name: String) throws {
    let model = "models/\(name).safetensors"
    var text = try workshop.digests([model])
    text += try Tensors.lines(workshop.bytes(model)).map { $0 + "\n" }.joined()
    let answer = try workshop.run("predict \(model) patterns/Test --all --csv --threads \(Workshop.threads)")
    #expect(answer.status == 0, "\(answer.error)")
    try Golden.expect(text + Normalizer.table(answer.output), "answers/\(name)")
  }

  /// A training of 20 epochs that was killed behind its first goes on to the bits of one that was left alone.
  @Test func goesOnWithAnInterruptedTraining() throws {
    let run = workshop.folder + "/runs/train-0001"
    try FileManager.default.createDirectory(atPath: workshop.folder + "/runs", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.interrupted, toPath: run)
    var text = try workshop.transcript(["train --resume runs/train-0001 --quiet --threads @"])
    text += try workshop.digests(["best", "last"].map { "runs/train-0001/model/\($0).safetensors" })
    text += try Tensors.lines(workshop.bytes("runs/train-0001/model/last.safetensors")).map { $0 + "\n" }.joined()
    text += Normalizer.table(try workshop.text("runs/train-0001/results.csv"))
    try Golden.expect(text, "answers/interrupted")
    let flags =
      "--model mlp --size 8 --channels 1 --width 0.4 --epochs 20 --batch 4 --augment medium --mix mixup --seed 8"
    let whole = try workshop.run("train patterns \(flags) --quiet --out whole --threads \(Workshop.threads)")
    #expect(whole.status == 0, "\(whole.error)")
    let last = "train-0001/model/last.safetensors"
    #expect(try Tensors.lines(workshop.bytes("whole/" + last)) == Tensors.lines(workshop.bytes("runs/" + last)))
  }
}
