/// How often each class was answered for each class: rows are the truth, columns the prediction.
public struct ConfusionMatrix: Hashable, Sendable {
  /// The names of the classes, in the order of rows and columns.
  public let classNames: [String]
  /// Row-major, `classes · classes`.
  private var cells: [Int]

  /// A matrix of zeros.
  public init(classNames: [String]) {
    self.classNames = classNames
    cells = [Int](repeating: 0, count: classNames.count * classNames.count)
  }

  /// How many classes there are.
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

  /// Images in all.
  public var total: Int { cells.reduce(0, +) }
  /// Images on the diagonal.
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
