import NunchiDatasets
import NunchiEngine
import NunchiEvaluation
import NunchiImages
import NunchiLayers

extension TrainingSetting {
  /// Every setting, in the order of documents.
  package static let all = start + pictures + steps + judgement + run

  private static let start: [TrainingSetting] = [
    .init("data", \.data, .plain, .source, help: "folder with pictures"),
    .init("model", \.model, .plain, .network, letter: "m", help: "a preset's name; see nunchi model list"),
    .init(
      "size", \.size, .optional(.whole.bounded("a number from 1 to 16384") { (1...16384).contains($0) }), .network,
      placeholder: "PIXELS", help: "side of the input (default: the model's)"),
    .init(
      "channels", \.channels, .optional(.whole.bounded("1 (gray) or 3") { $0 == 1 || $0 == 3 }), .network,
      help: "3 for colour, 1 for gray (default: the model's)"),
    .init("width", \.width, .number, .network, help: "factor on the channels of every hidden layer"),
    .init("dropout", \.dropout, .optional(.single), .network, help: "rate of every dropout (default: the model's)"),
  ]

  private static let pictures: [TrainingSetting] = [
    .init("resize", \.resize, .word, .network, help: "how a picture becomes square"),
    .init("normalize", \.normalization, .word, .network, help: "scale of the bytes, by the training images"),
    .init(
      "augment", \.augmentation, .augmentation, help: "random changes: none, light, medium, heavy, trivial or a text",
      shown: { $0 }, refuse: refusal),
    .init(
      "mix", \.mixing.mixing,
      .word(Mixing.allCases, \.name).documented("the name of a mixing").added(meaning: .none),
      help: "mix the pictures of a batch, and what is to be answered with them"),
    .init(
      "mix-alpha", \.mixing.mixing.alpha,
      .optional(positive.documented("a number above 0") { $0 > 0 }), placeholder: "NUMBER",
      help: "how evenly mixup and cutmix share (default: 0.2 and 1)", isFixed: false,
      refuse: belongs("mix-alpha", to: "mix", \.mixing.mixing) { $0.alpha != nil }),
    .init(
      "mix-plain", \.mixing.plainEpochs, .whole.documented("a number from 0") { $0 >= 0 }.added(meaning: 0),
      placeholder: "EPOCHS", help: "epochs at the end that are not mixed (default: a tenth)", isFixed: false,
      refuse: notNegative("mix-plain"),
      fault: { settings in
        let (mixing, epochs) = (settings.mixing, settings.epochs)
        guard mixing.mixing != .none, mixing.plainEpochs >= epochs else { return nil }
        return ("fewer than the \(epochs) epochs", "\(mixing.plainEpochs)")
      }),
  ]

  private static let steps: [TrainingSetting] = [
    .init(
      "from", \.start, .optional(.plain), .source, placeholder: "MODEL",
      help: "begin with this model: its network, its pictures' size, its weights"),
    .init(
      "freeze", \.freeze, .word.documented("none or trunk").added(meaning: .none),
      help: "trunk: train only the last dense layer"),
    .init(
      "epochs", \.epochs, .epochs.bounded("a number from 1 to 1000000") { (1...1_000_000).contains($0) },
      help: "passes over the images; with --resume +N for more", shown: { ResumedEpochs($0)?.description }),
    .init(
      "batch", \.batch, .whole.bounded("a number from 1 to 65536") { (1...65536).contains($0) }, letter: "b",
      help: "images a step"),
    .init(
      "accumulate", \.accumulation,
      .whole.bounded("a number of batches from 1 to 65536") { (1...65536).contains($0) }.added(meaning: 1),
      placeholder: "COUNT", help: "batches whose gradients make one step"),
    .init(
      "lr", \.rate, .single.bounded("a rate above 0") { $0 > 0 && $0.isFinite }, help: "the highest learning rate"),
    .init(
      "optimizer", \.optimizer.rule, .word(Optimizer.Rule.allCases, \.name), help: "the rule that changes the weights"),
    constant(.momentum, share, "share that the velocity keeps in a step (default: 0.9)"),
    constant(.beta1, share, "share that the mean of the gradients keeps (default: 0.9)"),
    constant(.beta2, share, "share that the mean of their squares keeps (default: 0.999)"),
    constant(.rho, share, "share that the mean of the squares keeps (default: 0.9)"),
    constant(.epsilon, positive, "what keeps the divisor from 0 (default: 1e-8; adagrad 1e-10)"),
    .init(
      "clip", \.optimizer.clipNorm, .optional(positive), placeholder: "NORM",
      help: "scale the gradients down to this norm of all together", unwritten: { _ in nil }),
    .init(
      "clip-value", \.optimizer.clipValue, .optional(positive),
      help: "clip each number of the gradients to -X…X, after --clip", unwritten: { _ in nil }),
    .init(
      "loss", \.loss,
      .word(Loss.ofClasses, \.rawValue).bounded("one of " + Loss.ofClasses.map(\.rawValue).joined(separator: ", ")) {
        Loss.ofClasses.contains($0)
      }, help: "what is minimised"),
    .init(
      "label-smoothing", \.labelSmoothing, share, placeholder: "SHARE",
      help: "share of each target spread over all classes"),
    .init(
      "weight-decay", \.optimizer.weightDecay, .single.bounded("a number from 0") { $0 >= 0 && $0.isFinite },
      help: "shrinks weights; biases and normalisations stay"),
    .init("schedule", \.schedule, .word, help: "how the rate goes on after the warm-up"),
    .init(
      "warmup", \.warmup, .number.bounded("a number of epochs from 0") { $0 >= 0 && $0.isFinite },
      placeholder: "EPOCHS", help: "epochs over which the rate rises"),
    .init("imbalance", \.imbalance, .word, help: "auto: rare classes count more, or come more often"),
  ]

  private static let judgement: [TrainingSetting] = [
    .init(
      "validation", \.fractions.validation, .number, placeholder: "SHARE",
      help: "held back to choose the best epoch, unless DATA is divided"),
    .init(
      "test", \.fractions.test, .number, placeholder: "SHARE",
      help: "held back for the final numbers, unless DATA is divided"),
    .init(
      "folds", \.fold, .fold, help: "train so often, tested on another part each time; I/COUNT: once",
      shown: { FoldChoice($0)?.description }),
    .init("monitor", \.monitor, .monitor, help: "what the best epoch is chosen by"),
    .init(
      "patience", \.patience, .zeroForNone(.whole.bounded("a number from 1") { $0 >= 1 }), placeholder: "EPOCHS",
      help: "stop after so many epochs without a better one, 0: never", refuse: notNegative("patience")),
    .init(
      "min-delta", \.minDelta, .number.bounded("a number from 0") { $0 >= 0 && $0.isFinite }.added(meaning: 0),
      help: "by how much an epoch must be better to end the waiting of --patience"),
    .init(
      "ema", \.averaging, .zeroForNone(share), placeholder: "SHARE",
      help: "validate and keep a moving average of the weights; 0: themselves"),
    .init(
      "time", \.timeBudget, .optional(.duration.bounded("a duration above 0") { $0 > 0 && $0.isFinite }),
      help: "how long training may take, such as 10m; the epochs are made to fit",
      shown: { DurationText.seconds($0) == nil ? nil : $0 }),
    .init("seed", \.seed, .seed, help: "of everything random"),
  ]

  private static let run: [TrainingSetting] = [
    .init(
      "threads", \.threads, .optional(.whole.bounded("a number from 1 to 1024") { (1...1024).contains($0) }), .run,
      help: "worker threads (default: all cores)"),
    .init("out", \.out, .optional(.plain), .run, placeholder: "DIR", help: "folder for run folders"),
  ]
}

// MARK: - Shared parts

extension TrainingSetting {
  private static let share = SettingCodec<Float>.single.bounded("a share from 0 to below 1") { (0..<1).contains($0) }
  private static let positive = SettingCodec<Float>.single.bounded("a number above 0") { $0 > 0 && $0.isFinite }

  /// A constant of the optimizer's rule. Documents leave out the usual value.
  private static func constant(
    _ constant: Optimizer.Rule.Constant, _ codec: SettingCodec<Float>, _ help: String
  ) -> TrainingSetting {
    .init(
      constant.rawValue, \.optimizer.rule[constant], .optional(codec), help: help,
      unwritten: { $0.optimizer.rule.usual[constant] },
      refuse: belongs(constant.rawValue, to: "optimizer", \.optimizer.rule) { $0[constant] != nil })
  }

  /// Refuses a number that only some choices of another setting have.
  private static func belongs<Choice: NamedChoice>(
    _ name: String, to owner: String, _ path: any KeyPath<TrainingSettings, Choice> & Sendable,
    _ has: @escaping @Sendable (Choice) -> Bool
  ) -> @Sendable (String, TrainingSettings) -> String? {
    { text, settings in
      let choice = settings[keyPath: path]
      guard !has(choice) else { return nil }
      let names = Choice.allCases.filter(has).map(\.name)
      let last = names.suffix(2).joined(separator: " or ")
      let expected = (names.dropLast(2) + [last]).joined(separator: ", ")
      return "--\(name) expects --\(owner) \(expected), found --\(owner) \(choice.name) and \(text)"
    }
  }

  private static func notNegative(_ name: String) -> @Sendable (String, TrainingSettings) -> String? {
    { text, _ in text.hasPrefix("-") ? "--\(name) expects a number from 0, found \(text)" : nil }
  }

  @Sendable private static func refusal(_ augmentation: String, _: TrainingSettings) -> String? {
    do throws(AugmentationError) {
      _ = try Augmentation(parsing: augmentation)
      return nil
    } catch {
      return "--augment: \(error)"
    }
  }
}

/// A choice with a name, whose cases differ in the numbers that they have.
private protocol NamedChoice: CaseIterable, Sendable { var name: String { get } }
extension Optimizer.Rule: NamedChoice {}
extension Mixing: NamedChoice {}
