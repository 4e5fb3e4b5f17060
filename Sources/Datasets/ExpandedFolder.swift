import NunchiSystem

/// A picture of a data set and where it and its copies are written.
struct ExpandedFile: Sendable {
  let item: Dataset.Item
  let split: Split
  let paths: (original: String, copies: [String])
}

/// The folders of an expanded data set, and names in them that nobody else has.
struct ExpandedFolder {
  private let path: String
  private var taken: Set<String> = []

  init(_ path: String) { self.path = path }

  /// Makes the folder, which must be new or empty, and those of the splits and classes.
  func make(classes: [String], splits: [Split]) throws(DatasetError) {
    try Self.make(path)
    guard try FolderListing(path).entries.isEmpty else { throw DatasetError(.notEmpty, path: path) }
    for split in splits {
      try Self.make(path + "/" + split.folderName)
      for name in classes { try Self.make(path + "/" + split.folderName + "/" + name) }
    }
  }

  private static func make(_ path: String) throws(DatasetError) {
    do {
      try Folder.make(path)
    } catch {
      throw DatasetError(.unwritable(error.reason), path: path)
    }
  }

  /// The paths of a picture and, for training, of its copies: JPEG where the original is JPEG, otherwise PNG.
  mutating func paths(
    _ item: Dataset.Item, _ split: Split, _ dataset: Dataset, copies: Int
  ) -> (original: String, copies: [String]) {
    let folder = "\(path)/\(split.folderName)/\(dataset.classes[item.label])/"
    let name: String =
      switch item.location {
      case .file(let path): FilePath.name(path)
      case .member(let archive, let index): FilePath.name(archive.source(index))
      case .record(_, let index): "\(index).png"
      }
    let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
    let (stem, ending) = (String(name[..<dot]), String(name[dot...]))
    let copied = [".jpg", ".jpeg"].contains(ending.lowercased()) ? ".jpg" : ".png"
    let original = unique(folder + stem, ending)
    guard split == .train else { return (original, []) }
    return (original, (0..<copies).map { unique("\(folder)\(stem)-copy\($0 + 1)", copied) })
  }

  /// Upper and lower case are one name on some disks.
  private mutating func unique(_ stem: String, _ ending: String) -> String {
    var (candidate, number) = (stem + ending, 2)
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(stem)-\(number)\(ending)"
      number += 1
    }
    return candidate
  }
}
