import NunchiImages
import NunchiSystem

/// Archives whose members are read in any order, by several threads.
package enum ArchiveCopy {
  /// The archive at `path`; `nil` where the file is none. A zip is read where it lies. A tar or 7z archive can only be read
  /// from its front: of it a copy as a zip in the cache folder is.
  package static func open(_ path: String, in cache: CacheFolder?) throws(DatasetError) -> ZipArchive? {
    let start = (try? FileBytes.read(path, upTo: PackedArchive.signatureBytes)) ?? []
    if ZipArchive.begins(start) { return try ZipArchive(path: path) }
    guard PackedArchive.begins(start, path: path) else { return nil }
    guard let cache, let key = CacheKey(archive: path) else {
      throw DatasetError(.noCache("none, for neither XDG_CACHE_HOME nor HOME is set"), path: path)
    }
    let copy = cache.copy(key)
    if let known = try? ZipArchive(path: copy, shownAs: path) {
      cache.touch(copy)
      return known
    }
    try write(PackedArchive(path: path), to: copy, cache)
    return try ZipArchive(path: copy, shownAs: path)
  }

  private static func write(
    _ archive: PackedArchive, to copy: String, _ cache: CacheFolder
  ) throws(DatasetError) {
    let size = archive.members.reduce(ZipWriter.overhead(archive.members.lazy.map(\.path))) { $0 + $1.size }
    do throws(CacheFolder.Failure) {
      try cache.makeRoom(for: size)
    } catch {
      throw DatasetError(.noCache("\(cache.path): \(error.reason)"), path: archive.path)
    }
    var damage: DatasetError?
    do throws(FileError) {
      try AtomicFile.write(to: copy, permissions: 0o600, synchronised: false) { (file) throws(FileError) in
        var writer = ZipWriter(file)
        for (index, member) in archive.members.enumerated() {
          let bytes: [UInt8]
          do throws(DatasetError) {
            bytes = try archive.bytes(index)
          } catch {
            damage = error
            throw FileError(path: archive.path, action: "read", reason: "damaged")
          }
          try writer.add(member.path, bytes)
        }
        try writer.finish()
      }
    } catch {
      throw damage ?? DatasetError(.noCache("\(cache.path): \(error.reason)"), path: archive.path)
    }
  }
}
