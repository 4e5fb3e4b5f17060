/// A confidence interval of a metric.
public struct Interval: Hashable, Sendable {
  /// How the interval is computed.
  package enum Method: String, Hashable, Sendable {
    case wilson
    /// Percentiles over resamples of the images.
    case bootstrap
    /// The same, where every resample keeps the number of images of each class.
    case stratifiedBootstrap = "stratified bootstrap"
  }

  /// The lower end.
  public let lower: Double
  /// The upper end.
  public let upper: Double
  /// The confidence level, 0.95.
  public let level: Double
  package let method: Method

  /// The 95 % interval of a share, by Wilson's score: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
  ///
  /// Unlike p ± z·√(p(1−p)/n) it stays within 0...1, and its width is not 0 where all answers are right.
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
      level: 0.95, method: .wilson)
  }
}
