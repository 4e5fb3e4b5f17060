/// How often each class was answered for each class: rows are the truth, columns the prediction.
public struct ConfusionMatrix: Hashable, Sendable, Codable {
  public let classNames: [String]
  /// Row-major, `classes · classes`.
  private var cells: [Int]

  public init(classNames: [String]) {
    self.classNames = classNames
    cells = [Int](repeating: 0, count: classNames.count * classNames.count)
  }

  public var classes: Int { classNames.count }

  /// The images of class `truth` that were taken for class `predicted`.
  public subscript(truth truth: Int, predicted predicted: Int) -> Int {
    cells[truth * classes + predicted]
  }

  /// Counts one image.
  public mutating func add(truth: Int, predicted: Int) throws(EvaluationError) {
    guard (0..<classes).contains(truth) else {
      throw .classOutOfRange(role: "true", found: truth, classes: classes)
    }
    guard (0..<classes).contains(predicted) else {
      throw .classOutOfRange(role: "predicted", found: predicted, classes: classes)
    }
    cells[truth * classes + predicted] += 1
  }

  /// The rows, outermost the truth.
  public var rows: [[Int]] {
    (0..<classes).map { Array(cells[$0 * classes..<($0 + 1) * classes]) }
  }

  public var total: Int { cells.reduce(0, +) }
  public var correct: Int { (0..<classes).reduce(0) { $0 + self[truth: $1, predicted: $1] } }

  /// The images of class `index`.
  public func support(_ index: Int) -> Int { (0..<classes).reduce(0) { $0 + self[truth: index, predicted: $1] } }

  /// The images taken for class `index`.
  public func predictions(_ index: Int) -> Int { (0..<classes).reduce(0) { $0 + self[truth: $1, predicted: index] } }

  /// What the scores of each class are made of.
  var counts: [ClassCounts] {
    (0..<classes).map {
      ClassCounts(hits: self[truth: $0, predicted: $0], support: support($0), predictions: predictions($0))
    }
  }

  /// The true and the predicted class of every image, by truth and then prediction.
  var answers: [(truth: Int, predicted: Int)] {
    cells.indices.flatMap { repeatElement((truth: $0 / classes, predicted: $0 % classes), count: cells[$0]) }
  }
}

/// The images of a class, those taken for it, and those of both.
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

  /// The unweighted mean over the classes present.
  static func macro(_ counts: [ClassCounts]) -> Scores {
    let present = counts.filter(\.isPresent)
    return present.reduce(.zero) { $0 + $1.scores } * (1 / Double(max(present.count, 1)))
  }

  /// The mean over the classes present, weighted by support.
  static func weighted(_ counts: [ClassCounts]) -> Scores {
    let total = counts.reduce(0) { $0 + $1.support }
    return counts.reduce(.zero) { $0 + $1.scores * ratio($1.support, total) }
  }

  /// The mean recall of the classes in the truth.
  static func balancedAccuracy(_ counts: [ClassCounts]) -> Double {
    let inTruth = counts.filter { $0.support > 0 }
    return inTruth.reduce(0) { $0 + $1.scores.recall } / Double(max(inTruth.count, 1))
  }
}

/// `numerator / denominator`, 0 where the denominator is 0.
func ratio(_ numerator: Int, _ denominator: Int) -> Double {
  denominator == 0 ? 0 : Double(numerator) / Double(denominator)
}

/// Precision, recall and F1 of one class, or an average of them.
public struct Scores: Hashable, Sendable, Codable {
  public var precision: Double
  public var recall: Double
  public var f1: Double

  public static let zero = Scores(precision: 0, recall: 0, f1: 0)

  static func + (a: Scores, b: Scores) -> Scores {
    Scores(precision: a.precision + b.precision, recall: a.recall + b.recall, f1: a.f1 + b.f1)
  }

  static func * (scores: Scores, factor: Double) -> Scores {
    Scores(precision: scores.precision * factor, recall: scores.recall * factor, f1: scores.f1 * factor)
  }
}
