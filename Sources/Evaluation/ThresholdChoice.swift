/// A threshold on the score of one class, with the counts when every image with at least that score is accepted.
package struct ThresholdChoice: Hashable, Sendable {
  package let className: String
  package let rule: ThresholdRule
  /// The threshold. It lies halfway to the next lower score, so that rounding moves no image across it. It is above
  /// every score where accepting nothing costs least.
  package let threshold: Float
  package let truePositives: Int
  package let falsePositives: Int
  package let falseNegatives: Int
  package let trueNegatives: Int

  package var precision: Double { ratio(truePositives, truePositives + falsePositives) }
  package var recall: Double { ratio(truePositives, truePositives + falseNegatives) }
  package var f1: Double { ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }
  package var falsePositiveRate: Double { ratio(falsePositives, falsePositives + trueNegatives) }
  package var accuracy: Double {
    ratio(truePositives + trueNegatives, truePositives + trueNegatives + falsePositives + falseNegatives)
  }
}

extension Ranking {
  /// The threshold that a rule asks for. Of equally good ones it takes the one that accepts the fewest images; for
  /// `recall`, the one with the highest recall.
  ///
  /// - Parameter className: the class that the scores are of, for messages.
  package func choose(_ rule: ThresholdRule, className: String) throws(EvaluationError) -> ThresholdChoice {
    guard positives > 0, negatives > 0 else {
      throw .noContrast(className: className, images: positives, others: negatives)
    }
    switch rule {
    case .maxF1: return choice(best { ratio(2 * $0.truePositives, $0.accepted + positives) }, rule, className)
    case .recall(let share):
      // Of equal precision, more accepted images have the higher recall: the last one wins.
      let place = best(orEqual: true) { recall($0) >= share ? $0.precision : nil }
      return choice(place, rule, className)
    case .precision(let share):
      guard let place = best({ $0.precision >= share ? recall($0) : nil }) else {
        let highest = thresholds.reduce(0) { max($0, $1.precision) }
        throw .unattainable(rule: rule.description, className: className, best: highest)
      }
      return choice(place, rule, className)
    case .cost(let falsePositive, let falseNegative):
      func cost(_ hits: Int, _ mistakes: Int) -> Double {
        falseNegative * Double(positives - hits) + falsePositive * Double(mistakes)
      }
      let nothing = cost(0, 0)
      let place = best {
        let cost = cost($0.truePositives, $0.falsePositives)
        return cost < nothing ? -cost : nil
      }
      return choice(place, rule, className)
    }
  }

  private func recall(_ threshold: Threshold) -> Double { ratio(threshold.truePositives, positives) }

  /// The index of the highest value; of equal ones the first, or with `orEqual` the last.
  private func best(orEqual: Bool = false, _ value: (Threshold) -> Double?) -> Int? {
    var best: (place: Int, value: Double)?
    for (place, threshold) in thresholds.enumerated() {
      guard let value = value(threshold) else { continue }
      if let found = best, orEqual ? value < found.value : value <= found.value { continue }
      best = (place, value)
    }
    return best?.place
  }

  /// - Parameter place: the index of the threshold; `nil` accepts nothing.
  private func choice(_ place: Int?, _ rule: ThresholdRule, _ className: String) -> ThresholdChoice {
    let accepted = place.map { thresholds[$0] }
    let (hits, mistakes) = (accepted?.truePositives ?? 0, accepted?.falsePositives ?? 0)
    return ThresholdChoice(
      className: className, rule: rule, threshold: place.map(cut) ?? thresholds[0].score.nextUp, truePositives: hits,
      falsePositives: mistakes, falseNegatives: positives - hits, trueNegatives: negatives - mistakes)
  }

  /// A number between the score at `place` and the next lower one.
  private func cut(_ place: Int) -> Float {
    let score = thresholds[place].score
    guard place + 1 < thresholds.count else { return score }
    let below = thresholds[place + 1].score
    let middle = below + (score - below) / 2
    return middle > below && middle <= score ? middle : score
  }
}

extension Ranking.Threshold {
  var accepted: Int { truePositives + falsePositives }
  var precision: Double { ratio(truePositives, accepted) }
}

extension Answers {
  /// The threshold for one class against all others.
  package func threshold(of index: Int, _ rule: ThresholdRule) throws(EvaluationError) -> ThresholdChoice {
    try ranking(of: index).choose(rule, className: classNames[index])
  }

  /// The threshold for each class against all others, or why there is none.
  package func thresholds(_ rule: ThresholdRule) -> [Result<ThresholdChoice, EvaluationError>] {
    classNames.indices.map { index in
      do throws(EvaluationError) { return .success(try threshold(of: index, rule)) } catch { return .failure(error) }
    }
  }
}
