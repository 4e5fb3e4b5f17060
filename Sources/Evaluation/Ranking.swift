/// Images ranked by the score of one class against all others. Its curves and thresholds are computed from it.
///
/// Images with the same score share one threshold: a curve never splits them.
package struct Ranking: Sendable {
  /// The counts when every image with at least `score` is accepted.
  package struct Threshold: Hashable, Sendable {
    package let score: Float
    package let truePositives: Int
    package let falsePositives: Int
  }

  /// The thresholds by falling score.
  package let thresholds: [Threshold]
  package let positives: Int
  package let negatives: Int

  /// - Parameters:
  ///   - scores: the score of each image, finite.
  ///   - positive: whether each image is of the class.
  package init(scores: [Float], positive: [Bool]) {
    precondition(scores.count == positive.count)
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var thresholds: [Threshold] = []
    var (hits, misses) = (0, 0)
    for (place, image) in order.enumerated() {
      if positive[image] { hits += 1 } else { misses += 1 }
      if place + 1 < order.count, scores[order[place + 1]] == scores[image] { continue }
      thresholds.append(Threshold(score: scores[image], truePositives: hits, falsePositives: misses))
    }
    self.thresholds = thresholds
    (positives, negatives) = (hits, misses)
  }

  /// The area under the ROC curve: the chance that an image of the class scores above an image of another class, ties
  /// counting half. `nil` without images of the class or without others.
  package var rocAUC: Double? {
    guard positives > 0, negatives > 0 else { return nil }
    var area = 0.0
    var (hits, misses) = (0, 0)
    for threshold in thresholds {
      area += Double(threshold.falsePositives - misses) * Double(threshold.truePositives + hits) / 2
      (hits, misses) = (threshold.truePositives, threshold.falsePositives)
    }
    return area / (Double(positives) * Double(negatives))
  }

  /// The average precision: Σ (recall − recall before) · precision over the thresholds. `nil` without images of the
  /// class.
  package var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var sum = 0.0
    var hits = 0
    for threshold in thresholds {
      let precision = ratio(threshold.truePositives, threshold.truePositives + threshold.falsePositives)
      sum += Double(threshold.truePositives - hits) * precision
      hits = threshold.truePositives
    }
    return sum / Double(positives)
  }
}
