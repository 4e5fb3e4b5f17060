import NunchiImages
import NunchiSystem
import NunchiTensors

/// What the contents of a file of the cache folder depend on.
struct CacheKey {
  /// 32 hexadecimal digits.
  let name: String

  /// Raised when the same file would give other pixels than before.
  private static let pixelsVersion = 1

  /// Of the pixels of a split at a model's size: the preprocessing, and of every file its identity, its size and the time
  /// of its last change. The folder's own name has no part in it. `nil` where an item is no file, or one that cannot be
  /// examined.
  init?(_ items: [Dataset.Item], _ preprocessing: Preprocessing) {
    let p = preprocessing
    let head =
      "pixels \(Self.pixelsVersion) \(p.width) \(p.height) \(p.channels) \(p.rule.rawValue) \(p.filter.rawValue)"
    var hash = Hash(head)
    for item in items {
      guard case .file(let path) = item.location, hash.add(path, as: item.identity) else { return nil }
    }
    name = hash.digits
  }

  /// Of the copy of an archive: its path without links, its size and the time of its last change. `nil` where it cannot be
  /// examined.
  init?(archive path: String) {
    var hash = Hash("archive \(Self.copyVersion)")
    guard let whole = FilePath.resolved(path), hash.add(path, as: whole) else { return nil }
    name = hash.digits
  }

  /// Raised when the same archive would give another copy than before.
  private static let copyVersion = 1

  private struct Hash {
    private var words: (UInt64, UInt64)

    init(_ head: String) { words = (Philox.stream(head), Philox.stream("second " + head)) }

    /// Adds the size and the time of a file; whether it is there.
    mutating func add(_ path: String, as identity: String) -> Bool {
      guard let status = try? FileStatus(path) else { return false }
      for word in [Philox.stream(identity), UInt64(status.size), UInt64(bitPattern: Int64(status.changed))] {
        words = (Philox.key(seed: words.0, stream: word), Philox.key(seed: words.1 ^ word, stream: words.1))
      }
      return true
    }

    var digits: String { [words.0, words.1].map { NumberText.padded($0, 16, radix: 16) }.joined() }
  }
}
