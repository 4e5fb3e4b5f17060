import NunchiImages
import NunchiSystem

extension Dataset {
  /// Opens whatever data set lies at `path`: a folder of classes, with or without splits, a zip of one, a list of images (`.csv`,
  /// `.jsonl`), MNIST-style IDX files, or CIFAR-10's binary files. Of a tar or 7z archive, plain or compressed, a copy in the
  /// cache folder (`~/.cache/nunchi`) is opened.
  ///
  /// - Parameters:
  ///   - seed: decides what is held back where the data set has no splits of its own.
  ///   - fractions: how much of it.
  public static func open(
    path: String, seed: UInt64 = 0, fractions: SplitFractions = SplitFractions()
  ) throws(DatasetError) -> Dataset {
    try open(path: path, seed: seed, fractions: fractions, copies: .standard)
  }

  /// - Parameter copies: where copies of archives lie.
  package static func open(
    path: String, seed: UInt64 = 0, fractions: SplitFractions = SplitFractions(), copies: CacheFolder?
  ) throws(DatasetError) -> Dataset {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    let splitter = Splitter(seed: seed, fractions: fractions)
    guard FileStatus.isFile(path) else { return try open(FolderListing(path), path, .folders, splitter) }
    if Manifest.Form(path: path) != nil { return try ManifestReader(path, copies).open(splitter) }
    if let archive = try ArchiveCopy.open(path, in: copies) {
      return try open(ZipTree(archive).top(), path, archive.isCopy ? .archive : .zip, splitter)
    }
    throw DatasetError(.notAFolder, path: path)
  }

  private static func open(
    _ listing: FolderListing, _ path: String, _ kind: Kind, _ splitter: Splitter
  ) throws(DatasetError) -> Dataset {
    if let files = IDXReader(path, listing) { return try files.open(splitter) }
    if let files = CIFARReader(path, listing) { return try files.open(splitter) }
    return try FolderReader(path, listing, kind: kind).open(splitter)
  }
}

extension Split {
  /// The split that a folder's name means, in any usual spelling and any case.
  init?(folder name: String) {
    switch name.lowercased() {
    case "train", "training", "trainset", "train_set", "training_set": self = .train
    case "validation", "validate", "valid", "val", "dev", "validation_set", "val_set": self = .validation
    case "test", "testing", "testset", "test_set": self = .test
    default: return nil
    }
  }
}
