import Foundation
import Testing

/// Short trainings of every kind on drawn pictures: what they say, their history, every tensor, and every file that holds no
/// time. The same seed gives the same bits on any number of threads.
@Suite(.serialized, hasRecordedBits) struct TrainingGoldens {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let flags: String
    var data = "patterns"
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "vgg6-cross-entropy", flags: "--model vgg6 --size 32 --width 0.1 --epochs 3"),
    Case(name: "vgg6-mse", flags: "--model vgg6 --size 32 --width 0.1 --epochs 2 --loss mse --ema 0"),
    Case(
      name: "vgg6-mixup",
      flags: "--model vgg6 --size 32 --width 0.1 --epochs 3 --mix mixup --optimizer adamw --warmup 0.5"),
    Case(name: "vgg6-odd-size", flags: "--model vgg6 --size 45 --width 0.1 --epochs 1 --augment none --channels 1"),
    Case(
      name: "resnet20-focal",
      flags: "--model resnet20 --size 16 --width 0.25 --epochs 2 --loss focal --imbalance sampler"),
    Case(
      name: "resnet20-accumulate",
      flags:
        "--model resnet20 --size 18 --width 0.25 --epochs 2 --accumulate 3 --optimizer momentum --schedule one-cycle"),
    Case(
      name: "deep-cnn-smoothing",
      flags: "--model deep-cnn --size 28 --width 0.3 --epochs 2 --label-smoothing 0.1 --optimizer sgd --schedule step"),
    Case(
      name: "deep-cnn-cutmix",
      flags: "--model deep-cnn --size 28 --width 0.3 --epochs 2 --mix cutmix --mix-plain 0 --loss mse --dropout 0.2"),
    Case(
      name: "mlp-focal",
      flags: "--model mlp --size 12 --epochs 3 --loss focal --optimizer nesterov --schedule constant --ema 0"),
    Case(
      name: "mlp-mse",
      flags: "--model mlp --size 12 --epochs 3 --loss mse --optimizer rmsprop --schedule exponential --imbalance none"),
    Case(
      name: "mlp-plateau",
      flags:
        "--model mlp --size 12 --epochs 3 --optimizer adagrad --schedule plateau --monitor val.loss --normalize minmax"),
    Case(
      name: "mlp-patience",
      flags: "--model mlp --size 8 --epochs 9 --patience 1 --min-delta 0.2 --imbalance weights --weight-decay 0.01"),
    Case(
      name: "simple-cnn-mosaic",
      flags: "--model simple-cnn --size 16 --epochs 2 --mix mosaic --resize pad --normalize none --augment medium"),
    Case(
      name: "simple-cnn-split",
      flags:
        "--model simple-cnn --size 16 --width 0.5 --epochs 2 --resize crop --augment heavy --validation 0.2 --test 0.25 --rotation 30",
      data: "flat"),
    Case(
      name: "resnet18-cross-entropy", flags: "--model resnet18 --size 32 --width 0.07 --epochs 1 --imbalance weights"),
    Case(name: "alexnet-cross-entropy", flags: "--model alexnet --size 63 --width 0.03 --epochs 1 --augment trivial"),
  ]

  private let workshop: Workshop

  init() throws {
    workshop = try Workshop()
    try Patterns.writeDivided(workshop.folder + "/patterns")
    try Patterns.write(workshop.folder + "/flat", counts: [16, 15, 14], seed: 40)
  }

  private func line(_ one: Case) -> String { "train \(one.data) \(one.flags) --batch 8 --seed 3 --threads @" }

  /// Everything of a run folder that holds no time.
  private func contents(_ run: String) throws -> String {
    var text = try workshop.digests(
      ["model/best.safetensors", "model/last.safetensors", "evaluation/metrics.json", "evaluation/predictions.csv"].map
      {
        "\(run)/\($0)"
      })
    text += Normalizer.table(try workshop.text("\(run)/results.csv"))
    let best = try Tensors.lines(try workshop.bytes("\(run)/model/best.safetensors"))
    let last = try Tensors.lines(try workshop.bytes("\(run)/model/last.safetensors"))
    text += best.map { "best \($0)\n" }.joined()
    // Where the last epoch is the best one, once is enough.
    text += last == best ? "last as best\n" : last.map { "last \($0)\n" }.joined()
    return text
  }

  private func golden(_ one: Case, threads: String = Workshop.threads) throws -> String {
    let line = line(one).replacingOccurrences(of: "@", with: threads)
    let answer = try workshop.run(line)
    #expect(answer.status == 0, "\(answer.error)")
    let said = Normalizer.text(answer.error, folder: workshop.folder)
    return "$ nunchi \(line.replacingOccurrences(of: " --threads \(threads)", with: ""))\n\(said)"
      + (try contents("runs/train-0001"))
  }

  @Test(arguments: cases) func training(_ one: Case) throws {
    try Golden.expect(golden(one), "trainings/\(one.name)")
  }

  @Test(.disabled(if: Golden.isRecording), arguments: ["1", "3"], ["vgg6-cross-entropy", "resnet20-accumulate"])
  func anyNumberOfThreads(_ threads: String, _ name: String) throws {
    let one = try #require(Self.cases.first { $0.name == name })
    try Golden.expect(golden(one, threads: threads), "trainings/\(name)")
  }

  @Test func crossValidation() throws {
    let lines = [
      "train flat --folds 3 --model simple-cnn --size 12 --width 0.3 --epochs 2 --batch 8 --seed 4 --threads @"
    ]
    var text = try workshop.transcript(lines)
    let run = "runs/train-0001"
    text += try workshop.text(run + "/folds.csv")
    text += try workshop.digests([run + "/evaluation/metrics.json", run + "/evaluation/predictions.csv"])
    for fold in 1...3 { text += try contents("\(run)/fold-\(fold)") }
    try Golden.expect(text, "trainings/folds")
  }

  /// One fold alone, and what comes of a model that a training begins with.
  @Test func oneFoldAndFromAModel() throws {
    let flags = "--epochs 1 --batch 8 --seed 5 --quiet --threads @"
    var text = try workshop.transcript(["train flat --folds 2/3 --model mlp --size 8 \(flags)"])
    text += try contents("runs/train-0001")
    let model = "runs/train-0001/model/best.safetensors"
    text += try workshop.transcript([
      "train patterns --from \(model) \(flags)", "train patterns --from \(model) --freeze trunk \(flags)",
    ])
    text += try contents("runs/train-0002") + contents("runs/train-0003")
    try Golden.expect(text, "trainings/one-fold-and-from")
  }

  /// Killed in the middle and resumed, a training has the bits of one that was left alone; and it can be made longer.
  @Test func resumed() throws {
    let flags = "--model resnet20 --size 16 --width 0.25 --epochs 12 --ema 0.9 --batch 4 --seed 6 --quiet"
    let whole = try workshop.run("train patterns \(flags) --out whole --threads \(Workshop.threads)")
    #expect(whole.status == 0, "\(whole.error)")
    let expected = try contents("whole/train-0001")
    let (process, _, _) = try workshop.start("train patterns \(flags) --out stopped --threads \(Workshop.threads)")
    let sign = workshop.folder + "/stopped/train-0001/model/resume.bin"
    let deadline = Date(timeIntervalSinceNow: 60)
    while process.isRunning, !FileManager.default.fileExists(atPath: sign), Date() < deadline { usleep(500) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal, "it ended before it was killed: the test says nothing")
    let rest = try workshop.run("train --resume stopped/train-0001 --quiet --threads \(Workshop.threads)")
    #expect(rest.status == 0, "\(rest.error)")
    let found = try contents("stopped/train-0001").replacingOccurrences(of: " stopped/", with: " whole/")
    if let difference = Golden.difference(expected, found) { Issue.record("resumed, not whole: \(difference)") }
    let longer = try workshop.transcript(["train --resume whole/train-0001 --epochs +2 --quiet --threads @"])
    let lengthened = try contents("whole/train-0001").split(separator: "\n").filter { !$0.contains(".running_") }
    try Golden.expect(expected + longer + lengthened.joined(separator: "\n"), "trainings/resumed")
  }
}
