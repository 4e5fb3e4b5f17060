import NunchiSystem

/// The folder of cache files, decoded pictures and copies of archives: what is not used for a month goes, and the longest
/// unused where the rest takes too much.
package struct CacheFolder: Sendable {
  let path: String
  /// The most that its files take together, in bytes.
  let limit: Int

  package init(path: String, limit: Int) { (self.path, self.limit) = (path, limit) }

  private static let longestUnused = 30 * 24 * 3600
  private static let longestUnfinished = 24 * 3600

  /// The ending of copies of archives.
  static let copyEnding = ".zip"

  /// Why there is no room for a file.
  struct Failure: Error {
    let reason: String
  }

  /// Files of at most half of what the disk has left, up to 64 GiB; `nil` without a home.
  package static var standard: CacheFolder? {
    standardPath.map { CacheFolder(path: $0, limit: min(Folder.freeBytes(around: $0) / 2, 64 << 30)) }
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
    try makeRoom(for: needed)
    guard let file = CacheFile(new: name, items: items, imageBytes: imageBytes, warn: warn) else {
      throw Failure(reason: FileError.Reason.last.description)
    }
    return file
  }

  /// Where the copy of an archive lies.
  func copy(_ key: CacheKey) -> String { "\(path)/\(key.name)\(Self.copyEnding)" }

  /// Notes that a file is used.
  func touch(_ file: String) { utimensat(AT_FDCWD, file, nil, 0) }

  /// Makes the folder, and room in it for a file of this size.
  func makeRoom(for needed: Int) throws(Failure) {
    guard needed <= limit else { throw Failure(reason: "\(needed >> 20) MiB of \(limit >> 20) allowed") }
    try create()
    removeUnused(before: needed)
  }

  private func create() throws(Failure) {
    do {
      try Folder.makeAll(path, permissions: 0o700)
    } catch {
      throw Failure(reason: error.reason.description)
    }
  }

  private struct Entry {
    let path: String
    let bytes: Int
    let used: Int
    let isComplete: Bool
  }

  private func removeUnused(before needed: Int) {
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
    let endings = [CacheFile.ending, Self.copyEnding]
    return names.compactMap { name in
      let isComplete = endings.contains { name.text.hasSuffix($0) }
      let file = "\(path)/\(name.text)"
      guard isComplete || endings.contains(where: { name.text.contains($0 + AtomicFile.temporaryMark) }),
        let status = try? FileStatus(file, following: false), status.kind == .file
      else { return nil }
      return Entry(path: file, bytes: status.size, used: status.changed / 1_000_000_000, isComplete: isComplete)
    }
  }
}
