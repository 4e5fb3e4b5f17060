import NunchiDatasets
import NunchiImages
import NunchiModelFiles
import NunchiSystem
import NunchiTensors
import NunchiLayers
import NunchiTraining
import Testing

/// Against targets that do not belong to the mixed pictures, and mixtures that depend on anything but seed, epoch and batch.
@Suite(.serialized) struct MixingTests {
  private static let mixings: [Mixing] = [.mixUp(alpha: 0.2), .cutMix(alpha: 1), .mosaic]

  private func settings(_ mixing: Mixing, epochs: Int, plain: Int = 0) -> TrainingSettings {
    var settings = patternSettings(epochs: epochs)
    settings.mixing = MixingSchedule(mixing, plainEpochs: plain)
    return settings
  }

  /// Pictures whose class is their tone, which stays where a picture is made smaller or put elsewhere.
  private func tones(_ count: Int, seed: UInt64) -> [(image: Image, label: Int)] {
    (0..<count).map { index in
      var stream = RandomStream(seed: seed, name: "tone", position: (UInt32(index), 0))
      let bytes = (0..<144).map { _ in UInt8(30 + 60 * (index % 4) + stream.integer(below: 20)) }
      return (Image(width: 12, height: 12, channels: 1, bytes: bytes), index % 4)
    }
  }

  /// Targets of other pictures, or of other classes, would keep the network at chance.
  @Test(arguments: mixings) func aNetworkLearnsFromMixedPictures(_ mixing: Mixing) throws {
    let set = Dataset(
      classes: ["black", "dark", "light", "white"], train: tones(90, seed: 1), validation: tones(30, seed: 2),
      test: tones(40, seed: 3))
    var settings = settings(mixing, epochs: 40, plain: 10)
    settings.rate = 1e-2
    let result = try Trainer(settings, dataset: set).run()
    #expect(result.test!.metrics.accuracy >= 0.9)
  }

  /// Weights that do not move tell the losses apart: mixed epochs have another, the plain ones behind them that of a
  /// training without mixing. Targets are shares there all the same, so shares must mean what indices do, with class
  /// weights and smoothing.
  @Test(arguments: Loss.ofClasses)
  func plainEpochsAreNotMixed(_ loss: Loss) throws {
    func losses(_ schedule: MixingSchedule) throws -> [Double] {
      var settings = patternSettings(epochs: 3)
      settings.loss = loss
      settings.labelSmoothing = 0.1
      settings.optimizer.rule = .sgd
      settings.rate = 1e-30
      settings.dropout = 0
      settings.imbalance = .weights
      settings.mixing = schedule
      return try Trainer(settings, dataset: patternSet(91)).run().history.map(\.trainLoss)
    }
    let plain = try losses(MixingSchedule(.none))
    let mixed = try losses(MixingSchedule(.mosaic, plainEpochs: 1))
    #expect(abs(mixed[0] - plain[0]) > 1e-4 * plain[0] && abs(mixed[1] - plain[1]) > 1e-4 * plain[1])
    // A row's loss is a sum over 4 classes, an epoch's one over 91 rows.
    #expect(abs(mixed[2] - plain[2]) <= 100 * 0x1p-23 * plain[2])
  }

  @Test(arguments: mixings) func theResultDoesNotDependOnTheThreads(_ mixing: Mixing) throws {
    var settings = settings(mixing, epochs: 3, plain: 1)
    settings.augmentation = .light
    let results = try [1, 3].map { threads in
      settings.threads = threads
      return try Trainer(settings, dataset: patternSet()).run()
    }
    #expect(results[0].history.map(\.trainLoss) == results[1].history.map(\.trainLoss))
    #expect(results[0].history.map(\.validationLoss) == results[1].history.map(\.validationLoss))
  }

  /// The loss of an epoch, by hand: the pictures of each batch are mixed as drawn for seed, epoch and batch, and a network
  /// that only sees how bright a picture is answers, and is asked for the shares that are in the mosaic.
  @Test(arguments: mixings) func theLossIsThatOfTheMixedPictures(_ mixing: Mixing) throws {
    let (slopes, biases): ([Float], [Float]) = ([1, -2, 3, 0.5], [0.25, 0, -1, 0.5])
    let set = Dataset(classes: patternClasses, train: tones(40, seed: 1), validation: tones(8, seed: 2))
    var settings = settings(mixing, epochs: 2)
    (settings.optimizer.rule, settings.rate, settings.seed) = (.sgd, 1e-30, 9)
    let found = try withFolder { folder in
      let path = folder + "/linear.safetensors"
      try writeLinearModel(to: path, side: 12, classes: patternClasses, slopes: slopes, biases: biases)
      settings.start = path
      return try Trainer(settings, dataset: set).run().history.map(\.trainLoss)
    }
    let loader = BatchLoader(
      dataset: set, split: .train, preprocessing: Preprocessing(width: 12, height: 12, channels: 1, rule: .squash),
      batchSize: settings.batch, seed: 9, threads: 0, sampling: .shuffled)
    for epoch in 0..<2 {
      var sum = 0.0
      loader.epoch(epoch) { batch in
        var pixels = Array(batch.images)
        let shape = PictureShape(width: 12, height: 12, channels: 1)
        let targets = pixels.withUnsafeMutableBufferPointer {
          mixing.apply(
            images: $0, labels: batch.labels, shape, classes: 4, seed: 9, epoch: epoch, batch: batch.number)
        }
        for row in 0..<batch.count {
          let mean = pixels[row * 144..<(row + 1) * 144].reduce(0.0) { $0 + Double($1) } / 144 / 255
          let outputs = zip(slopes, biases).map { Double($0) * mean + Double($1) }
          let logSum = log(outputs.reduce(0) { $0 + exp($1) })
          let shares = targets[row * 4..<(row + 1) * 4].map(Double.init)
          for (output, share) in zip(outputs, shares) { sum += share * (logSum - output) }
        }
      }
      #expect(abs(found[epoch] - sum / 40) < 1e-5, "epoch \(epoch): \(found[epoch]), by hand \(sum / 40)")
    }
  }
}
