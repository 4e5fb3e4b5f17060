/// How many images a class has, how many were predicted as it, and how many are both. Every metric that needs no
/// probabilities is computed from these counts.
struct ClassCounts {
  var hits = 0
  var support = 0
  var predictions = 0

  /// Whether the class occurs among the true or the predicted classes. Averages run over the classes that do.
  var isPresent: Bool { support + predictions > 0 }

  /// Precision TP / (TP + FP), recall TP / (TP + FN) and F1 2·TP / (2·TP + FP + FN); 0 where the divisor is 0.
  var scores: Scores {
    Scores(
      precision: ratio(hits, predictions), recall: ratio(hits, support), f1: ratio(2 * hits, support + predictions))
  }
}

extension [ClassCounts] {
  /// Counts a list of answers. Cost: images + classes.
  init(classes: Int, answers: some Sequence<(truth: Int, predicted: Int)>) {
    self.init(repeating: ClassCounts(), count: classes)
    for (truth, predicted) in answers {
      self[truth].support += 1
      self[predicted].predictions += 1
      if truth == predicted { self[truth].hits += 1 }
    }
  }

  private var images: Int { reduce(0) { $0 + $1.support } }

  /// The share of right answers. With one answer per image, micro precision, recall and F1 are the same number.
  var accuracy: Double { ratio(reduce(0) { $0 + $1.hits }, images) }

  /// The unweighted mean over the classes that are present.
  var macro: Scores {
    let present = filter(\.isPresent)
    return present.reduce(.zero) { $0 + $1.scores } * (1 / Double(Swift.max(present.count, 1)))
  }

  /// The mean over the classes that are present, weighted by support.
  var weighted: Scores {
    let total = images
    return reduce(.zero) { $0 + $1.scores * ratio($1.support, total) }
  }

  /// The mean recall of the classes that have images.
  var balancedAccuracy: Double {
    let inTruth = filter { $0.support > 0 }
    return inTruth.reduce(0) { $0 + $1.scores.recall } / Double(Swift.max(inTruth.count, 1))
  }

  /// Cohen's kappa (a − e) / (1 − e), with the accuracy a and the agreement by chance e = Σ support · predictions /
  /// images². 0 where there is only one class.
  var kappa: Double {
    let n = Double(images)
    let chance = reduce(0) { $0 + Double($1.support) * Double($1.predictions) }
    let divisor = n * n - chance
    return divisor == 0 ? 0 : (Double(reduce(0) { $0 + $1.hits }) * n - chance) / divisor
  }

  /// Matthews' correlation coefficient for any number of classes (Gorodkin's R). 0 where truth or prediction is
  /// constant.
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

/// Precision, recall and F1, averaged over classes.
public struct Scores: Hashable, Sendable {
  /// Of the images predicted as the class, the share that belongs to it: TP / (TP + FP).
  public var precision: Double
  /// Of the images of the class, the share that was predicted as it: TP / (TP + FN).
  public var recall: Double
  /// The harmonic mean of precision and recall.
  public var f1: Double

  /// All scores 0.
  public static let zero = Scores(precision: 0, recall: 0, f1: 0)

  static func + (a: Scores, b: Scores) -> Scores {
    Scores(precision: a.precision + b.precision, recall: a.recall + b.recall, f1: a.f1 + b.f1)
  }

  static func * (scores: Scores, factor: Double) -> Scores {
    Scores(precision: scores.precision * factor, recall: scores.recall * factor, f1: scores.f1 * factor)
  }
}
