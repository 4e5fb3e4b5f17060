import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiImages
import NunchiLayers
import NunchiTraining
import Testing

@Suite struct SettingsTests {
  /// A text that is not the default's, what must be said besides, and what a document then has.
  struct Sample: Sendable {
    let name: String
    let text: String
    var beside: [String: String] = [:]
    let json: JSON
  }

  static let samples: [Sample] = [
    Sample(name: "data", text: "photos", json: "photos"), Sample(name: "model", text: "lenet", json: "lenet"),
    Sample(name: "size", text: "64", json: 64), Sample(name: "channels", text: "1", json: 1),
    Sample(name: "width", text: "0.5", json: 0.5), Sample(name: "dropout", text: "0.1", json: 0.1),
    Sample(name: "resize", text: "pad", json: "pad"), Sample(name: "normalize", text: "none", json: "none"),
    Sample(name: "augment", text: "rotate(degrees: 5)", json: "rotate(degrees: 5)"),
    Sample(name: "mix", text: "mosaic", json: "mosaic"),
    Sample(name: "mix-alpha", text: "0.3", beside: ["mix": "cutmix"], json: 0.3),
    Sample(name: "mix-plain", text: "1", beside: ["mix": "mixup"], json: 1),
    Sample(name: "from", text: "best.safetensors", json: "best.safetensors"),
    Sample(name: "freeze", text: "trunk", json: "trunk"), Sample(name: "epochs", text: "7", json: 7),
    Sample(name: "batch", text: "9", json: 9), Sample(name: "accumulate", text: "4", json: 4),
    Sample(name: "lr", text: "0.02", json: 0.02), Sample(name: "optimizer", text: "nesterov", json: "nesterov"),
    Sample(name: "momentum", text: "0.95", beside: ["optimizer": "momentum"], json: 0.95),
    Sample(name: "beta1", text: "0.8", json: 0.8),
    Sample(name: "beta2", text: "0.99", beside: ["optimizer": "adamw"], json: 0.99),
    Sample(name: "rho", text: "0.99", beside: ["optimizer": "rmsprop"], json: 0.99),
    Sample(name: "epsilon", text: "1e-06", beside: ["optimizer": "adagrad"], json: 1e-6),
    Sample(name: "clip", text: "1.5", json: 1.5), Sample(name: "clip-value", text: "0.25", json: 0.25),
    Sample(name: "loss", text: "focal", json: "focal"), Sample(name: "label-smoothing", text: "0.1", json: 0.1),
    Sample(name: "weight-decay", text: "0.01", json: 0.01),
    Sample(name: "schedule", text: "one-cycle", json: "one-cycle"),
    Sample(name: "warmup", text: "2.5", json: 2.5), Sample(name: "imbalance", text: "sampler", json: "sampler"),
    Sample(name: "validation", text: "0.2", json: 0.2), Sample(name: "test", text: "0.1", json: 0.1),
    Sample(name: "folds", text: "2/5", json: "2/5"), Sample(name: "monitor", text: "val.loss", json: "val.loss"),
    Sample(name: "patience", text: "0", json: .null), Sample(name: "min-delta", text: "0.001", json: 0.001),
    Sample(name: "ema", text: "0.0", json: .null), Sample(name: "time", text: "1h30m", json: 5400.0),
    Sample(name: "seed", text: "18446744073709551615", json: "18446744073709551615"),
    Sample(name: "threads", text: "3", json: 3), Sample(name: "out", text: "elsewhere", json: "elsewhere"),
  ]

  @Test func everySettingHasASample() {
    #expect(Self.samples.map(\.name) == TrainingSetting.all.map(\.name))
  }

  private func read(_ json: JSON) throws -> TrainingSettings { try TrainingSettings(reading: SettingsReader(json)) }

  /// A text becomes the setting, the document of it is read back, and texts made from the document lead back too.
  @Test(arguments: samples) func settingsRoundTrip(_ sample: Sample) throws {
    let base = try TrainingSettings(texts: sample.beside)
    let settings = try TrainingSettings(texts: sample.beside.merging([sample.name: sample.text]) { $1 })
    #expect(settings.json[sample.name] == sample.json)
    #expect(base.json[sample.name] != sample.json)
    // Nothing else moves but what follows.
    let names = TrainingSetting.all.map(\.name).filter { settings.json[$0] != base.json[$0] }
    #expect(Set(names).subtracting(["epochs", "mix-plain", "patience", "mix-alpha"]).isSubset(of: [sample.name]))
    #expect(TrainingSetting.named(sample.name)?.shown(sample.text) == sample.text)
    #expect(try read(settings.json) == settings)
    var texts: [String: String] = [:]
    for member in settings.json.objectValue!.members {
      texts[member.key] = TrainingSetting.text(member.key, member.value)
    }
    #expect(try TrainingSettings(texts: texts) == settings)
  }

  /// A property that no setting stands for would be lost in every document: here one that differs is found again, and
  /// none may be left as it is by default.
  @Test func noPropertyIsWithoutASetting() throws {
    var settings = TrainingSettings(data: "photos")
    (settings.model, settings.size, settings.channels, settings.width, settings.dropout) = ("mlp", 9, 1, 2, 0.5)
    (settings.resize, settings.normalization, settings.augmentation) = (.crop, .minmax, .none)
    settings.mixing = MixingSchedule(.cutMix(alpha: 0.7), plainEpochs: 2)
    (settings.epochs, settings.batch, settings.accumulation, settings.rate) = (8, 3, 2, 0.5)
    settings.optimizer = Optimizer(
      .adamW(beta1: 0.8, beta2: 0.9, epsilon: 1e-5), weightDecay: 0.1, clipNorm: 2, clipValue: 3)
    (settings.loss, settings.labelSmoothing, settings.schedule, settings.warmup) = (.mse, 0.1, .step, 3)
    (settings.imbalance, settings.start, settings.freeze) = (.none, "a", .trunk)
    settings.fractions = SplitFractions(validation: 0.2, test: 0.3)
    (settings.fold, settings.monitor, settings.patience, settings.minDelta) = (Fold(1, of: 3), .loss, 4, 0.1)
    (settings.averaging, settings.timeBudget, settings.seed, settings.threads) = (0.5, 60, 5, 6)
    (settings.tuning, settings.out) = (1, "here")
    let (leaves, usual) = (Self.leaves(settings), Self.leaves(TrainingSettings()))
    #expect(leaves.count == usual.count && leaves.count > 35)
    for (one, other) in zip(leaves, usual) { #expect(one != other, "\(one) is as it is by default") }
    // How long work is measured is no part of a run.
    settings.tuning = 0
    #expect(try read(settings.json) == settings)
    #expect(settings.json.objectValue!.count == TrainingSetting.all.count - 2, "all but momentum and rho")
  }

  /// The properties with their values, structures taken apart.
  private static func leaves(_ value: Any, _ name: String = "") -> [String] {
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .struct, !(value is Augmentation) else { return ["\(name): \(value)"] }
    return mirror.children.flatMap { leaves($0.value, name + "." + ($0.label ?? "")) }
  }

  /// Byte by byte: what documents were before the optimizer's numbers had settings, and are where those are the usual ones.
  @Test func theDefaultsAsADocument() throws {
    let text =
      #"{"data":"","model":"vgg6","size":null,"channels":null,"width":1.0,"dropout":null,"resize":"squash","#
      + #""normalize":"zscore","augment":"light","mix":"none","mix-alpha":null,"mix-plain":0,"from":null,"freeze":"none","#
      + #""epochs":30,"batch":32,"accumulate":1,"lr":0.001,"optimizer":"adam","loss":"cross-entropy","#
      + #""label-smoothing":0.0,"weight-decay":0.0001,"schedule":"cosine","warmup":1.0,"imbalance":"auto","#
      + #""validation":0.15,"test":0.15,"folds":null,"monitor":"val.f1_macro","patience":10,"min-delta":0.0,"#
      + #""ema":0.95,"time":null,"seed":0,"threads":null,"out":"runs"}"#
    #expect(TrainingSettings().json.compact() == text)
    #expect(try read(JSON(parsing: text)) == TrainingSettings())
    // What older releases did not write.
    guard case .object(var old) = TrainingSettings().json else { return }
    for name in ["mix", "mix-alpha", "mix-plain", "freeze", "accumulate", "min-delta", "folds"] { old[name] = nil }
    #expect(try read(.object(old)) == TrainingSettings())
  }

  @Test(
    arguments: [
      ("data", 1, "data: expected a text, found 1"), ("width", nil, "width: expected a number, found nothing"),
      ("epochs", 1.5, "epochs: expected a whole number, found 1.5"),
      (
        "optimizer", "x",
        #"optimizer: expected one of sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw, found "x""#
      ),
      ("beta1", "x", #"beta1: expected a number, found "x""#),
      (
        "loss", "binary-cross-entropy",
        #"loss: expected one of cross-entropy, mse, focal, found "binary-cross-entropy""#
      ),
      ("mix-alpha", -1, "mix-alpha: expected a number above 0, found -1"),
      ("freeze", "x", #"freeze: expected none or trunk, found "x""#),
      ("monitor", "x", #"monitor: expected the name of a monitor, found "x""#),
    ] as [(String, JSON?, String)])
  func documentsAreReadWithCare(_ name: String, _ value: JSON?, _ expected: String) {
    guard case .object(var object) = TrainingSettings().json else { return }
    object[name] = value
    let problem = #expect(throws: SettingsReader.Problem.self) { try self.read(.object(object)) }
    #expect(problem?.description == expected)
  }

  @Test(arguments: [
    (["lr": "-1"], "lr: expected a rate above 0, found -1.0"),
    (["batch": "0"], "batch: expected a number from 1 to 65536, found 0"),
    (["accumulate": "0"], "accumulate: expected a number of batches from 1 to 65536, found 0"),
    (["mix": "mixup", "mix-alpha": "-0.5"], "mix-alpha: expected a number above 0, found -0.5"),
    (["mix": "mixup", "mix-plain": "30"], "mix-plain: expected fewer than the 30 epochs, found 30"),
    (["label-smoothing": "1"], "label-smoothing: expected a share from 0 to below 1, found 1.0"),
    (["weight-decay": "-1"], "weight-decay: expected a number from 0, found -1.0"),
    (["warmup": "-1"], "warmup: expected a number of epochs from 0, found -1.0"),
    (["min-delta": "-1"], "min-delta: expected a number from 0, found -1.0"),
    (["ema": "1"], "ema: expected a share from 0 to below 1, found 1.0"),
    (["threads": "0"], "threads: expected a number from 1 to 1024, found 0"),
    (["channels": "2"], "channels: expected 1 (gray) or 3, found 2"),
    (["size": "0"], "size: expected a number from 1 to 16384, found 0"),
    (["optimizer": "momentum", "momentum": "1"], "momentum: expected a share from 0 to below 1, found 1.0"),
    (["beta1": "-0.1"], "beta1: expected a share from 0 to below 1, found -0.1"),
    (["beta2": "1"], "beta2: expected a share from 0 to below 1, found 1.0"),
    (["optimizer": "rmsprop", "rho": "2"], "rho: expected a share from 0 to below 1, found 2.0"),
    (["epsilon": "0"], "epsilon: expected a number above 0, found 0.0"),
    (["clip": "0"], "clip: expected a number above 0, found 0.0"),
    (["clip-value": "-1"], "clip-value: expected a number above 0, found -1.0"),
  ])
  func valuesOutOfBoundsAreRefused(_ texts: [String: String], _ expected: String) throws {
    let settings = try TrainingSettings(texts: texts)
    let error = #expect(throws: TrainingError.self) { try settings.validate() }
    #expect(error?.description == expected)
  }

  @Test func aLossOfOtherTargetsIsRefused() {
    var settings = TrainingSettings()
    settings.loss = .binaryCrossEntropy
    let error = #expect(throws: TrainingError.self) { try settings.validate() }
    #expect(error?.description == "loss: expected one of cross-entropy, mse, focal, found binary-cross-entropy")
  }

  /// What does not go together is one sentence.
  @Test(arguments: [
    (["momentum": "0.9"], "--momentum expects --optimizer momentum or nesterov, found --optimizer adam and 0.9"),
    (
      ["optimizer": "sgd", "momentum": "0.9"],
      "--momentum expects --optimizer momentum or nesterov, found --optimizer sgd and 0.9"
    ),
    (["optimizer": "sgd", "beta1": "0.9"], "--beta1 expects --optimizer adam or adamw, found --optimizer sgd and 0.9"),
    (
      ["optimizer": "rmsprop", "beta2": "0.9"],
      "--beta2 expects --optimizer adam or adamw, found --optimizer rmsprop and 0.9"
    ),
    (["rho": "0.9"], "--rho expects --optimizer rmsprop, found --optimizer adam and 0.9"),
    (
      ["optimizer": "nesterov", "epsilon": "1"],
      "--epsilon expects --optimizer adagrad, rmsprop, adam or adamw, found --optimizer nesterov and 1"
    ),
    (["mix-alpha": "0.3"], "--mix-alpha expects --mix mixup or cutmix, found --mix none and 0.3"),
    (["mix-plain": "-1"], "--mix-plain expects a number from 0, found -1"),
    (["patience": "-3"], "--patience expects a number from 0, found -3"),
    (["lr": "x"], "--lr expects a number, found \"x\""),
  ])
  func whatDoesNotGoTogetherIsRefused(_ texts: [String: String], _ expected: String) {
    let refusal = #expect(throws: SettingRefusal.self) { try TrainingSettings(texts: texts) }
    #expect(refusal?.description == expected)
  }

  /// What nobody names follows from what is named.
  @Test func unnamedSettingsFollow() throws {
    #expect(try TrainingSettings(texts: [:]).mixing.plainEpochs == 3)
    let epochs = try TrainingSettings(texts: ["epochs": "50"])
    #expect(epochs.patience == nil && epochs.mixing.plainEpochs == 5)
    #expect(try TrainingSettings(texts: ["epochs": "50", "patience": "10"]).patience == 10)
    let time = try TrainingSettings(texts: ["time": "10m"])
    #expect(time.epochs == 1000 && time.timeBudget == 600 && time.patience == 10)
    #expect(try TrainingSettings(texts: ["time": "10m", "epochs": "5"]).epochs == 5)
  }

  @Test(
    arguments: [
      ("90s", 90), ("10m", 600), ("1h30m", 5400), ("12", 12), ("0.5h", 1800), ("0", nil), ("10q", nil), ("1h30", nil),
      ("m", nil), ("", nil),
    ] as [(String, Double?)])
  func durations(_ text: String, _ seconds: Double?) {
    #expect((try? TrainingSettings(texts: ["time": text]))?.timeBudget == seconds)
    #expect(TrainingSetting.named("time")?.shown(text) == (seconds == nil ? nil : text))
  }

  /// A number that the new rule does not have is gone with the old one.
  @Test func anotherRuleHasItsOwnNumbers() throws {
    var settings = try TrainingSettings(texts: ["beta1": "0.5", "clip": "2"])
    #expect(settings.optimizer == Optimizer(.adam(beta1: 0.5), weightDecay: 1e-4, clipNorm: 2))
    settings.optimizer.rule = .momentum(0.99)
    #expect(
      settings.json["beta1"] == nil && settings.json["momentum"] == 0.99 && settings.json["clip"]?.doubleValue == 2)
  }
}
