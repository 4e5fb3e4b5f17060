import NunchiSystem

/// The images of a data set that take turns at being tested, and which of them stay together: all but those of a test split
/// that the data set brings along, which stays apart.
package struct FoldPool: Sendable {
  /// In the order of their identities, so that neither the file system nor the lines of a list decide.
  package let items: [Dataset.Item]
  /// For each image the number of the first one in its group. Images of the same content are one group, and so are the
  /// images of a group that a list names.
  package let groups: [Int]
  /// Images of the data set's own test split.
  package let apart: Int
  /// Whether the data set is divided by itself.
  package let isDivided: Bool
  package let dataset: Dataset

  /// The data set at `path`, of which nothing is held back but what it holds back itself.
  package init(path: String) throws(DatasetError) {
    try self.init(Dataset.open(path: path, fractions: SplitFractions(validation: 0, test: 0)))
  }

  /// - Parameter dataset: opened without holding anything back.
  package init(_ dataset: Dataset) throws(DatasetError) {
    self.dataset = dataset
    apart = dataset.items(.test).count
    isDivided = apart > 0 || !dataset.items(.validation).isEmpty
    items = [Split.train, .validation].flatMap(dataset.items).sorted {
      $0.identity.utf8.lexicographicallyPrecedes($1.identity.utf8)
    }
    let copies = ExactDuplicates.groups(items.map { ($0.location, $0.location.size) })
    let names = try Manifest.groups(path: dataset.path)
    groups = FoundImages.joined(copies, items.map { names[$0.identity] })
  }

  /// The data set with the chosen images as its test split. Of each class a share of the others is held back for
  /// validation, and groups stay whole.
  package func dataset(testing isTested: (Int) -> Bool, validation: Double, seed: UInt64) -> Dataset {
    let rest = items.indices.filter { !isTested($0) }
    let splitter = Splitter(seed: seed, fractions: SplitFractions(validation: validation, test: 0))
    var splits = splitter.divide(rest.map { items[$0] }, groups: rest.map { groups[$0] })
    splits[.test] = items.indices.filter(isTested).map { items[$0] }
    return dataset.divided(splits)
  }

  /// The data set with all images as its test split: each of them is tested once.
  package var tested: Dataset { dataset.divided([.test: items]) }
}

extension Dataset {
  /// The same data set in other splits.
  fileprivate func divided(_ splits: [Split: [Item]]) -> Dataset {
    Dataset(path: path, kind: kind, classes: classes, splits: splits, warnings: warnings, skipped: skipped)
  }
}

extension Dataset.Location {
  /// Bytes of the image's file, or of its pixels where they are in memory.
  fileprivate var size: Int {
    switch self {
    case .file(let path): (try? FileStatus(path))?.size ?? 0
    case .member(let archive, let index): archive.size(index)
    case .record(let records, _): records.imageBytes
    }
  }
}
