import NunchiSystem

/// The folder of cache files: what is not used for a month goes, and the longest unused where the rest takes too much.
struct CacheFolder {
  let path: String
  let limit: Int

  private static let longestUnused = 30 * 24 * 3600
  private static let longestUnfinished = 24 * 3600

  /// Why there is no file.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// `$XDG_CACHE_HOME/nunchi`, or `~/.cache/nunchi`; `nil` without a home.
  static var standardPath: String? {
    func value(_ name: String) -> String? {
      Environment.value(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    if let folder = value("XDG_CACHE_HOME") { return folder + "/nunchi" }
    return value("HOME").map { $0 + "/.cache/nunchi" }
  }

  /// The file of this key: a complete one, or a new one for which room was made.
  func file(
    _ key: CacheKey, items: Int, imageBytes: Int, warn: @escaping @Sendable (String) -> Void
  ) throws(Failure) -> CacheFile {
    let name = "\(path)/\(key.name)\(CacheFile.ending)"
    if let file = CacheFile(complete: name, items: items, imageBytes: imageBytes) { return file }
    let needed = CacheFile.byteCount(items: items, imageBytes: imageBytes)
    guard needed <= limit else {
      throw Failure(
        description: "\(path): decoded pictures are not kept in a file: \(needed >> 20) MiB of \(limit >> 20) allowed")
    }
    try create()
    makeRoom(for: needed)
    guard let file = CacheFile(new: name, items: items, imageBytes: imageBytes, warn: warn) else {
      throw Failure(description: "\(path): decoded pictures are not kept in a file: \(FileError.Reason.last)")
    }
    return file
  }

  private func create() throws(Failure) {
    do {
      try Folder.makeAll(path, permissions: 0o700)
    } catch {
      throw Failure(description: "\(path): decoded pictures are not kept in a file: \(error.reason)")
    }
  }

  private struct Entry {
    let path: String
    let bytes: Int
    let used: Int
    let isComplete: Bool
  }

  private func makeRoom(for needed: Int) {
    let now = Int(time(nil))
    var kept: [Entry] = []
    for entry in entries() {
      let age = now - entry.used
      if age > (entry.isComplete ? Self.longestUnused : Self.longestUnfinished) {
        unlink(entry.path)
      } else {
        kept.append(entry)
      }
    }
    var total = kept.reduce(needed) { $0 + $1.bytes }
    for entry in kept.filter(\.isComplete).sorted(by: { ($0.used, $0.path) < ($1.used, $1.path) }) where total > limit {
      unlink(entry.path)
      total -= entry.bytes
    }
  }

  /// Our own files alone, whatever else lies there.
  private func entries() -> [Entry] {
    let names = (try? Folder.names(in: path)) ?? []
    return names.compactMap { name in
      let isComplete = name.text.hasSuffix(CacheFile.ending)
      let file = "\(path)/\(name.text)"
      guard isComplete || name.text.contains(CacheFile.ending + AtomicFile.temporaryMark),
        let status = try? FileStatus(file, following: false), status.kind == .file
      else { return nil }
      return Entry(path: file, bytes: status.size, used: status.changed / 1_000_000_000, isComplete: isComplete)
    }
  }
}
