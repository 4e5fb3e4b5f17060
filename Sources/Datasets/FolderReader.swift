/// A folder for each class, or a folder for each split with a folder for each class in it.
struct FolderReader {
  private let path: String
  private let listing: FolderListing
  private var images: FoundImages

  /// The usable files of one class in one split.
  private struct ClassFiles {
    var name: String
    var images: [FoundImage] = []
  }

  init(_ path: String, _ listing: FolderListing, kind: Dataset.Kind = .folders) {
    self.path = path
    self.listing = listing
    images = FoundImages(path: path, kind: kind)
  }

  func open(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    var reader = self
    return try reader.read(splitter)
  }

  private mutating func read(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    for entry in listing.entries {
      switch entry.kind {
      case .folder: break
      case .file, .other: images.skip(entry.name, "lies outside the folders of the classes")
      case .unreadable(let reason): images.skip(entry.name, reason)
      }
    }
    let folders = try splitFolders()
    return folders.isEmpty ? try readUndivided(splitter) : try readDivided(folders, splitter)
  }

  // MARK: - The two layouts

  private mutating func readUndivided(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    let found = try readClasses(listing.folders, prefix: "")
    let classes = try classNames(found, at: path)
    let splits = images.divide(found.flatMap(\.images), classes, splitter)
    return images.dataset(classes, splits)
  }

  private mutating func readDivided(
    _ folders: [Split: FolderListing.Entry], _ splitter: Splitter
  ) throws(DatasetError) -> Dataset {
    guard let training = folders[.train] else {
      throw DatasetError(.noTrainingSplit(found: folders.values.map(\.name).sorted()), path: path)
    }
    for folder in listing.folders where Split(folder: folder.name) == nil {
      images.warn("the folder '\(folder.name)' beside the splits is ignored")
    }
    let found = try readClasses(training.listing().folders, prefix: training.name + "/")
    let classes = try classNames(found, at: training.path)
    let usable = found.flatMap(\.images)
    var splits: [Split: [Dataset.Item]] = [.train: images.items(usable, classes)]
    for split in [Split.validation, .test] {
      guard let folder = folders[split] else { continue }
      splits[split] = try readHeldBack(split, folder, classes)
    }
    if splits[.validation] == nil, splitter.fractions.validation > 0 {
      let parts = images.divide(usable, classes, splitter.withoutTest)
      (splits[.train], splits[.validation]) = (parts[.train], parts[.validation])
      images.warn("there is no folder for validation; part of '\(training.name)' is held back for it")
    }
    if splits[.test] == nil { images.warn("there is no folder for testing") }
    return images.dataset(classes, splits)
  }

  private mutating func readHeldBack(
    _ split: Split, _ folder: FolderListing.Entry, _ classes: [String]
  ) throws(DatasetError) -> [Dataset.Item] {
    let found = try readClasses(folder.listing().folders, prefix: folder.name + "/")
    return try images.heldBack(
      found.flatMap(\.images), split, named: folder.name, at: folder.path, classes: classes)
  }

  /// The folders that are splits: named so, and with folders in them. Otherwise the names are classes.
  private func splitFolders() throws(DatasetError) -> [Split: FolderListing.Entry] {
    var found: [Split: [FolderListing.Entry]] = [:]
    for folder in listing.folders {
      guard let split = Split(folder: folder.name) else { continue }
      if try !folder.listing().folders.isEmpty { found[split, default: []].append(folder) }
    }
    var single: [Split: FolderListing.Entry] = [:]
    for (split, folders) in found {
      guard folders.count == 1 else {
        throw DatasetError(.ambiguousSplit(split, folders: folders.map(\.name)), path: path)
      }
      single[split] = folders[0]
    }
    return single
  }

  // MARK: - Classes

  /// The folders as classes, in the order of their names; two spellings of one name are one class.
  private mutating func readClasses(
    _ folders: [FolderListing.Entry], prefix: String
  ) throws(DatasetError) -> [ClassFiles] {
    var classes: [ClassFiles] = []
    for folder in folders {
      let name = folder.name.composed
      if classes.last?.name != name { classes.append(ClassFiles(name: name)) }
      for entry in try folder.listing().entries {
        let relative = prefix + folder.name + "/" + entry.name
        guard isFile(entry, relative), images.accepts(entry.location, size: entry.size, as: relative) else { continue }
        classes[classes.count - 1].images.append(
          FoundImage(
            identity: images.unique(relative.composed), className: name, location: entry.location, size: entry.size))
      }
    }
    return classes
  }

  private mutating func classNames(_ found: [ClassFiles], at path: String) throws(DatasetError) -> [String] {
    for empty in found where empty.images.isEmpty {
      images.warn("the folder '\(empty.name)' holds no usable image and is not a class")
    }
    let names = found.filter { !$0.images.isEmpty }.map(\.name)
    guard names.count >= 2 else { throw DatasetError(.tooFewClasses(found: names), path: path) }
    return names
  }

  private mutating func isFile(_ entry: FolderListing.Entry, _ relative: String) -> Bool {
    switch entry.kind {
    case .file: return true
    case .folder: images.skip(relative, "a folder inside a class")
    case .other: images.skip(relative, "not a file")
    case .unreadable(let reason): images.skip(relative, reason)
    }
    return false
  }
}
