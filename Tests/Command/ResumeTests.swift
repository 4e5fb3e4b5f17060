import Foundation
import NunchiDocuments
import Testing

/// Interrupted and killed trainings, and settings from files and the environment, through the built program.
@Suite(.serialized, isBuilt) struct ResumeTests {
  private let folder = TemporaryFolder()
  private var data: String { folder.path + "/faces" }
  private var runs: String { folder.path + "/runs" }

  init() throws { _ = try Program.run("data generate faces --out \(data) --count 60 --size 40 --seed 3") }

  private var line: String {
    "train \(data) --model simple-cnn --size 16 --epochs 40 --batch 4 --seed 1 --quiet --out \(runs)"
  }

  private func files(_ run: String) throws -> [Foundation.Data] {
    try ["model/best.safetensors", "model/last.safetensors", "evaluation/predictions.csv"].map {
      try Foundation.Data(contentsOf: URL(fileURLWithPath: "\(runs)/\(run)/\($0)"))
    }
  }

  /// Killed without warning, again and again and at any moment, a training ends with the bytes of one that was left alone.
  @Test func killedTrainingsEndTheSame() throws {
    #expect(try Program.run(line).status == 0)
    let whole = try files("train-0001")
    // A run that was killed before its first epoch has nothing to resume from, and begins anew.
    let (kills, words) = try Program.killed(
      line, most: 20, after: 10_000...100_000, later: "train --resume \(runs)/latest --quiet",
      sign: "\(runs)/latest/model/resume.bin")
    #expect(kills > 2, "no training was killed: the test says nothing")
    #expect(try Program.start(words).wait(60).status == 0)
    let latest = try FileManager.default.destinationOfSymbolicLink(atPath: runs + "/latest")
    #expect(try files(latest) == whole)
  }

  @Test func whatCannotBeResumedIsNamed() throws {
    let foreign = try Program.run("train --resume \(runs)/latest --lr 0.1")
    #expect(foreign.status == 2)
    #expect(
      foreign.error
        == "nunchi train: --resume keeps the settings of the run, found --lr; leave it away, or train anew\n")
    let more = try Program.run("train \(data) --epochs +3")
    #expect(more.error.contains("--epochs +N expects --resume"))
    #expect(more.status == 2)
    #expect(try Program.run("train").error.contains("expects DATA, a folder with pictures, found none"))
  }

  /// Config file < environment < flags, and each setting says where it comes from.
  @Test func settingsComeInLayers() throws {
    let config = folder.path + "/config.json"
    try #"{"epochs": {"value": 7, "origin": "flag"}, "batch": 9, "lr": 0.01, "dropout": null}"#
      .write(toFile: config, atomically: true, encoding: .utf8)
    let answer = try Program.run(
      "train \(data) --config \(config) --lr 0.02 --print-config --json", environment: ["NUNCHI_TRAIN_BATCH": "10"])
    let settings = try answer.result()
    func setting(_ name: String) -> [String?] {
      [settings[name]?["value"]?.stringValue, settings[name]?["origin"]?.stringValue]
    }
    #expect(setting("epochs") == ["7", "file"])
    #expect(setting("batch") == ["10", "environment"])
    #expect(setting("lr") == ["0.02", "flag"])
    #expect(setting("seed") == ["0", "default"])
    try #"{"epoch": 7}"#.write(toFile: config, atomically: true, encoding: .utf8)
    let unknown = try Program.run("train \(data) --config \(config)")
    #expect(unknown.status == 2)
    #expect(
      unknown.error
        == "nunchi train: unknown setting epoch in config file \(config); did you mean epochs?\n")
    // As a run's config.json says that there is no average.
    try #"{"ema": {"value": null, "origin": "flag"}}"#.write(toFile: config, atomically: true, encoding: .utf8)
    let none = try Program.run("train \(data) --config \(config) --print-config --json").result()
    #expect(none["ema"] == ["value": "0.0", "origin": "file"])
    try "{".write(toFile: config, atomically: true, encoding: .utf8)
    #expect(try Program.run("train \(data) --config \(config)").status == 2)
  }
}
