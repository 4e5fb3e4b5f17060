import NunchiDatasets
import NunchiTraining
import Testing

@Suite struct BalancingTests {
  /// Against weights that change the scale of the loss.
  @Test func weightsAverageOneOverTheImages() {
    for counts in [[95, 5], [10, 20, 400], [7, 0, 21]] {
      let weights = Balancing(.weights, counts: counts, images: 32).weights!
      let sum = zip(weights, counts).reduce(0) { $0 + $1.0 * Float($1.1) }
      #expect(abs(sum / Float(counts.reduce(0, +)) - 1) < 1e-5)
      #expect(weights.allSatisfy { $0.isFinite })
    }
    #expect(Balancing(.weights, counts: [95, 5], images: 32).weights! == [100.0 / 190, 10])
  }

  /// Weights while a step of 20 images holds one of 5 in 100 on average, the sampler below.
  @Test func autoDecides() {
    func means(_ counts: [Int], _ images: Int) -> Balancing.Means {
      Balancing(.auto, counts: counts, images: images).means
    }
    #expect(means([100, 140], 1) == .none)
    #expect(means([100, 150], 32) == .none)
    #expect(means([100, 151], 32) == .weights(Balancing(.weights, counts: [100, 151], images: 1).weights!))
    #expect(means([95, 5], 20) == .weights([100.0 / 190, 10]))
    #expect(means([95, 5], 19) == .sampler)
    #expect(Balancing(.none, counts: [95, 5], images: 1).means == .none)
    #expect(Balancing(.sampler, counts: [5, 5], images: 1).means == .sampler)
  }

  @Test func reasonsAreSentences() {
    #expect(
      Balancing(.auto, counts: [95, 5], images: 32).reason
        == "classes are weighed by their rarity: they have 5 to 95 images, a ratio of 19, above 1.5, and a step of 32 sees "
        + "each of them (--imbalance auto)")
    #expect(
      Balancing(.auto, counts: [95, 5], images: 16).reason
        == "classes are drawn equally often: they have 5 to 95 images, a ratio of 19, above 1.5, and most steps of 16 would "
        + "miss the rarest (--imbalance auto); an epoch stays at 100 images, those of small classes come several times")
    #expect(
      Balancing(.auto, counts: [560, 560], images: 32).reason == "classes count the same: each has 560 images")
    #expect(
      Balancing(.auto, counts: [560, 500], images: 32).reason
        == "classes count the same: they have 500 to 560 images, a ratio of 1.12, and up to 1.5 nothing is made up for "
        + "(--imbalance auto)")
    // 1.5003 to 1: more than the bound, and it must look so.
    #expect(Balancing(.auto, counts: [4501, 3000], images: 32).reason.contains("a ratio of 1.51, above 1.5,"))
    #expect(
      Balancing(.weights, counts: [7, 7], images: 32).reason
        == "classes are weighed by their rarity, as asked for: each has 7 images")
  }

  /// 95 to 5, and the rare class hard to tell from noise in few epochs: each means must find it, `auto` in both of its
  /// decisions, and say so.
  @Test(arguments: [16, 32]) func theRareClassIsFound(_ batch: Int) throws {
    let rare = (0..<100).map { pattern($0, label: $0 % 20 == 0 ? 1 : 0, seed: 5) }
    let test = (0..<60).map { pattern($0, label: $0 % 2, seed: 6) }
    let set = Dataset(classes: ["common", "rare"], train: rare, validation: test, test: test)
    var settings = patternSettings(epochs: batch == 16 ? 2 : 4)
    settings.batch = batch
    settings.rate = 1e-3
    var recalls: [TrainingSettings.Imbalance: Double] = [:]
    var balanced: [TrainingSettings.Imbalance: Double] = [:]
    for rule in TrainingSettings.Imbalance.allCases {
      settings.imbalance = rule
      let result = try Trainer(settings, dataset: set).run()
      recalls[rule] = result.test!.metrics.classes[1].recall
      balanced[rule] = result.test!.metrics.balancedAccuracy
      #expect(result.warnings.contains { $0.hasPrefix("classes ") })
      #expect(
        result.warnings.contains(
          "majority baseline: always answering common is right for 95.0 % of the training images"))
    }
    for rule in TrainingSettings.Imbalance.allCases where rule != .none {
      #expect(recalls[rule]! >= recalls[.none]! + 0.2, "\(rule): \(recalls)")
      #expect(balanced[rule]! > balanced[.none]!, "\(rule): \(balanced)")
    }
  }
}
