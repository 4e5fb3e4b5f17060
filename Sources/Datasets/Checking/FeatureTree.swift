import NunchiTensors

/// A small decision tree on a few numbers of each example, with classes weighted as if all were equally frequent.
///
/// Each node takes the column and the threshold of the least weighted Gini impurity; ties go to the first column and the
/// least threshold, so that the tree is a pure function of its examples.
struct FeatureTree {
  private indirect enum Node {
    case leaf(label: Int)
    case split(column: Int, threshold: Double, below: Node, above: Node)
  }

  static let depth = 3
  private let root: Node

  /// - Parameters:
  ///   - rows: the numbers of each example.
  ///   - labels: its class, below `classes`.
  init(rows: [[Double]], labels: [Int], classes: Int, examples: [Int]) {
    var counts = [Double](repeating: 0, count: classes)
    for example in examples { counts[labels[example]] += 1 }
    let weights = counts.map { $0 > 0 ? 1 / $0 : 0 }
    let least = max(4, examples.count / 50)
    root = Grower(rows: rows, labels: labels, weights: weights, leastLeaf: least).grow(examples, Self.depth)
  }

  func predict(_ row: [Double]) -> Int {
    var node = root
    while true {
      switch node {
      case .leaf(let label): return label
      case .split(let column, let threshold, let below, let above): node = row[column] <= threshold ? below : above
      }
    }
  }

  private struct Grower {
    let rows: [[Double]]
    let labels: [Int]
    let weights: [Double]
    let leastLeaf: Int

    func grow(_ examples: [Int], _ depth: Int) -> Node {
      guard depth > 0, let (column, threshold) = best(examples) else { return .leaf(label: heaviest(examples)) }
      return .split(
        column: column, threshold: threshold,
        below: grow(examples.filter { rows[$0][column] <= threshold }, depth - 1),
        above: grow(examples.filter { rows[$0][column] > threshold }, depth - 1))
    }

    private func heaviest(_ examples: [Int]) -> Int {
      let mass = mass(examples)
      return mass.indices.max { (mass[$0], $1) < (mass[$1], $0) } ?? 0
    }

    private func mass(_ examples: [Int]) -> [Double] {
      var mass = [Double](repeating: 0, count: weights.count)
      for example in examples { mass[labels[example]] += weights[labels[example]] }
      return mass
    }

    /// The sum of squared masses over the mass: what a pure part keeps whole.
    private static func purity(_ mass: [Double]) -> Double {
      let total = mass.reduce(0, +)
      return total > 0 ? mass.reduce(0) { $0 + $1 * $1 } / total : 0
    }

    private func best(_ examples: [Int]) -> (column: Int, threshold: Double)? {
      let whole = mass(examples)
      var best: (purity: Double, column: Int, threshold: Double)?
      for column in rows.first.map({ Array($0.indices) }) ?? [] {
        let sorted = examples.sorted { (rows[$0][column], $0) < (rows[$1][column], $1) }
        var below = [Double](repeating: 0, count: weights.count)
        for place in sorted.indices.dropLast() {
          below[labels[sorted[place]]] += weights[labels[sorted[place]]]
          let (value, next) = (rows[sorted[place]][column], rows[sorted[place + 1]][column])
          guard value < next, place + 1 >= leastLeaf, sorted.count - place - 1 >= leastLeaf else { continue }
          let purity = Self.purity(below) + Self.purity(zip(whole, below).map { $0 - $1 })
          if purity > (best?.purity ?? Self.purity(whole) * (1 + 1e-9)) { best = (purity, column, (value + next) / 2) }
        }
      }
      return best.map { ($0.column, $0.threshold) }
    }
  }

  /// The balanced accuracy of trees on examples that they have not seen: five folds, each with its share of each class.
  static func crossValidated(rows: [[Double]], labels: [Int], classes: Int) -> Double {
    let folds = 5
    var fold = [Int](repeating: 0, count: labels.count)
    for label in 0..<classes {
      let members = labels.indices.filter { labels[$0] == label }
      var stream = RandomStream(seed: 0, name: "shortcut/folds", position: (UInt32(truncatingIfNeeded: label), 0))
      for (rank, place) in stream.permutation(members.count).enumerated() { fold[members[place]] = rank % folds }
    }
    var right = [Double](repeating: 0, count: classes)
    var counts = right
    for held in 0..<folds {
      let tree = FeatureTree(
        rows: rows, labels: labels, classes: classes, examples: labels.indices.filter { fold[$0] != held })
      for example in labels.indices where fold[example] == held {
        counts[labels[example]] += 1
        if tree.predict(rows[example]) == labels[example] { right[labels[example]] += 1 }
      }
    }
    return zip(right, counts).reduce(0) { $0 + $1.0 / $1.1 } / Double(classes)
  }
}
