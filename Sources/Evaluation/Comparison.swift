/// Two models on the same images: what the second one does better, and whether that can be chance.
package struct Comparison: Hashable, Sendable {
  /// A metric of both models, and its difference.
  package struct Difference: Hashable, Sendable {
    package let metric: Metric
    package let first: Double
    package let second: Double
    /// The interval of second − first, by a bootstrap that draws the same images for both; `nil` where no resample has
    /// the metric.
    package let interval: Interval?

    package var value: Double { second - first }
  }

  /// How many images both models answer rightly.
  package let bothRight: Int
  package let bothWrong: Int
  /// The images that only the second model answers rightly.
  package let fixed: [Int]
  /// The images that only the first model answers rightly.
  package let broken: [Int]
  /// The p value of McNemar's exact test, two-sided.
  package let pValue: Double
  package let differences: [Difference]

  package var images: Int { bothRight + bothWrong + fixed.count + broken.count }

  /// Compares two lists of answers. Classes are matched by name, images by their order.
  ///
  /// - Parameter metrics: what to compare. A metric that is undefined for one of them is left out.
  package init(
    _ first: Answers, _ second: Answers, metrics: [Metric] = [.accuracy, .balancedAccuracy, .f1Macro],
    bootstrap: Bootstrap = Bootstrap()
  ) throws(EvaluationError) {
    let second = try second.ordered(as: first.classNames)
    guard first.images > 0 else { throw .empty }
    guard first.images == second.images else {
      throw .countMismatch(what: "answers of the second model", expected: first.images, found: second.images)
    }
    if let image = first.truths.indices.first(where: { first.truths[$0] != second.truths[$0] }) {
      let names = first.classNames
      throw .otherImages(
        image: image, expected: names[first.truths[image]], found: names[second.truths[image]])
    }
    let knows = first.truths.indices.map { image in
      (first: first.predicted[image] == first.truths[image], second: second.predicted[image] == first.truths[image])
    }
    bothRight = knows.count { $0.first && $0.second }
    bothWrong = knows.count { !$0.first && !$0.second }
    fixed = knows.indices.filter { !knows[$0].first && knows[$0].second }
    broken = knows.indices.filter { knows[$0].first && !knows[$0].second }
    pValue = McNemar.pValue(fixes: fixed.count, breaks: broken.count)
    differences = metrics.compactMap { Difference($0, first, second, bootstrap) }
  }

  /// What the p value says, for those who do not know p values.
  package var meaning: String {
    if fixed.isEmpty, broken.isEmpty { return "the same answers are right" }
    return pValue < 0.05
      ? "of two equally good models so large a difference is rare: \(fixed.count > broken.count ? "the second" : "the first") "
        + "is better on such pictures"
      : "two equally good models differ so much often: these pictures do not tell which is better"
  }

  /// Such as "fixes 31, breaks 9, p = 0.0007".
  package var sentence: String {
    "fixes \(fixed.count), breaks \(broken.count), p \(pValue < 0.00005 ? "< 0.0001" : "= \(decimal(pValue))")"
  }
}

extension Comparison.Difference {
  fileprivate init?(_ metric: Metric, _ first: Answers, _ second: Answers, _ bootstrap: Bootstrap) {
    func values(_ images: [Int]) -> (first: Double, second: Double)? {
      guard let before = first.value(of: metric, among: images), let after = second.value(of: metric, among: images)
      else { return nil }
      return (before, after)
    }
    guard let whole = values(Array(first.truths.indices)) else { return nil }
    self.metric = metric
    (self.first, self.second) = whole
    interval = bootstrap.interval(truths: first.truths) { images in values(images).map { $0.second - $0.first } }
  }
}
