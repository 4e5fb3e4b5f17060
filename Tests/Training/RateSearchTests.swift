import NunchiDatasets
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
}
