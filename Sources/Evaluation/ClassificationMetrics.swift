/// How well a classifier answered a set of images.
///
/// Averages run over the classes that occur among the true or the predicted classes, as in scikit-learn; the balanced
/// accuracy runs over the true classes. A quotient with the divisor 0 is 0, and a warning names the class.
///
///     let metrics = try ClassificationMetrics(truth: [0, 0, 1], predicted: [0, 1, 1], classNames: ["cat", "dog"])
///     print(metrics.accuracy, metrics.macro.f1)
public struct ClassificationMetrics: Hashable, Sendable {
  /// The numbers of one class.
  public struct ClassMetrics: Hashable, Sendable {
    /// The class's name.
    public let name: String
    /// Of the images predicted as the class, the share that belongs to it: TP / (TP + FP).
    public let precision: Double
    /// Of the images of the class, the share that was predicted as it: TP / (TP + FN).
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
    /// How many images the class has.
    public let support: Int
    /// How many images were predicted as the class.
    public let predictions: Int
    /// The interval of the precision by Wilson's score over `predictions`; `nil` where nothing was predicted as the
    /// class.
    public let precisionInterval: Interval?
    /// The interval of the recall by Wilson's score over `support`; `nil` where the class has no images.
    public let recallInterval: Interval?
    /// The interval of F1 by the resamples of `f1MacroInterval`; `nil` where all of them give the same value, as where
    /// all answers are right or all are wrong.
    public let f1Interval: Interval?
    /// The area under the ROC curve of the class against all others; `nil` without probabilities, without images of the
    /// class or without others.
    public internal(set) var rocAUC: Double?
    /// The average precision of the class against all others; `nil` without probabilities or without images of the
    /// class.
    public internal(set) var averagePrecision: Double?
  }

  /// The accuracy of always answering the most frequent class.
  public struct Baseline: Hashable, Sendable {
    /// The most frequent class.
    public let className: String
    /// Its share of the images.
    public let accuracy: Double
  }

  /// The share of images whose class is among the k most probable ones.
  package struct TopK: Hashable, Sendable {
    package let k: Int
    package let accuracy: Double
    package let interval: Interval
  }

  /// How often images of each class were predicted as each class.
  public let confusion: ConfusionMatrix
  /// How many images were answered.
  public let images: Int
  /// The share of right answers.
  public let accuracy: Double
  /// The mean recall of the classes that have images.
  public let balancedAccuracy: Double
  /// The numbers of each class, in the order of the class names.
  public internal(set) var classes: [ClassMetrics]
  /// The unweighted mean over the classes.
  public let macro: Scores
  /// The mean over the classes, weighted by support.
  public let weighted: Scores
  /// The scores over all answers together. With one answer per image all three are the accuracy.
  public let micro: Scores
  /// Cohen's kappa: how far the accuracy is above what chance reaches with as many predictions of each class; 1 is
  /// perfect.
  public let kappa: Double
  /// Matthews' correlation coefficient: 1 is perfect, 0 is chance.
  public let matthews: Double
  /// The accuracy of always answering the most frequent class, which a useful model exceeds.
  public let baseline: Baseline
  /// The 95 % interval of the accuracy, by Wilson's score.
  public let accuracyInterval: Interval
  /// The 95 % interval of macro F1, by the bootstrap.
  public let f1MacroInterval: Interval
  /// The log loss, which is the mean of −ln p(true class); `nil` without probabilities.
  public internal(set) var crossEntropy: Double?
  /// The Brier score: the mean over the images of Σ (p(class) − 1 for the true class, − 0 for others)², halved for two
  /// classes; `nil` without probabilities.
  public internal(set) var brier: Double?
  package internal(set) var calibration: Calibration?
  package internal(set) var topK: [TopK] = []
  /// Sentences about classes whose numbers are undefined, such as one that was never predicted.
  public let warnings: [String]

  /// The metrics of a confusion matrix.
  ///
  /// - Parameters:
  ///   - resamples: how often the bootstrap resamples; 1000 settles the second digit of an interval.
  ///   - seed: the seed of the bootstrap.
  public init(confusion: ConfusionMatrix, resamples: Int = 1000, seed: UInt64 = 0) throws(EvaluationError) {
    guard confusion.total > 0 else { throw .empty }
    self.confusion = confusion
    images = confusion.total
    accuracy = ratio(confusion.correct, images)
    let counts = confusion.counts
    balancedAccuracy = counts.balancedAccuracy
    let intervals = Bootstrap(resamples: resamples, seed: seed).f1(confusion)
    classes = counts.indices.map {
      ClassMetrics(name: confusion.classNames[$0], counts: counts[$0], f1Interval: intervals.classes[$0])
    }
    (macro, weighted) = (counts.macro, counts.weighted)
    (kappa, matthews) = (counts.kappa, counts.matthews)
    micro = Scores(precision: accuracy, recall: accuracy, f1: accuracy)
    baseline = confusion.baseline
    accuracyInterval = .wilson(successes: confusion.correct, of: images)
    f1MacroInterval = intervals.macro
    warnings = confusion.warnings
  }

  /// The metrics of class numbers: the true class of each image, and the one predicted.
  public init(
    truth: [Int], predicted: [Int], classNames: [String], resamples: Int = 1000, seed: UInt64 = 0
  ) throws(EvaluationError) {
    guard truth.count == predicted.count else {
      throw .countMismatch(what: "predictions", expected: truth.count, found: predicted.count)
    }
    var confusion = ConfusionMatrix(classNames: classNames)
    for (truth, predicted) in zip(truth, predicted) { try confusion.add(truth: truth, predicted: predicted) }
    try self.init(confusion: confusion, resamples: resamples, seed: seed)
  }

  /// The metrics of probabilities, one row of all classes per image. The answer is the most probable class, the first
  /// of equal ones.
  public init(
    truth: [Int], probabilities: [[Float]], classNames: [String], resamples: Int = 1000, seed: UInt64 = 0
  ) throws(EvaluationError) {
    guard truth.count == probabilities.count else {
      throw .countMismatch(what: "rows of probabilities", expected: truth.count, found: probabilities.count)
    }
    var accumulator = MetricsAccumulator(classNames: classNames, keepsScores: true)
    for (truth, row) in zip(truth, probabilities) { try accumulator.add(truth: truth, probabilities: row) }
    self = try accumulator.metrics(resamples: resamples, seed: seed)
  }

  /// The metrics of probabilities in one array, `[images, classes]` row-major.
  public init(
    truth: [Int], flatProbabilities: [Float], classNames: [String], resamples: Int = 1000, seed: UInt64 = 0
  ) throws(EvaluationError) {
    let classes = classNames.count
    guard flatProbabilities.count == truth.count * classes else {
      throw .countMismatch(what: "probabilities", expected: truth.count * classes, found: flatProbabilities.count)
    }
    let rows = truth.indices.map { Array(flatProbabilities[$0 * classes..<($0 + 1) * classes]) }
    try self.init(truth: truth, probabilities: rows, classNames: classNames, resamples: resamples, seed: seed)
  }
}

extension ClassificationMetrics.ClassMetrics {
  fileprivate init(name: String, counts: ClassCounts, f1Interval: Interval?) {
    let scores = counts.scores
    self.name = name
    (precision, recall, f1) = (scores.precision, scores.recall, scores.f1)
    (support, predictions) = (counts.support, counts.predictions)
    precisionInterval = predictions > 0 ? .wilson(successes: counts.hits, of: predictions) : nil
    recallInterval = support > 0 ? .wilson(successes: counts.hits, of: support) : nil
    self.f1Interval = f1Interval
  }
}

extension ConfusionMatrix {
  fileprivate var baseline: ClassificationMetrics.Baseline {
    let supports = (0..<classes).map(support)
    let most = supports.max() ?? 0
    return .init(className: classNames[supports.firstIndex(of: most) ?? 0], accuracy: ratio(most, total))
  }

  /// One sentence for all classes with the same problem.
  fileprivate var warnings: [String] {
    func sentence(_ isOdd: (ClassCounts) -> Bool, _ what: String) -> String? {
      let names = zip(classNames, counts).filter { isOdd($1) }.map(\.0)
      guard names.count > 1 else { return names.first.map { "class \($0): \(what)" } }
      let more = names.count > Self.mostNamed ? ", …" : ""
      return "\(names.count) classes: \(what): \(names.prefix(Self.mostNamed).joined(separator: ", "))\(more)"
    }
    return [
      sentence({ $0.support > 0 && $0.predictions == 0 }, "never predicted; precision counts as 0"),
      sentence({ $0.support == 0 && $0.predictions > 0 }, "no images, but predicted; recall counts as 0"),
      sentence({ !$0.isPresent }, "no images and never predicted; averages leave out such classes"),
    ].compactMap { $0 }
  }

  private static var mostNamed: Int { 10 }
}
