/// Images ranked by the score of one class against all others: what its curves are made of.
///
/// Images of one score are one threshold; they are neither ranked among each other nor split by a curve.
package struct Ranking: Sendable {
  /// What accepting every image of at least `score` gives.
  package struct Threshold: Hashable, Sendable {
    package let score: Float
    package let truePositives: Int
    package let falsePositives: Int
  }

  /// By falling score.
  package let thresholds: [Threshold]
  package let positives: Int
  package let negatives: Int

  /// - Parameters:
  ///   - scores: one an image, finite.
  ///   - positive: whether the image is of the class.
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

  /// The area under the ROC curve: the chance that an image of the class scores above another one, ties counting half.
  /// `nil` where there are no images of the class or no others.
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

  /// Σ (recall − recall before) · precision over the thresholds. `nil` where there are no images of the class.
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
