import NunchiSystem

/// What a threshold on the score of a class is to achieve.
package enum ThresholdRule: Hashable, Sendable, CustomStringConvertible {
  case maxF1
  /// The highest precision with at least this recall.
  case recall(atLeast: Double)
  /// The highest recall with at least this precision.
  case precision(atLeast: Double)
  /// The least cost, with a price for each false positive and each false negative.
  case cost(falsePositive: Double, falseNegative: Double)

  /// Parses `max-f1`, `recall>=0.95`, `precision>=0.9` or `cost=1:10` (price of a false positive : of a false
  /// negative).
  package init(parsing text: String) throws(EvaluationError) {
    let word = text.filter { $0 != " " }
    if word == "max-f1" {
      self = .maxF1
    } else if word.hasPrefix("recall>=") {
      self = .recall(atLeast: try Self.share(word.dropFirst(8), text))
    } else if word.hasPrefix("precision>=") {
      self = .precision(atLeast: try Self.share(word.dropFirst(11), text))
    } else if word.hasPrefix("cost=") {
      let (falsePositive, falseNegative) = try Self.prices(word.dropFirst(5), text)
      self = .cost(falsePositive: falsePositive, falseNegative: falseNegative)
    } else {
      throw .notUnderstood(
        what: "threshold", expected: "max-f1, recall>=SHARE, precision>=SHARE or cost=FP:FN", found: text)
    }
  }

  private static func share(_ text: Substring, _ whole: String) throws(EvaluationError) -> Double {
    guard let share = Double(String(text)), share > 0, share <= 1 else {
      throw .notUnderstood(what: "threshold", expected: "a share above 0 and up to 1 after >=", found: whole)
    }
    return share
  }

  private static func prices(_ text: Substring, _ whole: String) throws(EvaluationError) -> (Double, Double) {
    let prices = text.split(separator: ":", omittingEmptySubsequences: false).map { Double(String($0)) }
    guard prices.count == 2, let first = prices[0], let second = prices[1], first >= 0, second >= 0,
      first + second > 0, (first + second).isFinite
    else {
      throw .notUnderstood(
        what: "threshold",
        expected: "two prices from 0, not both 0: of an image accepted by mistake and of one missed, such as cost=1:10",
        found: whole)
    }
    return (first, second)
  }

  package var description: String {
    switch self {
    case .maxF1: "max-f1"
    case .recall(let share): "recall>=\(NumberText.short(share))"
    case .precision(let share): "precision>=\(NumberText.short(share))"
    case .cost(let falsePositive, let falseNegative):
      "cost=\(NumberText.short(falsePositive)):\(NumberText.short(falseNegative))"
    }
  }
}
