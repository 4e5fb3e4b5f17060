import NunchiImages
import NunchiTensors

/// How much of a data set without splits of its own is held back, as shares of each class.
public struct SplitFractions: Sendable, Hashable, Codable {
  public var validation: Double
  public var test: Double

  public init(validation: Double = 0.15, test: Double = 0.15) {
    precondition(
      validation >= 0 && test >= 0 && validation + test < 1,
      "the shares held back are not negative and leave some for training, got \(validation) and \(test)")
    self.validation = validation
    self.test = test
  }
}

/// Divides items class by class. The place of an item depends on the seed and on its rank among random numbers drawn from
/// the identities: adding a file moves few others.
struct Splitter {
  let seed: UInt64
  let fractions: SplitFractions

  /// The same where there is a test split already.
  var withoutTest: Splitter {
    var fractions = fractions
    fractions.test = 0
    return Splitter(seed: seed, fractions: fractions)
  }

  /// - Parameter groups: for each item the number of its group; items of one group stay together. `nil`: no groups.
  func divide(_ items: [Dataset.Item], groups: [Int]? = nil) -> [Split: [Dataset.Item]] {
    let members = Dictionary(grouping: items.indices) { groups?[$0] ?? $0 }
    // A group within one class belongs to that class; what spans several goes to training.
    var byClass: [Int: [[Int]]] = [:]
    for group in members.values where group.allSatisfy({ items[$0].label == items[group[0]].label }) {
      byClass[items[group[0]].label, default: []].append(group)
    }
    var places = [Split](repeating: .train, count: items.count)
    for groups in byClass.values { place(groups, items, in: &places) }
    return Dictionary(
      uniqueKeysWithValues: Split.allCases.map { split in
        (split, items.indices.filter { places[$0] == split }.map { items[$0] })
      })
  }

  private func place(_ groups: [[Int]], _ items: [Dataset.Item], in places: inout [Split]) {
    let count = groups.reduce(0) { $0 + $1.count }
    let test = share(fractions.test, of: count)
    let validation = min(share(fractions.validation, of: count), max(0, count - test - 1))
    let ranked =
      groups.map { group -> (rank: UInt64, group: [Int]) in
        var stream = RandomStream(seed: seed, name: "split/" + items[group[0]].identity)
        return (stream.next(), group)
      }
      .sorted { ($0.rank, $0.group[0]) < ($1.rank, $1.group[0]) }
    var taken: [Split: Int] = [:]
    for (_, group) in ranked {
      for (split, wanted) in [(Split.test, test), (.validation, validation)]
      where taken[split, default: 0] + group.count <= wanted {
        taken[split, default: 0] += group.count
        for index in group { places[index] = split }
        break
      }
    }
  }

  /// At least one where three or more are there.
  private func share(_ fraction: Double, of count: Int) -> Int {
    guard fraction > 0, count >= 3 else { return 0 }
    return max(1, Int((fraction * Double(count)).rounded()))
  }
}
