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

  /// Counts images whose classes are known to be in range.
  mutating func add(_ count: Int = 1, cell: Int) { cells[cell] += count }

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

  /// The classes that occur in the truth or in the predictions: those that averages over classes run over.
  var presentClasses: [Int] { (0..<classes).filter { support($0) + predictions($0) > 0 } }

  /// Precision TP / (TP + FP), recall TP / (TP + FN) and F1 2·TP / (2·TP + FP + FN) of a class; 0 where the divisor is 0.
  func scores(_ index: Int) -> Scores {
    let hits = self[truth: index, predicted: index]
    let (support, predictions) = (support(index), predictions(index))
    return Scores(
      precision: ratio(hits, predictions), recall: ratio(hits, support), f1: ratio(2 * hits, support + predictions))
  }

  /// The cell of every counted image, by truth and then prediction.
  var expandedCells: [Int] { cells.indices.flatMap { repeatElement($0, count: cells[$0]) } }
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
