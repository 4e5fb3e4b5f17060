import NunchiImages

/// A folder for each class, or a folder for each split with a folder for each class in it.
struct FolderReader {
  private let path: String
  private let listing: FolderListing
  private var warnings: [String] = []
  private var skipped: [SkippedFile] = []
  private var identities: Set<String> = []

  /// The usable files of one class in one split.
  private struct ClassFiles {
    var name: String
    var files: [(identity: String, path: String, size: Int)] = []
  }

  init(_ path: String, _ listing: FolderListing) {
    self.path = path
    self.listing = listing
  }

  func open(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    var reader = self
    return try reader.read(splitter)
  }

  private mutating func read(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    for entry in listing.entries {
      switch entry.kind {
      case .folder: break
      case .file, .other: skip(entry.name, "lies outside the folders of the classes")
      case .unreadable(let reason): skip(entry.name, reason)
      }
    }
    let folders = try splitFolders()
    return folders.isEmpty ? try readUndivided(splitter) : try readDivided(folders, splitter)
  }

  // MARK: - The two layouts

  private mutating func readUndivided(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    let found = try readClasses(listing.folders, prefix: "")
    let classes = try classNames(found, at: path)
    let splits = divide(found, classes, splitter)
    return dataset(classes, splits)
  }

  private mutating func readDivided(
    _ folders: [Split: FolderListing.Entry], _ splitter: Splitter
  ) throws(DatasetError) -> Dataset {
    guard let training = folders[.train] else {
      throw DatasetError(.noTrainingSplit(found: folders.values.map(\.name).sorted()), path: path)
    }
    for folder in listing.folders where Split(folder: folder.name) == nil {
      warnings.append("the folder '\(folder.name)' beside the splits is ignored")
    }
    let found = try readClasses(FolderListing(training.path).folders, prefix: training.name + "/")
    let classes = try classNames(found, at: training.path)
    var splits: [Split: [Dataset.Item]] = [.train: items(found, classes)]
    for split in [Split.validation, .test] {
      guard let folder = folders[split] else { continue }
      splits[split] = try readHeldBack(split, folder, classes)
    }
    if splits[.validation] == nil {
      let partial = Splitter(
        seed: splitter.seed, fractions: SplitFractions(validation: splitter.fractions.validation, test: 0))
      let parts = divide(found, classes, partial)
      splits[.train] = parts[.train]
      splits[.validation] = parts[.validation]
      warnings.append("there is no folder for validation; part of '\(training.name)' is held back for it")
    }
    if splits[.test] == nil { warnings.append("there is no folder for testing") }
    return dataset(classes, splits)
  }

  private mutating func readHeldBack(
    _ split: Split, _ folder: FolderListing.Entry, _ classes: [String]
  ) throws(DatasetError) -> [Dataset.Item] {
    let found = try readClasses(FolderListing(folder.path).folders, prefix: folder.name + "/")
    if let stranger = found.first(where: { !classes.contains($0.name) && !$0.files.isEmpty }) {
      let near = classes.first { $0.lowercased() == stranger.name.lowercased() }
      throw DatasetError(.unknownClass(stranger.name, split: split, near: near), path: folder.path)
    }
    for name in classes where !found.contains(where: { $0.name == name && !$0.files.isEmpty }) {
      warnings.append("the \(split.rawValue) split '\(folder.name)' has no image of the class '\(name)'")
    }
    let held = items(found, classes)
    guard !held.isEmpty else { throw DatasetError(.emptySplit(split), path: folder.path) }
    return held
  }

  /// The folders that are splits: named so, and with folders in them. Otherwise the names are classes.
  private func splitFolders() throws(DatasetError) -> [Split: FolderListing.Entry] {
    var found: [Split: [FolderListing.Entry]] = [:]
    for folder in listing.folders {
      guard let split = Split(folder: folder.name) else { continue }
      if try !FolderListing(folder.path).folders.isEmpty { found[split, default: []].append(folder) }
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
      for entry in try FolderListing(folder.path).entries {
        let relative = prefix + folder.name + "/" + entry.name
        guard isUsable(entry, relative) else { continue }
        classes[classes.count - 1].files.append((unique(relative.composed), entry.path, entry.size))
      }
    }
    return classes
  }

  private mutating func classNames(_ found: [ClassFiles], at path: String) throws(DatasetError) -> [String] {
    for empty in found where empty.files.isEmpty {
      warnings.append("the folder '\(empty.name)' holds no usable image and is not a class")
    }
    let names = found.filter { !$0.files.isEmpty }.map(\.name)
    guard names.count >= 2 else { throw DatasetError(.tooFewClasses(found: names), path: path) }
    return names
  }

  private mutating func isUsable(_ entry: FolderListing.Entry, _ relative: String) -> Bool {
    switch entry.kind {
    case .file: break
    case .folder: return skip(relative, "a folder inside a class")
    case .other: return skip(relative, "not a file")
    case .unreadable(let reason): return skip(relative, reason)
    }
    if entry.size == 0 { return skip(relative, "an empty file") }
    do throws(ImageError) {
      let start = try FileBytes.read(entry.path, upTo: ImageFormat.signatureBytes)
      guard let format = ImageFormat.detect(start) else { throw ImageError(.notAnImage) }
      if let refusal = format.refusal { throw ImageError(refusal) }
      return true
    } catch {
      return skip(relative, error.found + (error.remedy.map { "; \($0)" } ?? ""))
    }
  }

  @discardableResult
  private mutating func skip(_ relative: String, _ reason: String) -> Bool {
    skipped.append(SkippedFile(path: relative.composed, reason: reason))
    return false
  }

  /// Two spellings of one name in one folder get identities of their own.
  private mutating func unique(_ identity: String) -> String {
    var candidate = identity
    var copy = 2
    while !identities.insert(candidate).inserted {
      candidate = "\(identity)#\(copy)"
      copy += 1
    }
    return candidate
  }

  // MARK: - Items

  private func items(_ found: [ClassFiles], _ classes: [String]) -> [Dataset.Item] {
    found.flatMap { files -> [Dataset.Item] in
      guard let label = classes.firstIndex(of: files.name) else { return [] }
      return files.files.map { Dataset.Item(identity: $0.identity, label: label, location: .file(path: $0.path)) }
    }
  }

  private mutating func divide(
    _ found: [ClassFiles], _ classes: [String], _ splitter: Splitter
  ) -> [Split: [Dataset.Item]] {
    let all = items(found, classes)
    let files = found.flatMap(\.files)
    let groups = ExactDuplicates.groups(paths: files.map(\.path), sizes: files.map(\.size))
    var first: [Int: Dataset.Item] = [:]
    for (item, group) in zip(all, groups) {
      guard let other = first[group] else {
        first[group] = item
        continue
      }
      if other.label != item.label {
        warnings.append("'\(item.identity)' and '\(other.identity)' are the same file in two classes")
      }
    }
    return splitter.divide(all, groups: groups)
  }

  private func dataset(_ classes: [String], _ splits: [Split: [Dataset.Item]]) -> Dataset {
    Dataset(path: path, kind: .folders, classes: classes, splits: splits, warnings: warnings, skipped: skipped)
  }
}
