import NunchiSystem

/// Two pictures that show the same.
package struct NearPair: Sendable, Hashable {
  /// Places in the list of pictures; `first` is the smaller.
  package let first: Int
  package let second: Int
  /// Bits in which the hashes differ, of 63.
  package let distance: Int
  /// The correlation of their detail, at most 1.
  package let likeness: Float
  package let isMirrored: Bool
}

/// Finds pictures that are copies of each other: scaled, compressed, brightened, mirrored or cut a little.
///
/// A hash within `HashIndex.distance` bits makes a candidate, and the detail decides. Over
/// 2,000 drawn faces that share their whole layout, and 1,005 photographs of faces, unrelated ones reach a correlation of 0.93,
/// and copies that were scaled to half, compressed to quality 60, mirrored, brightened by a fifth or cut by 3 % stay above
/// 0.96.
struct NearDuplicates {
  static let likeness: Float = 0.945
  private static let shade: Float = 0.9
  /// Of the mean differences of colour, in levels.
  private static let colour: Float = 12

  private let signatures: [PictureSignature?]
  private let index: HashIndex

  init(_ signatures: [PictureSignature?]) {
    self.signatures = signatures
    index = HashIndex(signatures.map { $0?.whole.hash })
  }

  /// All pairs, ordered by `first` and `second`; each once, at its best.
  func pairs(threads: Int, isStopped: @escaping @Sendable () -> Bool = { false }) -> [NearPair] {
    let monitor = ConditionLock()
    nonisolated(unsafe) var found: [NearPair] = []
    let blocks = signatures.count.dividedRoundingUp(by: Self.block)
    Pass(count: blocks, threads: threads, isStopped: isStopped).run { block in
      let end = min((block + 1) * Self.block, signatures.count)
      let pairs = (block * Self.block..<end).flatMap(pairs)
      monitor.locked { found += pairs }
    }
    var best: [SIMD2<Int>: NearPair] = [:]
    for pair in found {
      let key = SIMD2(pair.first, pair.second)
      if let other = best[key], !Self.precedes(pair, other) { continue }
      best[key] = pair
    }
    return best.values.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  private static let block = 64

  private static func precedes(_ one: NearPair, _ other: NearPair) -> Bool {
    (-one.likeness, one.distance, one.isMirrored ? 1 : 0) < (-other.likeness, other.distance, other.isMirrored ? 1 : 0)
  }

  /// What one picture, seen four ways, matches among the whole pictures.
  private func pairs(_ place: Int) -> [NearPair] {
    guard let signature = signatures[place] else { return [] }
    var found: [NearPair] = []
    for view in [signature.whole, signature.inner] {
      for isMirrored in [false, true] {
        let probe = isMirrored ? view.mirrored : view.hash
        let shade = isMirrored ? view.shade.mirrored : view.shade
        let detail = isMirrored ? view.detail.mirrored : view.detail
        index.candidates(probe) { other, distance in
          guard other != place, let known = signatures[other] else { return }
          let likeness = detail.correlation(known.whole.detail)
          guard likeness >= Self.likeness, shade.correlation(known.whole.shade) >= Self.shade,
            Self.haveOneColour(signature, known, isMirrored: isMirrored)
          else { return }
          found.append(
            NearPair(
              first: min(place, other), second: max(place, other), distance: distance, likeness: min(likeness, 1),
              isMirrored: isMirrored))
        }
      }
    }
    return found
  }

  /// A gray copy of a coloured picture counts.
  private static func haveOneColour(_ one: PictureSignature, _ other: PictureSignature, isMirrored: Bool) -> Bool {
    guard let first = one.colour, let second = other.colour else { return true }
    var sum: Float = 0
    for place in 0..<16 {
      let across = isMirrored ? place / 4 * 4 + 3 - place % 4 : place
      sum += abs(first[2 * place] - second[2 * across]) + abs(first[2 * place + 1] - second[2 * across + 1])
    }
    return sum / 32 <= colour
  }
}
