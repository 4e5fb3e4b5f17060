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
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    if let folder = value("XDG_CACHE_HOME") { return folder + "/nunchi" }
    return value("HOME").map { $0 + "/.cache/nunchi" }
  }

  /// What the disk of a folder, or of the nearest one above that exists, has left.
  static func freeBytes(around path: String) -> Int {
    var path = path
    var status = statvfs()
    while statvfs(path, &status) != 0 {
      guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return 0 }
      path = String(path[..<slash])
    }
    return Int(status.f_bavail) * Int(status.f_frsize)
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
      throw Failure(
        description: "\(path): decoded pictures are not kept in a file: \(String(cString: strerror(errno)))")
    }
    return file
  }

  private func create() throws(Failure) {
    var place = path.startIndex
    while let slash = path[place...].dropFirst().firstIndex(of: "/") {
      mkdir(String(path[..<slash]), 0o700)
      place = slash
    }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw Failure(
        description: "\(path): decoded pictures are not kept in a file: \(String(cString: strerror(errno)))")
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
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var entries: [Entry] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      let isComplete = name.hasSuffix(CacheFile.ending)
      var status = stat()
      guard isComplete || name.contains(CacheFile.ending + ".tmp-"), lstat("\(path)/\(name)", &status) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      entries.append(
        Entry(
          path: "\(path)/\(name)", bytes: Int(status.st_size), used: FileStamp(status).seconds, isComplete: isComplete))
    }
    return entries
  }
}
