import NunchiImages
import NunchiSystem

/// What is examined: a data set, a folder of pictures without classes, or one file.
package struct CheckSubject: Sendable {
  package enum Kind: Sendable, Hashable {
    case dataset(Dataset.Kind)
    case pictures
    case file
  }

  package let path: String
  package let kind: Kind
  package let classes: [String]
  /// Whether the data are divided into splits where they lie.
  package let isDivided: Bool
  /// What opening the data has to say.
  package let warnings: [String]
  /// How many things there are to look at.
  package var count: Int { entries.count }
  /// Whether the pictures are files, not records of an array.
  package var isFiles: Bool {
    switch kind {
    case .dataset(let kind):
      switch kind {
      case .folders, .manifest, .zip, .archive: true
      case .idx, .cifar10, .cifar100, .memory: false
      }
    case .pictures, .file: true
    }
  }

  let entries: [Entry]
  private let dataset: Dataset?

  /// One thing to look at.
  struct Entry: Sendable {
    let path: String
    let split: Split?
    let label: Int?
    let source: Source
  }

  enum Source: Sendable {
    case item(Dataset.Item)
    case file(String)
    /// A file that opening the data set left out, and why.
    case stray(String, reason: String)
  }

  /// Opens whatever lies at `path`. Nothing is held back: data without splits stay whole.
  package init(path given: String) throws(DatasetError) {
    var path = given
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    if Self.isPicture(path) {
      let name = FilePath.name(path)
      self.init(path: path, kind: .file, entries: [Entry(path: name, split: nil, label: nil, source: .file(path))])
      return
    }
    do throws(DatasetError) {
      self.init(try Dataset.open(path: path, fractions: SplitFractions(validation: 0, test: 0)))
    } catch {
      guard case .tooFewClasses = error.reason else { throw error }
      let entries = try Self.files(below: path, prefix: "")
      guard !entries.isEmpty else { throw error }
      self.init(
        path: path, kind: .pictures, warnings: ["fewer than two classes: the pictures are examined without"],
        entries: entries)
    }
  }

  private init(
    path: String, kind: Kind, classes: [String] = [], isDivided: Bool = false, warnings: [String] = [],
    entries: [Entry], dataset: Dataset? = nil
  ) {
    self.path = path
    self.kind = kind
    self.classes = classes
    self.isDivided = isDivided
    self.warnings = warnings
    self.entries = entries
    self.dataset = dataset
  }

  package init(_ dataset: Dataset) {
    let isDivided = !dataset.items(.validation).isEmpty || !dataset.items(.test).isEmpty
    let items = Split.allCases.flatMap { split in
      dataset.items(split).map {
        Entry(path: $0.identity, split: isDivided ? split : nil, label: $0.label, source: .item($0))
      }
    }
    let folder = Self.folder(of: dataset)
    let strays = dataset.skipped.map { stray in
      let path = stray.path.hasPrefix("/") ? stray.path : folder + stray.path
      return Entry(path: stray.path, split: nil, label: nil, source: .stray(path, reason: stray.reason))
    }
    self.init(
      path: dataset.path, kind: .dataset(dataset.kind), classes: dataset.classes, isDivided: isDivided,
      warnings: dataset.warnings, entries: items + strays, dataset: dataset)
  }

  /// What the paths of files that were left out are relative to, with its `/`.
  private static func folder(of dataset: Dataset) -> String {
    guard dataset.kind == .manifest else { return dataset.path + "/" }
    return FilePath.folder(dataset.path)
  }

  /// A file that is no container of pictures.
  private static func isPicture(_ path: String) -> Bool {
    guard FileStatus.isFile(path) else { return false }
    if Manifest.Form(path: path) != nil || path.lowercased().hasSuffix(".zip") { return false }
    let start = (try? FileBytes.read(path, upTo: PackedArchive.signatureBytes)) ?? []
    return !ZipArchive.begins(start) && !PackedArchive.begins(start, path: path)
  }

  /// All files at any depth.
  private static func files(below folder: String, prefix: String, depth: Int = 0) throws(DatasetError) -> [Entry] {
    var found: [Entry] = []
    for entry in try FolderListing(folder).entries {
      let path = (prefix + entry.name).composed
      switch entry.kind {
      case .file: found.append(Entry(path: path, split: nil, label: nil, source: .file(entry.path)))
      case .folder:
        // A link may lead back up.
        if depth < 32 { found += try files(below: entry.path, prefix: path + "/", depth: depth + 1) }
      case .other:
        found.append(Entry(path: path, split: nil, label: nil, source: .stray(entry.path, reason: "no file")))
      case .unreadable(let reason):
        found.append(Entry(path: path, split: nil, label: nil, source: .stray(entry.path, reason: reason)))
      }
    }
    return found
  }

  /// The picture at one place of the list, upright.
  func picture(_ index: Int) throws(ImageError) -> Image {
    switch entries[index].source {
    case .file(let path), .stray(let path, _): try ImageDecoder().decode(path: path)
    case .item(let item): try dataset!.load(item)
    }
  }

  /// The file at one place of the list; `nil` for records.
  func fileBytes(_ index: Int) throws(ImageError) -> [UInt8]? {
    switch entries[index].source {
    case .file(let path), .stray(let path, _): try FileBytes.read(path)
    case .item(let item): try dataset!.fileBytes(item)
    }
  }
}
