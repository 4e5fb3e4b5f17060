import Foundation
import NunchiDatasets
import NunchiEngine
import NunchiImages
import NunchiInference
import NunchiTraining
import Testing

/// Against a report that shows other pictures, or other targets, than the network was trained with.
@Suite(.serialized) struct SeenPicturesTests {
  /// Of 30, 12, 9 and 9 pictures.
  private var uneven: Dataset {
    let labels = [Int](repeating: 0, count: 30) + (0..<30).map { [1, 2, 3, 1, 2, 3, 1, 2, 3, 1][$0 % 10] }
    let train = labels.enumerated().map { pattern($0, label: $1, seed: 1) }
    return Dataset(
      classes: patternClasses, train: train, validation: patterns(20, seed: 2), test: patterns(20, seed: 3))
  }

  /// The loss of an epoch of one batch, on weights that do not move, is that of the pictures and shares that are shown.
  @Test(
    arguments: [Mixing.none, .mixUp(alpha: 1), .cutMix(alpha: 1), .mosaic],
    [TrainingSettings.Imbalance.none, .sampler])
  func theLossIsTheirs(_ mixing: Mixing, _ imbalance: TrainingSettings.Imbalance) throws {
    try withFolder { folder in
      var settings = patternSettings(epochs: 1)
      settings.out = folder
      settings.batch = 60
      settings.augmentation = .light
      settings.mixing = MixingSchedule(mixing)
      settings.imbalance = imbalance
      settings.optimizer.rule = .sgd
      settings.rate = 1e-30
      settings.optimizer.weightDecay = 0
      settings.dropout = 0
      let set = uneven
      let result = try Trainer(settings, dataset: set).run()
      let record = try RunRecord(path: try #require(result.run))
      let pictures = record.firstPictures(60, of: set, result.best.preprocessing)
      try #require(pictures.count == 60)
      let answers = try Classifier(result.best, pool: WorkerPool(threads: 1)).probabilities(of: pictures.map(\.image))
      let losses = zip(pictures, answers).map { picture, answer in
        -picture.shares.reduce(0) { $0 + Double($1.share) * log(Double(answer[$1.label])) }
      }
      let loss = losses.reduce(0, +) / 60
      // Float sums of 60 rows, and the exponential functions of both.
      #expect(abs(loss - result.history[0].trainLoss) < 1e-5 * loss, "\(loss)")
      #expect(
        record.firstPictures(24, of: set, result.best.preprocessing).map(\.image) == pictures.prefix(24).map(\.image))
    }
  }

  @Test func sharesComeByFallingShareAndSumToOne() throws {
    try withFolder { folder in
      var settings = patternSettings(epochs: 1)
      settings.out = folder
      settings.mixing = MixingSchedule(.mosaic)
      let set = patternSet()
      let result = try Trainer(settings, dataset: set).run()
      let record = try RunRecord(path: try #require(result.run))
      let pictures = record.firstPictures(24, of: set, result.best.preprocessing)
      #expect(pictures.count == 16, "no more than a batch has")
      for picture in pictures {
        let shares = picture.shares.map(\.share)
        #expect(shares == shares.sorted(by: >) && abs(shares.reduce(0, +) - 1) < 1e-6 && shares.allSatisfy { $0 > 0 })
      }
      #expect(pictures.contains { $0.shares.count > 1 })
    }
  }
}
