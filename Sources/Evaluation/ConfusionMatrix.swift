/// How often images of each class were predicted as each class: rows are the true classes, columns the predicted ones.
public struct ConfusionMatrix: Hashable, Sendable {
  /// The names of the classes, in the order of rows and columns.
  public let classNames: [String]
  /// Row-major, `classes · classes`.
  private var cells: [Int]

  /// A matrix without images.
  public init(classNames: [String]) {
    self.classNames = classNames
    cells = [Int](repeating: 0, count: classNames.count * classNames.count)
  }

  /// How many classes there are.
  public var classes: Int { classNames.count }

  /// How many images of class `truth` were predicted as class `predicted`.
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

  /// The counts as rows: `rows[truth][predicted]`.
  public var rows: [[Int]] {
    (0..<classes).map { Array(cells[$0 * classes..<($0 + 1) * classes]) }
  }

  /// How many images there are.
  public var total: Int { cells.reduce(0, +) }
  /// How many images were answered rightly.
  public var correct: Int { (0..<classes).reduce(0) { $0 + self[truth: $1, predicted: $1] } }

  /// How many images class `index` has.
  public func support(_ index: Int) -> Int { (0..<classes).reduce(0) { $0 + self[truth: index, predicted: $1] } }

  /// How many images were predicted as class `index`.
  public func predictions(_ index: Int) -> Int { (0..<classes).reduce(0) { $0 + self[truth: $1, predicted: index] } }

  /// The counts of each class.
  var counts: [ClassCounts] {
    (0..<classes).map {
      ClassCounts(hits: self[truth: $0, predicted: $0], support: support($0), predictions: predictions($0))
    }
  }

  /// The true and the predicted class of every image, sorted by the true class, then by the predicted one.
  var answers: [(truth: Int, predicted: Int)] {
    cells.indices.flatMap { repeatElement((truth: $0 / classes, predicted: $0 % classes), count: cells[$0]) }
  }
}
