import NunchiImages

/// Files, or images in memory, with the same content.
package enum ExactDuplicates {
  /// For each file the number of the first one with its content. Only files of equal size are read; files are the same
  /// where size and SHA-256 are.
  package static func groups(_ files: [(location: Dataset.Location, size: Int)]) -> [Int] {
    var groups = Array(files.indices)
    for candidates in Dictionary(grouping: files.indices, by: { files[$0].size }).values where candidates.count > 1 {
      var seen: [[UInt8]: Int] = [:]
      for index in candidates.sorted() {
        // What cannot be read now is reported when it is loaded.
        guard let bytes = try? files[index].location.content() else { continue }
        let digest = SHA256.digest(bytes)
        groups[index] = seen[digest] ?? index
        seen[digest] = groups[index]
      }
    }
    return groups
  }
}

extension Dataset.Location {
  /// The bytes of the image's file, or its pixels where they are in memory.
  fileprivate func content() throws(ImageError) -> [UInt8] {
    switch self {
    case .file, .member: try fileBytes() ?? []
    case .record(let records, let index): records.image(index).bytes
    }
  }
}
