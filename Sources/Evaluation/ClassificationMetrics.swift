/// How well a classifier answered a set of images.
///
/// Averages over classes run over those that occur in the truth or among the predictions, as in scikit-learn; the
/// balanced accuracy over those in the truth. A quotient with the divisor 0 is 0, and a warning names the class.
public struct ClassificationMetrics: Hashable, Sendable {
  /// The numbers of one class.
  public struct ClassMetrics: Hashable, Sendable {
    /// The name of the class.
    public let name: String
    /// The share of what was taken for the class that is of it.
    public let precision: Double
    /// The share of the class that was found.
    public let recall: Double
    /// 2 · precision · recall / (precision + recall)
    public let f1: Double
    /// Images of the class.
    public let support: Int
    /// Images taken for the class.
    public let predictions: Int
    /// By Wilson's score over `predictions`; `nil` where nothing was taken for the class.
    public let precisionInterval: Interval?
    /// By Wilson's score over `support`; `nil` where there are no images of the class.
    public let recallInterval: Interval?
    /// By the draws of `f1MacroInterval`; `nil` where all of them give the same, as where every answer is right or none.
    public let f1Interval: Interval?
    /// Known where all scores were kept and both the class and another one occur.
    public internal(set) var rocAUC: Double?
    /// Known where all scores were kept and the class occurs.
    public internal(set) var averagePrecision: Double?
  }

  /// What answering the most frequent class every time would reach.
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

  /// How often each class was taken for each.
  public let confusion: ConfusionMatrix
  /// Images that were answered.
  public let images: Int
  /// The share of right answers.
  public let accuracy: Double
  /// The mean recall of the classes in the truth.
  public let balancedAccuracy: Double
  /// The numbers of each class.
  public internal(set) var classes: [ClassMetrics]
  /// The mean over the classes.
  public let macro: Scores
  /// Weighted by support.
  public let weighted: Scores
  /// Over all answers together; with one answer an image all three are the accuracy.
  public let micro: Scores
  /// Cohen's kappa: accuracy beyond what chance would reach with as many predictions of each class.
  public let kappa: Double
  /// Matthews' correlation coefficient.
  public let matthews: Double
  /// What answering the most frequent class every time would reach.
  public let baseline: Baseline
  /// The share of right answers.
  public let accuracyInterval: Interval
  /// 2 · precision · recall / (precision + recall)
  public let f1MacroInterval: Interval
  /// The mean of −ln p(true class). Known with probabilities, like the next three.
  public internal(set) var crossEntropy: Double?
  /// The mean of Σ (p(class) − 1 for the true class, else 0)² over the classes; halved where there are two.
  public internal(set) var brier: Double?
  package internal(set) var calibration: Calibration?
  package internal(set) var topK: [TopK] = []
  /// What is odd about the classes, a sentence each.
  public let warnings: [String]

  /// - Parameters:
  ///   - resamples: how often the bootstrap draws; 1000 steadies the second digit of the interval.
  ///   - seed: of the bootstrap.
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

  /// From class numbers.
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

  /// From the probabilities of every class, one row an image; the answer is the first of the most probable classes.
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

  /// From the probabilities of every class, `[images, classes]` row-major.
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

  /// One sentence for all classes of which the same is odd.
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
