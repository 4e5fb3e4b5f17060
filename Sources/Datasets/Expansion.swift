import NunchiImages
import NunchiSystem

/// A data set written anew with changed copies of its training pictures beside the originals.
///
/// The folder written holds one for each split and a folder a class in each. Every original is there byte for byte, a file
/// of its own and no link, so that the folder can be moved and the data set deleted. Only training pictures have copies:
/// what is held back measures, and a copy of a training picture among it would be known already. That is why validation
/// and test are written too: dividing the expanded folder anew would part copies of one picture.
package struct Expansion: Sendable {
  package var augmentation: Augmentation
  /// Copies of each training picture. Copy k is what training draws in epoch k.
  package var copies: Int
  package var seed: UInt64
  /// Width and height of the copies; nil: each as large as its original.
  package var size: Int?

  package init(_ augmentation: Augmentation, copies: Int, seed: UInt64 = 0, size: Int? = nil) {
    precondition(copies >= 0, "a number of copies is not negative, got \(copies)")
    precondition(size.map { $0 > 0 } ?? true, "a side has at least one pixel, got \(size ?? 0)")
    (self.augmentation, self.copies, self.seed, self.size) = (augmentation, copies, seed, size)
  }

  /// What was written.
  package struct Summary: Sendable, Hashable {
    package var originals: [Split: Int] = [:]
    package var copies = 0
    /// Training pictures that cannot be read: neither they nor copies of them are there.
    package var skipped: [SkippedFile] = []
  }

  /// Writes to `folder`, which must be new or empty and lie outside the data set.
  package func write(_ dataset: Dataset, to folder: String, threads: Int = 2) throws(DatasetError) -> Summary {
    try Self.refuse(dataset, folder)
    var folders = ExpandedFolder(folder)
    try folders.make(classes: dataset.classes, splits: Split.allCases.filter { !dataset.items($0).isEmpty })
    let files = Split.allCases.flatMap { split in
      dataset.items(split).map { item in
        ExpandedFile(item: item, split: split, paths: folders.paths(item, split, dataset, copies: copies))
      }
    }
    let (lock, decoder) = (ConditionLock(), ImageDecoder())
    nonisolated(unsafe) var summary = Summary()
    nonisolated(unsafe) var failure: DatasetError?
    _ = Pass(count: files.count, threads: threads).runWhile { index in
      do throws(DatasetError) {
        let skipped = try write(files[index], dataset, decoder)
        lock.locked { summary.count(files[index], copies, skipped) }
        return true
      } catch {
        lock.locked { failure = error }
        return false
      }
    }
    if let failure { throw failure }
    summary.skipped.sort { $0.path < $1.path }
    return summary
  }

  private static func refuse(_ dataset: Dataset, _ folder: String) throws(DatasetError) {
    let name = FilePath.name(dataset.path)
    if let split = Split(folder: name), split != .train {
      throw DatasetError(.heldBack(split), path: dataset.path)
    }
    guard let data = resolved(dataset.path), let target = resolved(folder) else { return }
    if target == data || target.hasPrefix(data + "/") { throw DatasetError(.insideData(dataset.path), path: folder) }
  }

  /// The path without links; of a path that is not there yet, that of the folder it will lie in.
  private static func resolved(_ path: String) -> String? {
    var path = path
    while true {
      if let found = FilePath.resolved(path) { return found }
      while path.count > 1, path.hasSuffix("/") { path.removeLast() }
      guard let slash = path.lastIndex(of: "/") else { return path == "." ? nil : resolved(".") }
      path = slash == path.startIndex ? "/" : String(path[..<slash])
    }
  }

  // MARK: - One file

  /// Writes an original and its copies; gives the file where it cannot be read.
  private func write(
    _ file: ExpandedFile, _ dataset: Dataset, _ decoder: ImageDecoder
  ) throws(DatasetError) -> SkippedFile? {
    let bytes: [UInt8]
    let images: [(path: String, image: Image)]
    do throws(ImageError) {
      let stored = try dataset.fileBytes(file.item)
      let original = try stored == nil || file.split == .train ? dataset.load(file.item, decoder: decoder) : nil
      if let stored { bytes = stored } else { bytes = try original!.encodedPNG() }
      images = original.map { changed($0, file) } ?? []
    } catch {
      return SkippedFile(path: file.item.identity, reason: error.found)
    }
    do throws(ImageError) {
      try FileBytes.write(bytes, to: file.paths.original)
      for (path, image) in images { try image.write(to: path) }
    } catch {
      throw DatasetError(.unwritable(error.fileReason), path: error.source)
    }
    return nil
  }

  private func changed(_ original: Image, _ file: ExpandedFile) -> [(path: String, image: Image)] {
    let scaled =
      size.map { Preprocessing(width: $0, height: $0, channels: original.channels).apply(to: original) } ?? original
    let shape = PictureShape(width: scaled.width, height: scaled.height, channels: scaled.channels)
    return file.paths.copies.enumerated().map { copy, path in
      let draw = augmentation.draw(shape, seed: seed, identity: file.item.identity, epoch: copy)
      return (path, draw.apply(to: scaled))
    }
  }
}

extension Expansion.Summary {
  fileprivate mutating func count(_ file: ExpandedFile, _ copies: Int, _ skipped: SkippedFile?) {
    if let skipped { return self.skipped.append(skipped) }
    originals[file.split, default: 0] += 1
    if file.split == .train { self.copies += copies }
  }
}
