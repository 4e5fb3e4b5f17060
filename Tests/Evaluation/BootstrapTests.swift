import NunchiEvaluation
import Testing

@Suite struct Bootstraps {
  private let truths = [0, 0, 0, 0, 0, 0, 1, 1, 2]

  /// Answers of 300 images of three classes, by class.
  private func answers() throws -> Answers {
    var random = SplitMix64(state: 3)
    let truths = (0..<300).map { $0 < 150 ? 0 : $0 < 270 ? 1 : 2 }
    let rows = truths.flatMap { truth -> [Float] in
      let weights = (0..<3).map { Float(1 + random.below(100) + ($0 == truth ? 60 : 0)) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
    return try Answers(truths: truths, probabilities: rows, classNames: ["a", "b", "c"])
  }

  @Test func stratifiedDrawsKeepTheClasses() {
    var (plain, stratified) = (Set<[Int]>(), Set<[Int]>())
    func counts(_ images: [Int]) -> [Int] { (0..<3).map { label in images.count { truths[$0] == label } } }
    _ = Bootstrap(resamples: 50).interval(truths: truths) { images in
      plain.insert(counts(images))
      return 0
    }
    let interval = Bootstrap(resamples: 50, sampling: .stratified).interval(truths: truths) { images in
      stratified.insert(counts(images))
      return 0
    }
    #expect(stratified == [[6, 2, 1]] && plain.count > 5)
    #expect(plain.allSatisfy { $0.reduce(0, +) == 9 })
    #expect(interval?.method == .stratifiedBootstrap)
  }

  @Test func drawsWithoutANumberAreLeftOut() {
    var draws = 0
    let interval = Bootstrap(resamples: 40).interval(truths: truths) { _ in
      draws += 1
      return draws % 2 == 0 ? Double(draws) : nil
    }
    // 2, 4, …, 40: the quantiles at 0.475 and 18.525 of 0...19.
    #expect(interval.map { close([$0.lower, $0.upper], [2.95, 39.05], 1e-9) } == true)
    #expect(Bootstrap(resamples: 5).interval(truths: truths) { _ in nil } == nil)
    #expect(Bootstrap().interval(truths: []) { _ in 1 } == nil)
  }

  @Test func everyMetricHasAnInterval() throws {
    let answers = try answers()
    let metrics = try answers.metrics(resamples: 1)
    for metric in Metric.allCases {
      let value = try #require(answers.value(of: metric, among: Array(0..<answers.images)))
      #expect(abs(value - metrics[metric]!) < 1e-12, "\(metric)")
      let interval = try #require(answers.interval(of: metric, Bootstrap(resamples: 200)))
      #expect(interval.lower < interval.upper && interval.lower <= value, "\(metric)")
      // Resampled calibration errors lie above the measured one: noise only adds to a gap.
      #expect(value <= interval.upper || !metric.risesWithQuality, "\(metric)")
    }
  }

  /// The interval that `evaluate` reports is that of the same draws, image by image.
  @Test func macroF1IsTheSameNumber() throws {
    let rows: [Float] = [0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.9, 0.1, 0.2, 0.8]
    let answers = try Answers(truths: [0, 0, 0, 1, 1], probabilities: rows, classNames: ["a", "b"])
    let metrics = try answers.metrics(resamples: 30, seed: 4)
    #expect(answers.interval(of: .f1Macro, Bootstrap(resamples: 30, seed: 4)) == metrics.f1MacroInterval)
  }

  /// 80 of 100 images are right on average: a 95 % interval holds the true share in about 190 of 200 samples.
  @Test func coverage() throws {
    var random = SplitMix64(state: 11)
    let held = (0..<200).count { sample in
      let right = (0..<100).map { _ in random.below(5) > 0 }
      let interval = Bootstrap(resamples: 200, seed: UInt64(sample)).interval(truths: right.map { _ in 0 }) { images in
        Double(images.count { right[$0] }) / 100
      }
      return interval!.lower <= 0.8 && 0.8 <= interval!.upper
    }
    // Binomial: 190 ± 4 · 3.1, and percentile intervals hold a little less.
    #expect((175...200).contains(held))
  }

  @Test func answersRefuseWhatTheyCannotHold() {
    #expect(throws: EvaluationError.countMismatch(what: "probabilities", expected: 4, found: 3)) {
      try Answers(truths: [0, 1], probabilities: [1, 0, 1], classNames: ["a", "b"])
    }
    #expect(throws: EvaluationError.classOutOfRange(role: "true", found: 2, classes: 2)) {
      try Answers(truths: [2], probabilities: [1, 0], classNames: ["a", "b"])
    }
    #expect(throws: EvaluationError.notFinite(image: 1, className: "a")) {
      try Answers(truths: [0, 1], probabilities: [1, 0, .nan, 0], classNames: ["a", "b"])
    }
  }
}
