import NunchiTensors

/// A range that holds the true value with the given confidence.
public struct Interval: Hashable, Sendable, Codable {
  public let lower: Double
  public let upper: Double
  /// The confidence, 0.95.
  public let level: Double
  /// "wilson" or "bootstrap".
  public let method: String

  /// The 95 % interval of a share by Wilson's score: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
  ///
  /// Unlike p ± z·√(p(1−p)/n) it stays within 0...1 and is not of width 0 where all answers are right.
  public static func wilson(successes: Int, of total: Int) -> Interval {
    precondition(total > 0 && (0...total).contains(successes))
    let z = 1.959963984540054
    let n = Double(total)
    let p = Double(successes) / n
    let divisor = 1 + z * z / n
    let centre = (p + z * z / (2 * n)) / divisor
    let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / divisor
    return Interval(
      lower: successes == 0 ? 0 : max(0, centre - reach), upper: successes == total ? 1 : min(1, centre + reach),
      level: 0.95, method: "wilson")
  }

  /// The 95 % percentile interval of macro F1: the images are drawn anew with replacement `resamples` times.
  ///
  /// It depends on the confusion matrix and the seed alone. Cost: `resamples` · (images + classes).
  static func bootstrapMacroF1(_ confusion: ConfusionMatrix, resamples: Int, seed: UInt64) -> Interval {
    precondition(resamples > 0)
    let answers = confusion.answers
    var stream = RandomStream(seed: seed, name: "evaluation.bootstrap")
    let values = (0..<resamples).map { _ in
      var counts = [ClassCounts](repeating: ClassCounts(), count: confusion.classes)
      for _ in answers.indices {
        let (truth, predicted) = answers[stream.integer(below: answers.count)]
        counts[truth].support += 1
        counts[predicted].predictions += 1
        if truth == predicted { counts[truth].hits += 1 }
      }
      return ClassCounts.macro(counts).f1
    }.sorted()
    return Interval(
      lower: quantile(values, 0.025), upper: quantile(values, 0.975), level: 0.95, method: "bootstrap")
  }

  /// The quantile of ascending values, linear between neighbours.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }
}
