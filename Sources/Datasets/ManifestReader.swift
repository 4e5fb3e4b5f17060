import NunchiSystem

/// A manifest as a data set. Splits are those of its rows; where no row names one, they are drawn, and groups stay whole.
struct ManifestReader {
  private let path: String
  private let manifest: Manifest
  private let copies: CacheFolder?

  /// - Parameter copies: where copies of archives lie.
  init(_ path: String, _ copies: CacheFolder?) throws(DatasetError) {
    (self.path, self.copies) = (path, copies)
    manifest = try Manifest(path: path)
  }

  func open(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    try refuseContradictions()
    var images = FoundImages(path: path, kind: .manifest)
    var found: [Split?: [FoundImage]] = [:]
    var listed: Set<String> = []
    var archives = Archives(copies: copies)
    for (index, entry) in manifest.entries.enumerated() {
      let spelling = manifest.spellings[index]
      guard listed.insert(entry.path).inserted else {
        images.warn("'\(spelling)' is listed again in line \(manifest.lines[index])")
        continue
      }
      guard let (location, size) = try locate(entry.path, spelling, &images, &archives),
        images.accepts(location, size: size, as: spelling)
      else { continue }
      found[entry.split, default: []].append(
        FoundImage(
          identity: images.unique(spelling.composed), className: entry.label, location: location, size: size,
          group: entry.group))
    }
    if manifest.entries.contains(where: { $0.split != nil }) { return try divided(found, &images, splitter) }
    let all = found[nil] ?? []
    let classes = try classNames(all, &images)
    return images.dataset(classes, images.divide(all, classes, splitter))
  }

  private func divided(
    _ found: [Split?: [FoundImage]], _ images: inout FoundImages, _ splitter: Splitter
  ) throws(DatasetError) -> Dataset {
    let named = Set(manifest.entries.compactMap(\.split))
    guard named.contains(.train) else {
      throw DatasetError(.noTrainingSplit(found: named.map(\.rawValue).sorted()), path: path)
    }
    let training = found[.train] ?? []
    let classes = try classNames(training, &images)
    var splits: [Split: [Dataset.Item]] = [.train: images.items(training, classes)]
    for split in [Split.validation, .test] where named.contains(split) {
      splits[split] = try images.heldBack(
        found[split] ?? [], split, named: split.rawValue, at: path, classes: classes)
    }
    if !named.contains(.validation), splitter.fractions.validation > 0 {
      let parts = images.divide(training, classes, splitter.withoutTest)
      (splits[.train], splits[.validation]) = (parts[.train], parts[.validation])
      images.warn("the list has no validation split; part of 'train' is held back for it")
    }
    if !named.contains(.test) { images.warn("the list has no test split") }
    return images.dataset(classes, splits)
  }

  private func classNames(_ found: [FoundImage], _ images: inout FoundImages) throws(DatasetError) -> [String] {
    let names = Set(found.map(\.className)).sorted()
    let wanted = manifest.entries.filter { $0.split == .train || $0.split == nil }.map(\.label)
    for empty in Set(wanted).subtracting(names).sorted() {
      images.warn("the class '\(empty)' has no usable image and is left out")
    }
    guard names.count >= 2 else { throw DatasetError(.tooFewClasses(found: names), path: path) }
    return names
  }

  /// A split in every row or in none, and one class and split for each path.
  private func refuseContradictions() throws(DatasetError) {
    let divided = manifest.entries.contains { $0.split != nil }
    var first: [String: Int] = [:]
    for (index, entry) in manifest.entries.enumerated() {
      let line = manifest.lines[index]
      if divided, entry.split == nil {
        throw DatasetError(.line(line, expected: "a split, as in other rows", found: "none"), path: path)
      }
      guard let earlier = first.updateValue(first[entry.path] ?? index, forKey: entry.path) else { continue }
      let other = manifest.entries[earlier]
      guard other.label == entry.label, other.split == entry.split else {
        throw DatasetError(
          .line(
            line,
            expected: "one class and split for '\(manifest.spellings[index])', as in line \(manifest.lines[earlier])",
            found: "others"), path: path)
      }
    }
  }

  private func locate(
    _ file: String, _ spelling: String, _ images: inout FoundImages, _ archives: inout Archives
  ) throws(DatasetError) -> (Dataset.Location, size: Int)? {
    let reason: FileError.Reason
    do throws(FileError) {
      let status = try FileStatus(file)
      if status.kind == .file { return (.file(path: file), status.size) }
      reason = "not a file"
    } catch {
      reason = error.reason
    }
    if reason.number == ENOTDIR, let member = try archives.member(file) { return member }
    images.skip(spelling, reason.description)
    return nil
  }

  /// The archives that paths of the list go on inside of, each opened once.
  private struct Archives {
    let copies: CacheFolder?
    private var opened: [String: (archive: ZipArchive, members: [String: Int])] = [:]

    init(copies: CacheFolder?) { self.copies = copies }

    mutating func member(_ path: String) throws(DatasetError) -> (Dataset.Location, size: Int)? {
      guard let end = path.indices.first(where: { path[$0] == "/" && FileStatus.isFile(String(path[..<$0])) })
      else { return nil }
      let (file, inner) = (String(path[..<end]), String(path[path.index(after: end)...]))
      if opened[file] == nil {
        guard let archive = try ArchiveCopy.open(file, in: copies) else { return nil }
        let names = archive.members.enumerated().filter { !$1.isFolder }.map { ($1.path, $0) }
        opened[file] = (archive, Dictionary(names) { first, _ in first })
      }
      guard let (archive, members) = opened[file], let index = members[inner] else { return nil }
      return (.member(archive, index: index), archive.size(index))
    }
  }
}
