import NunchiImages

/// One usable image with the name of its class.
struct FoundImage {
  let identity: String
  let className: String
  let location: Dataset.Location
  /// Bytes of the file.
  let size: Int
  var group: String?
}

/// Makes a data set of images that were found under the names of their classes, and keeps what was odd about them.
struct FoundImages {
  let path: String
  let kind: Dataset.Kind
  private(set) var warnings: [String] = []
  private(set) var skipped: [SkippedFile] = []
  private var identities: Set<String> = []

  init(path: String, kind: Dataset.Kind) {
    self.path = path
    self.kind = kind
  }

  mutating func warn(_ sentence: String) { warnings.append(sentence) }

  mutating func skip(_ relative: String, _ reason: String) {
    skipped.append(SkippedFile(path: relative.composed, reason: reason))
  }

  /// Whether the file begins like an image that this build reads; it is skipped with the reason where it does not.
  mutating func accepts(_ location: Dataset.Location, size: Int, as relative: String) -> Bool {
    do throws(ImageError) {
      if size == 0 { throw ImageError(.emptyFile) }
      let start = try location.fileBytes(upTo: ImageFormat.signatureBytes) ?? []
      guard let format = ImageFormat.detect(start) else { throw ImageError(.notAnImage) }
      if let refusal = format.refusal { throw ImageError(refusal) }
      return true
    } catch {
      let remedy = error.reason == .emptyFile ? nil : error.remedy
      skip(relative, error.found + (remedy.map { "; \($0)" } ?? ""))
      return false
    }
  }

  /// Two spellings of one name in one folder get identities of their own.
  mutating func unique(_ name: String) -> String {
    var candidate = name
    var copy = 2
    while !identities.insert(candidate).inserted {
      candidate = "\(name)#\(copy)"
      copy += 1
    }
    return candidate
  }

  /// The images of a split for validation or test, all of classes that training knows. `name`: of the split's folder,
  /// at `place`.
  mutating func heldBack(
    _ found: [FoundImage], _ split: Split, named name: String, at place: String, classes: [String]
  ) throws(DatasetError) -> [Dataset.Item] {
    if let unknown = found.first(where: { !classes.contains($0.className) })?.className {
      let near = classes.first { $0.lowercased() == unknown.lowercased() }
      throw DatasetError(.unknownClass(unknown, split: split, near: near), path: place)
    }
    let known = Set(found.map(\.className))
    for missing in classes where !known.contains(missing) {
      warn("the \(split.rawValue) split '\(name)' has no image of the class '\(missing)'")
    }
    guard !found.isEmpty else { throw DatasetError(.emptySplit(split), path: place) }
    return items(found, classes)
  }

  func items(_ found: [FoundImage], _ classes: [String]) -> [Dataset.Item] {
    let labels = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    return found.compactMap { image in
      labels[image.className].map { Dataset.Item(identity: image.identity, label: $0, location: image.location) }
    }
  }

  /// Splits the images by the seed. Files of the same content stay together, and so do those of one group.
  mutating func divide(
    _ found: [FoundImage], _ classes: [String], _ splitter: Splitter
  ) -> [Split: [Dataset.Item]] {
    let copies = ExactDuplicates.groups(found.map { ($0.location, $0.size) })
    for (image, first) in zip(found, copies) where image.className != found[first].className {
      warn("'\(image.identity)' and '\(found[first].identity)' are the same file in two classes")
    }
    return splitter.divide(items(found, classes), groups: Self.joined(copies, found.map(\.group)))
  }

  /// Groups that are connected by copies or by name. Each group is numbered by its first member.
  static func joined(_ copies: [Int], _ names: [String?]) -> [Int] {
    var parents = copies
    func root(_ index: Int) -> Int {
      var index = index
      while parents[index] != index { index = parents[index] }
      return index
    }
    var first: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      guard let name else { continue }
      let (a, b) = (root(first[name] ?? index), root(index))
      parents[max(a, b)] = min(a, b)
      first[name] = min(a, b)
    }
    return parents.indices.map(root)
  }

  func dataset(_ classes: [String], _ splits: [Split: [Dataset.Item]]) -> Dataset {
    Dataset(path: path, kind: kind, classes: classes, splits: splits, warnings: warnings, skipped: skipped)
  }
}

extension Dataset.Location {
  /// The first `count` bytes of the image's file, or all of them; `nil` where the pixels are in memory.
  func fileBytes(upTo count: Int = .max) throws(ImageError) -> [UInt8]? {
    switch self {
    case .file(let path): try FileBytes.read(path, upTo: count)
    case .member(let archive, let index): try archive.bytes(index, upTo: count)
    case .record: nil
    }
  }
}
