import NunchiImages
import NunchiSystem
import NunchiTensors

/// What the pixels of a split at a model's size depend on: the preprocessing, and of every file its identity, its size and
/// the time of its last change. The folder's own name has no part in it.
struct CacheKey {
  /// 32 hexadecimal digits.
  let name: String

  /// Raised when the same file would give other pixels than before.
  private static let pixelsVersion = 1

  /// `nil` where an item is no file, or one that cannot be examined.
  init?(_ items: [Dataset.Item], _ preprocessing: Preprocessing) {
    let p = preprocessing
    let head =
      "pixels \(Self.pixelsVersion) \(p.width) \(p.height) \(p.channels) \(p.rule.rawValue) \(p.filter.rawValue)"
    var hash = (Philox.stream(head), Philox.stream("second " + head))
    for item in items {
      guard case .file(let path) = item.location else { return nil }
      guard let status = try? FileStatus(path) else { return nil }
      let words = [Philox.stream(item.identity), UInt64(status.size), UInt64(bitPattern: Int64(status.changed))]
      for word in words {
        hash = (Philox.key(seed: hash.0, stream: word), Philox.key(seed: hash.1 ^ word, stream: hash.1))
      }
    }
    name = [hash.0, hash.1].map { NumberText.padded($0, 16, radix: 16) }.joined()
  }
}
