import NunchiTensors

/// Percentile bootstrap: images are resampled with replacement, and the interval holds the middle 95 % of the values.
///
/// It depends only on the answers, their order and the seed.
package struct Bootstrap: Hashable, Sendable {
  /// What stays fixed in every resample.
  package enum Sampling: String, Hashable, Sendable {
    /// The number of images.
    case plain
    /// The number of images of each class: right where somebody chose how many of each class there are.
    case stratified
  }

  /// The number of resamples; 1000 settles the second digit of an interval.
  package let resamples: Int
  package let seed: UInt64
  package let sampling: Sampling

  package init(resamples: Int = 1000, seed: UInt64 = 0, sampling: Sampling = .plain) {
    precondition(resamples > 0, "a bootstrap draws at least once, got \(resamples)")
    (self.resamples, self.seed, self.sampling) = (resamples, seed, sampling)
  }

  /// The 95 % percentile interval of any number that a list of images gives.
  ///
  /// - Parameters:
  ///   - truths: the class of each image.
  ///   - statistic: the number for the images at these indices, some repeated. Resamples without one are left out.
  /// - Returns: `nil` where no resample gave a number.
  package func interval(truths: [Int], _ statistic: ([Int]) -> Double?) -> Interval? {
    guard !truths.isEmpty else { return nil }
    var stream = RandomStream(seed: seed, name: "evaluation.bootstrap")
    let strata: [[Int]] =
      switch sampling {
      case .plain: [Array(truths.indices)]
      case .stratified:
        Dictionary(grouping: truths.indices, by: { truths[$0] }).sorted { $0.key < $1.key }.map(\.value)
      }
    var values: [Double] = []
    var drawn: [Int] = []
    drawn.reserveCapacity(truths.count)
    for _ in 0..<resamples {
      drawn.removeAll(keepingCapacity: true)
      for stratum in strata {
        for _ in stratum { drawn.append(stratum[stream.integer(below: stratum.count)]) }
      }
      if let value = statistic(drawn) { values.append(value) }
    }
    return values.isEmpty ? nil : interval(sorted: values.sorted())
  }

  /// The intervals of macro F1 and of each class's F1 from the same resamples. The order of the images has no effect.
  /// Cost: `resamples` · (images + classes).
  ///
  /// A class has no interval where all resamples give the same value, as where all answers are right or all are wrong:
  /// resampling then says nothing about other images.
  func f1(_ confusion: ConfusionMatrix) -> (macro: Interval, classes: [Interval?]) {
    let answers = confusion.answers
    var values = [[Double]](repeating: [], count: confusion.classes)
    let macro = interval(truths: answers.map(\.truth)) { images in
      let counts = [ClassCounts](classes: confusion.classes, answers: images.lazy.map { answers[$0] })
      for (index, count) in counts.enumerated() where count.isPresent { values[index].append(count.scores.f1) }
      return counts.macro.f1
    }
    guard let macro else { preconditionFailure("every draw of at least one image has a macro F1") }
    return (macro, values.map { $0.min() == $0.max() ? nil : interval(sorted: $0.sorted()) })
  }

  private func interval(sorted: [Double]) -> Interval {
    let method: Interval.Method =
      switch sampling {
      case .plain: .bootstrap
      case .stratified: .stratifiedBootstrap
      }
    return Interval(
      lower: Self.quantile(sorted, 0.025), upper: Self.quantile(sorted, 0.975), level: 0.95, method: method)
  }

  /// The quantile of ascending values, interpolated linearly.
  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }
}
