import NunchiTensors

/// Stratified k-fold division: k parts with nearly the same mix of classes. Each part is held back once, and the others
/// train.
///
/// Without groups, two folds differ by at most one image, in all and in every class. Groups stay whole: they are placed
/// from the largest on, each into the fold where its classes are rarest.
package struct Folds: Hashable, Sendable {
  package let count: Int
  /// The number of the fold that holds back each image, counted from 0.
  package let assignment: [Int]
  /// A sentence for each class that some fold lacks.
  package let warnings: [String]

  /// - Parameters:
  ///   - labels: the class of each image.
  ///   - groups: the group of each image, such as the person it shows. Images of one group stay together. `nil` makes
  ///     every image its own group.
  ///   - seed: decides the order in which groups of the same size are placed.
  package init(
    labels: [Int], groups: [Int]? = nil, classNames: [String], count: Int, seed: UInt64 = 0
  ) throws(EvaluationError) {
    if let groups, groups.count != labels.count {
      throw .countMismatch(what: "groups", expected: labels.count, found: groups.count)
    }
    if let bad = labels.first(where: { !classNames.indices.contains($0) }) {
      throw .classOutOfRange(role: "true", found: bad, classes: classNames.count)
    }
    let members = Dictionary(grouping: labels.indices) { groups?[$0] ?? $0 }.values.sorted { $0[0] < $1[0] }
    guard (2...max(2, members.count)).contains(count), members.count >= 2 else {
      throw .folds(wanted: count, groups: members.count)
    }
    var placing = Placing(labels: labels, classes: classNames.count, folds: count)
    for group in Self.ordered(members, labels, seed) { placing.place(group) }
    self.count = count
    assignment = placing.assignment
    warnings = classNames.indices.compactMap { index in
      let lacking = placing.counts.count { $0[index] == 0 }
      return lacking == 0
        ? nil : "class \(classNames[index]): no image in \(lacking) of \(count) folds; its numbers are missing there"
    }
  }

  /// The images that fold `fold` holds back.
  package func heldBack(_ fold: Int) -> [Int] { assignment.indices.filter { assignment[$0] == fold } }

  /// The images that train where fold `fold` is held back.
  package func training(_ fold: Int) -> [Int] { assignment.indices.filter { assignment[$0] != fold } }

  /// The order of placing: large groups first, then by class, then at random.
  private static func ordered(_ members: [[Int]], _ labels: [Int], _ seed: UInt64) -> [[Int]] {
    var stream = RandomStream(seed: seed, name: "evaluation.folds")
    let ranks = stream.permutation(members.count)
    return members.indices.sorted {
      (-members[$0].count, labels[members[$0][0]], ranks[$0]) < (-members[$1].count, labels[members[$1][0]], ranks[$1])
    }.map { members[$0] }
  }
}

/// Folds while they are being filled.
private struct Placing {
  let labels: [Int]
  /// How many images each class has.
  let totals: [Int]
  var assignment: [Int]
  /// How many images of each class each fold has.
  var counts: [[Int]]
  var sizes: [Int]

  init(labels: [Int], classes: Int, folds: Int) {
    self.labels = labels
    totals = labels.reduce(into: [Int](repeating: 0, count: classes)) { $0[$1] += 1 }
    assignment = [Int](repeating: 0, count: labels.count)
    counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: folds)
    sizes = [Int](repeating: 0, count: folds)
  }

  /// Places a group into the fold that minimises Σ (images of class / all of class)² over folds and classes, which is
  /// the fold where its classes are rarest. Of equal folds it takes the smallest, then the first.
  mutating func place(_ group: [Int]) {
    let present = group.reduce(into: [Int: Int]()) { $0[labels[$1], default: 0] += 1 }.sorted { $0.key < $1.key }
    func crowd(_ fold: Int) -> Double {
      present.reduce(0) { sum, part in
        let share = 1 / Double(totals[part.key])
        return sum + Double(counts[fold][part.key]) * share * Double(part.value) * share
      }
    }
    let crowds = sizes.indices.map(crowd)
    let fold = sizes.indices.min { (crowds[$0], sizes[$0], $0) < (crowds[$1], sizes[$1], $1) } ?? 0
    for image in group { assignment[image] = fold }
    for part in present { counts[fold][part.key] += part.value }
    sizes[fold] += group.count
  }
}
