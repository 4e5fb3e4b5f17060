import NunchiImages
import NunchiTensors

/// How much of a data set without splits of its own is held back, as shares of each class.
public struct SplitFractions: Sendable, Hashable {
  /// The share that chooses the epoch.
  public var validation: Double
  /// The share that measures the result.
  public var test: Double

  /// Shares of the whole; what is left trains.
  public init(validation: Double = 0.15, test: Double = 0.15) {
    precondition(
      validation >= 0 && test >= 0 && validation + test < 1,
      "the shares held back are not negative and leave some for training, got \(validation) and \(test)")
    self.validation = validation
    self.test = test
  }
}

/// Divides items so that every class is held back in its share. The place of a group depends on the seed and on its rank
/// among random numbers drawn from the identities: adding a file moves few others.
struct Splitter {
  let seed: UInt64
  let fractions: SplitFractions

  /// The same where there is a test split already.
  var withoutTest: Splitter {
    var fractions = fractions
    fractions.test = 0
    return Splitter(seed: seed, fractions: fractions)
  }

  /// - Parameter groups: for each item the number of its group; items of one group stay together, and a group that spans
  ///   several classes goes to training. `nil`: no groups.
  func divide(_ items: [Dataset.Item], groups: [Int]? = nil) -> [Split: [Dataset.Item]] {
    let groups = groups ?? Array(items.indices)
    let members = Dictionary(grouping: items.indices) { groups[$0] }
    let spanning = members.filter { _, group in group.contains { items[$0].label != items[group[0]].label } }
    let places = places(items, groups: groups, training: Set(spanning.keys)).places
    return Dictionary(
      uniqueKeysWithValues: Split.allCases.map { split in
        (split, items.indices.filter { places[$0] == split }.map { items[$0] })
      })
  }

  /// Where each item goes, and how much of each class should have gone where.
  ///
  /// - Parameter training: groups that are not held back, and do not count where shares are taken.
  func places(
    _ items: [Dataset.Item], groups: [Int], training: Set<Int>
  ) -> (places: [Split], wanted: [Split: [Int]]) {
    let members = Dictionary(grouping: items.indices.filter { !training.contains(groups[$0]) }) { groups[$0] }
    let wanted = wanted(members.values.joined().map { items[$0].label })
    var places = [Split](repeating: .train, count: items.count)
    var taken = wanted.mapValues { [Int](repeating: 0, count: $0.count) }
    for group in ranked(members.values, items) {
      let labels = Dictionary(grouping: group) { items[$0].label }.mapValues(\.count)
      for split in [Split.test, .validation]
      where labels.allSatisfy({ taken[split]![$0.key] + $0.value <= wanted[split]![$0.key] }) {
        for (label, count) in labels { taken[split]![label] += count }
        for index in group { places[index] = split }
        break
      }
    }
    return (places, wanted)
  }

  /// In the random order in which they are placed.
  func ranked(_ groups: some Sequence<[Int]>, _ items: [Dataset.Item]) -> [[Int]] {
    groups.map { group -> (rank: UInt64, group: [Int]) in
      var stream = RandomStream(seed: seed, name: "split/" + items[group[0]].identity)
      return (stream.next(), group)
    }
    .sorted { ($0.rank, $0.group[0]) < ($1.rank, $1.group[0]) }
    .map(\.group)
  }

  /// How many of each class are held back.
  private func wanted(_ labels: [Int]) -> [Split: [Int]] {
    var counts = [Int](repeating: 0, count: (labels.max() ?? -1) + 1)
    for label in labels { counts[label] += 1 }
    let test = counts.map { share(fractions.test, of: $0) }
    let validation = zip(counts, test).map { count, test in
      min(share(fractions.validation, of: count), max(0, count - test - 1))
    }
    return [.test: test, .validation: validation]
  }

  /// At least one where three or more are there.
  private func share(_ fraction: Double, of count: Int) -> Int {
    guard fraction > 0, count >= 3 else { return 0 }
    return max(1, Int((fraction * Double(count)).rounded()))
  }
}
