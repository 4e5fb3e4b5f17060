import NunchiTensors

/// Which images of a split an epoch holds, and in which order.
package enum Sampling: Sendable, Hashable {
  /// Each image once, in the data set's own order.
  case inOrder
  /// Each image once, in a new order every epoch.
  case shuffled
  /// Each class equally often, give or take one image, in a new order every epoch.
  ///
  /// An epoch is as long as the split: images of large classes wait for a later epoch, those of small ones come several
  /// times, each time augmented in another way.
  case balanced
}

/// One place in the order of an epoch.
package struct Sample: Sendable, Hashable {
  /// The place in `Dataset.items(split)`.
  package let item: Int
  /// How often the item has come in this epoch before.
  package let occurrence: Int

  package init(item: Int, occurrence: Int = 0) { (self.item, self.occurrence) = (item, occurrence) }
}

extension Sampling {
  /// The order of an epoch: a pure function of the labels, the seed, the name of the split and the epoch.
  package func order(labels: [Int], seed: UInt64, name: String, epoch: Int) -> [Sample] {
    guard self != .inOrder else { return labels.indices.map { Sample(item: $0) } }
    let chosen = self == .balanced ? Self.balanced(labels, seed, name, epoch) : labels.indices.map { Sample(item: $0) }
    var stream = RandomStream(
      seed: seed, name: "order/" + name, position: (UInt32(truncatingIfNeeded: epoch), self == .balanced ? 1 : 0))
    return stream.permutation(chosen.count).map { chosen[$0] }
  }

  /// The images of an epoch, class by class. Those of a class stand in an endless row of permutations, and each epoch goes
  /// on where the one before stopped: none comes again before all others of its class have come.
  private static func balanced(_ labels: [Int], _ seed: UInt64, _ name: String, _ epoch: Int) -> [Sample] {
    let classes = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }
    guard !classes.isEmpty else { return [] }
    let (share, left) = labels.count.quotientAndRemainder(dividingBy: classes.count)
    let stride = share + (left > 0 ? 1 : 0)
    var samples: [Sample] = []
    for (place, (label, items)) in classes.enumerated() {
      // Who gets one of the images that are left over changes from epoch to epoch.
      let count = share + ((place + epoch) % classes.count < left ? 1 : 0)
      var seen: [Int: Int] = [:]
      var pass = -1
      var order: [Int] = []
      for position in epoch * stride..<epoch * stride + count {
        if position / items.count != pass {
          pass = position / items.count
          var stream = RandomStream(
            seed: seed, name: "classes/" + name, position: (UInt32(truncatingIfNeeded: pass), UInt32(label)))
          order = stream.permutation(items.count)
        }
        let item = items[order[position % items.count]]
        samples.append(Sample(item: item, occurrence: seen[item, default: 0]))
        seen[item, default: 0] += 1
      }
    }
    return samples
  }
}
