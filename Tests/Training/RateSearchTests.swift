import NunchiDatasets
import NunchiImages
import NunchiEngine
import NunchiTraining
import Testing

@Suite struct RateSearchTests {
  @Test func aTenthOfTheLowest() {
    let search = RateSearch(points: [
      .init(rate: 1e-4, loss: 1.4), .init(rate: 1.24e-2, loss: 0.5), .init(rate: 0.1, loss: 3),
    ])
    #expect(abs(search.rate - 1.2e-3) < 1e-8)
    #expect(
      search.reason
        == "the loss fell from 1.400 to 0.500 at the rate 0.012 and rose behind it; a tenth of that rate is fast and "
        + "keeps its distance")
  }

  /// The rate must be one to learn with, the same on any number of threads, and nothing may be left behind.
  @Test func theRateThatIsFoundLearns() throws {
    try withFolder { folder in
      var settings = patternSettings(epochs: 8)
      settings.out = folder
      let search = try Trainer(settings, dataset: patternSet()).findRate()
      settings.threads = 3
      #expect(try Trainer(settings, dataset: patternSet()).findRate() == search)
      #expect(names(in: folder) == [])
      #expect((1e-4...0.1).contains(search.rate), "\(search.rate)")
      settings.rate = search.rate
      settings.out = nil
      #expect(try Trainer(settings, dataset: patternSet()).run().test!.metrics.accuracy >= 0.95)
    }
  }

  /// A loss of which it is known at which rate it flies apart.
  ///
  /// One dense layer over pictures of one gray x, all of them, and the squared error over two classes: a quadratic whose
  /// curvature is λ = 64 x² + 1 along the only direction there is. Descent with the rate r multiplies the error by 1 − r λ:
  /// it shrinks below r = 2/λ and grows above. Half of the pictures are of either class, which keeps batches from agreeing.
  @Test(arguments: [255, 128, 64] as [UInt8]) func theSearchEndsWhereAQuadraticFliesApart(_ gray: UInt8) throws {
    let image = Image(width: 8, height: 8, channels: 1, bytes: [UInt8](repeating: gray, count: 64))
    let set = Dataset(
      classes: ["a", "b"], train: (0..<96).map { (image, $0 % 2) }, validation: [(image, 0), (image, 1)])
    let search = try withFolder { folder in
      try writeLinearModel(
        to: folder + "/linear.safetensors", side: 8, classes: ["a", "b"], slopes: [0, 0], biases: [0, 0])
      var settings = patternSettings()
      settings.start = folder + "/linear.safetensors"
      (settings.loss, settings.optimizer) = (.mse, Optimizer(.sgd))
      return try Trainer(settings, dataset: set).findRate()
    }
    let curvature = 64 * (Double(gray) / 255) * (Double(gray) / 255) + 1
    let bound = 2 / curvature
    let last = try #require(search.points.last)
    // The rate grows by 12 % a step. It takes some steps to grow out of the noise, and the average lags behind by five.
    #expect((1...3).contains(Double(last.rate) / bound), "\(last.rate), bound \(bound)")
    #expect((0.01...0.2).contains(Double(search.rate) / bound), "\(search.rate), bound \(bound)")
    // Never learned: outputs 0 against 0 and 1. Learned: 1/2 against both.
    #expect(abs(search.points[0].loss - 0.5) < 1e-4)
    #expect(abs((search.points.map(\.loss).min() ?? 0) - 0.25) < 0.02)
  }
}
