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
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      let stamp = FileStamp(status)
      let words = [Philox.stream(item.identity), UInt64(status.st_size), UInt64(bitPattern: Int64(stamp.nanoseconds))]
      for word in words {
        hash = (Philox.key(seed: hash.0, stream: word), Philox.key(seed: hash.1 ^ word, stream: hash.1))
      }
    }
    let digits = [hash.0, hash.1].map { String($0, radix: 16) }
    name = digits.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
  }
}

/// The time of a file's last change.
struct FileStamp {
  let seconds: Int
  let nanoseconds: Int

  init(_ status: stat) {
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    seconds = Int(time.tv_sec)
    nanoseconds = Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
  }
}
