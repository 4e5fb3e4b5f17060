import NunchiDatasets
import NunchiModelFiles
import NunchiSystem

extension Dataset {
  /// A checksum that identifies the data set: of the classes, and of the split, path, class and size in bytes of each
  /// image, or of its pixels where they are in memory. No files are read.
  package var fingerprint: String {
    var hash = XXHash64()
    hash.update(classes.count)
    for name in classes { Self.add(name, to: &hash) }
    var seen: Set<ObjectIdentifier> = []
    for split in Split.allCases {
      hash.update(items(split).count)
      for item in items(split) {
        Self.add(item.identity, to: &hash)
        hash.update(item.label)
        switch item.location {
        case .file(let path): hash.update(Self.size(path))
        case .member(let archive, let index): hash.update(archive.size(index))
        case .record(let records, let index):
          hash.update(index)
          if seen.insert(ObjectIdentifier(records)).inserted { records.bytes.withUnsafeBytes { hash.update($0) } }
        }
      }
    }
    return hash.text
  }

  private static func add(_ text: String, to hash: inout XXHash64) {
    hash.update(text.utf8.count)
    hash.update(text)
  }

  private static func size(_ path: String) -> Int { (try? FileStatus(path))?.size ?? -1 }
}
