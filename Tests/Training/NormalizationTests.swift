import NunchiDatasets
import NunchiImages
import NunchiLayers
import NunchiTensors
import NunchiTraining
import Testing

/// The normalisation that a training of one epoch on these images settles on.
private func normalization(
  _ rule: TrainingSettings.NormalizationRule, train: [(image: Image, label: Int)],
  validation: [(image: Image, label: Int)], augmentation: Augmentation = .none
) throws -> Normalization {
  var settings = patternSettings("mlp", epochs: 1)
  settings.size = train[0].image.width
  settings.channels = train[0].image.channels
  settings.normalization = rule
  settings.augmentation = augmentation
  let set = Dataset(classes: ["a", "b"], train: train, validation: validation)
  return try Trainer(settings, dataset: set).run().best.normalization
}

/// A picture of 2x2 in colour whose blue is always 7.
private func picture(_ red: [UInt8], _ green: UInt8) -> Image {
  Image(width: 2, height: 2, channels: 3, bytes: red.flatMap { [$0, green, 7] })
}

@Suite(.serialized) struct NormalizationTests {
  private let train: [(image: Image, label: Int)] = [
    (picture([10, 20, 30, 40], 100), 0), (picture([50, 60, 70, 80], 200), 1),
  ]
  private let validation: [(image: Image, label: Int)] = [(picture([1, 2, 3, 4], 9), 0), (picture([5, 6, 7, 8], 3), 1)]

  /// By hand: red 10…80 has mean 45 and variance 525, green 150 and 2500.
  @Test func meanAndDeviationAreThoseOfTheTrainingImages() throws {
    let found = try normalization(.zscore, train: train, validation: validation)
    #expect(found.scale == Float(1) / 255)
    for (value, expected) in zip(found.mean, [45.0, 150, 7]) { #expect(abs(Double(value) - expected / 255) < 1e-7) }
    #expect(abs(found.deviation[0] - Float(525.0.squareRoot() / 255)) < 1e-7)
    #expect(abs(found.deviation[1] - Float(50.0 / 255)) < 1e-7)
    #expect(found.deviation[2] == 1, "a constant channel is not divided by zero")
  }

  /// Pixels of the images held back, and augmentation, have no say.
  @Test func onlyUnchangedTrainingPixelsCount() throws {
    let found = try normalization(.zscore, train: train, validation: validation)
    let other = try normalization(
      .zscore, train: train, validation: [(picture([255, 255, 255, 255], 255), 0)], augmentation: .light)
    #expect(found.mean == other.mean && found.deviation == other.deviation)
  }

  @Test func minmaxTakesTheEndsTo0And1() throws {
    let found = try normalization(.minmax, train: train, validation: validation)
    func value(_ byte: Float, _ channel: Int) -> Float {
      (found.scale * byte - found.mean[channel]) / found.deviation[channel]
    }
    #expect(abs(value(10, 0)) < 1e-6 && abs(value(80, 0) - 1) < 1e-6)
    #expect(abs(value(100, 1)) < 1e-6 && abs(value(200, 1) - 1) < 1e-6)
    #expect(abs(value(7, 2)) < 1e-6)
  }

  @Test func noneLeavesTheBytes() throws {
    let found = try normalization(.none, train: train, validation: validation)
    #expect(found.scale == 1 && found.mean == [0, 0, 0] && found.deviation == [1, 1, 1])
  }
}
