/// The images of a class, those taken for it, and those of both: what every metric of answers without probabilities is
/// made of.
struct ClassCounts {
  var hits = 0
  var support = 0
  var predictions = 0

  /// Whether the class occurs in the truth or in the predictions; averages run over those that do.
  var isPresent: Bool { support + predictions > 0 }

  /// Precision TP / (TP + FP), recall TP / (TP + FN) and F1 2·TP / (2·TP + FP + FN); 0 where the divisor is 0.
  var scores: Scores {
    Scores(
      precision: ratio(hits, predictions), recall: ratio(hits, support), f1: ratio(2 * hits, support + predictions))
  }
}

extension [ClassCounts] {
  /// The counts of a list of answers. Cost: images + classes.
  init(classes: Int, answers: some Sequence<(truth: Int, predicted: Int)>) {
    self.init(repeating: ClassCounts(), count: classes)
    for (truth, predicted) in answers {
      self[truth].support += 1
      self[predicted].predictions += 1
      if truth == predicted { self[truth].hits += 1 }
    }
  }

  private var images: Int { reduce(0) { $0 + $1.support } }

  /// The share of right answers; with one answer an image also micro precision, recall and F1.
  var accuracy: Double { ratio(reduce(0) { $0 + $1.hits }, images) }

  /// The unweighted mean over the classes present.
  var macro: Scores {
    let present = filter(\.isPresent)
    return present.reduce(.zero) { $0 + $1.scores } * (1 / Double(Swift.max(present.count, 1)))
  }

  /// The mean over the classes present, weighted by support.
  var weighted: Scores {
    let total = images
    return reduce(.zero) { $0 + $1.scores * ratio($1.support, total) }
  }

  /// The mean recall of the classes in the truth.
  var balancedAccuracy: Double {
    let inTruth = filter { $0.support > 0 }
    return inTruth.reduce(0) { $0 + $1.scores.recall } / Double(Swift.max(inTruth.count, 1))
  }

  /// Cohen's kappa (a − e) / (1 − e): accuracy a beyond the agreement e = Σ support · predictions / images² that chance
  /// would reach. 0 where one class is all there is.
  var kappa: Double {
    let n = Double(images)
    let chance = reduce(0) { $0 + Double($1.support) * Double($1.predictions) }
    let divisor = n * n - chance
    return divisor == 0 ? 0 : (Double(reduce(0) { $0 + $1.hits }) * n - chance) / divisor
  }

  /// Matthews' correlation of truth and prediction, over all classes (Gorodkin's R): 0 where one of them never changes.
  var matthews: Double {
    let n = Double(images)
    let hits = Double(reduce(0) { $0 + $1.hits })
    let both = reduce(0) { $0 + Double($1.support) * Double($1.predictions) }
    let truth = n * n - reduce(0) { $0 + Double($1.support) * Double($1.support) }
    let predicted = n * n - reduce(0) { $0 + Double($1.predictions) * Double($1.predictions) }
    return truth * predicted == 0 ? 0 : (hits * n - both) / (truth * predicted).squareRoot()
  }

  /// The value of a metric; `nil` where it needs probabilities.
  subscript(metric: Metric) -> Double? {
    switch metric {
    case .accuracy, .f1Micro: accuracy
    case .balancedAccuracy: balancedAccuracy
    case .f1Macro: macro.f1
    case .precisionMacro: macro.precision
    case .recallMacro: macro.recall
    case .f1Weighted: weighted.f1
    case .precisionWeighted: weighted.precision
    case .recallWeighted: weighted.recall
    case .kappa: kappa
    case .matthews: matthews
    case .logLoss, .brier, .calibrationError, .maximumCalibrationError, .rocAUCMacro, .averagePrecisionMacro: nil
    }
  }
}

/// `numerator / denominator`, 0 where the denominator is 0.
func ratio(_ numerator: Int, _ denominator: Int) -> Double {
  denominator == 0 ? 0 : Double(numerator) / Double(denominator)
}

/// Precision, recall and F1 of one class, or an average of them.
public struct Scores: Hashable, Sendable {
  /// The share of what was taken for the class that is of it.
  public var precision: Double
  /// The share of the class that was found.
  public var recall: Double
  /// 2 · precision · recall / (precision + recall)
  public var f1: Double

  /// Nothing right.
  public static let zero = Scores(precision: 0, recall: 0, f1: 0)

  static func + (a: Scores, b: Scores) -> Scores {
    Scores(precision: a.precision + b.precision, recall: a.recall + b.recall, f1: a.f1 + b.f1)
  }

  static func * (scores: Scores, factor: Double) -> Scores {
    Scores(precision: scores.precision * factor, recall: scores.recall * factor, f1: scores.f1 * factor)
  }
}
