import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation

/// A data set divided into stratified folds. Copies and groups stay together. The folds depend only on the seed and on
/// the names of the images.
package struct FoldDivision {
  package let pool: FoldPool
  private let folds: Folds
  private let seed: UInt64

  package init(_ pool: FoldPool, count: Int, seed: UInt64) throws {
    self.pool = pool
    self.seed = seed
    try Self.check(pool, count)
    folds = try Folds(
      labels: pool.items.map(\.label), groups: pool.groups, classNames: pool.dataset.classes, count: count, seed: seed)
  }

  /// Throws where a class cannot be in every fold.
  private static func check(_ pool: FoldPool, _ count: Int) throws(TrainingError) {
    guard count >= 2 else { throw .setting(name: "folds", expected: "a number from 2", found: "\(count)") }
    let members = Dictionary(grouping: pool.items.indices) { pool.items[$0].label }
    let sizes = pool.dataset.classes.enumerated().map { label, name in
      let images = members[label] ?? []
      return (name: name, images: images.count, groups: Set(images.map { pool.groups[$0] }).count)
    }
    guard let least = sizes.min(by: { $0.groups < $1.groups }), least.groups < count else { return }
    let found =
      "\(least.images) image\(least.images == 1 ? "" : "s") of the class '\(least.name)'"
      + (least.groups < least.images ? " in \(least.groups) groups of copies or of a list" : "")
    throw .data(
      path: pool.dataset.path, expected: "at least \(count) images of each class that may be parted, one for each fold",
      found: found + (least.groups >= 2 ? "; ask for --folds \(least.groups), or add images" : "; add images"))
  }

  /// The data set for the training of a fold: the fold is the test split, and a share of the rest is for validation.
  package func dataset(_ fold: Fold, validation: Double) -> Dataset {
    pool.dataset(testing: { folds.assignment[$0] == fold.number - 1 }, validation: validation, seed: seed)
  }

  /// Sentences about oddities of the data, and about images that are left out.
  package var notes: [String] {
    var notes = pool.dataset.warnings + folds.warnings
    if pool.apart > 0 {
      notes.append("the \(pool.apart) images of the data set's own test split take no part in the folds")
    }
    return notes
  }

  /// The contents of `data.json`.
  ///
  /// - Parameter tested: the data set with all images as its test split; `fingerprint` is of it.
  func data(_ tested: Dataset, _ fingerprint: String, _ notes: [String]) -> JSON {
    let parts = (0..<folds.count).map { fold in
      let labels = folds.heldBack(fold).map { pool.items[$0].label }
      let counts = pool.dataset.classes.enumerated().map { label, name in
        JSON.Member(name, .integer(labels.count { $0 == label }))
      }
      return ["images": .integer(labels.count), "classes": .object(JSON.Object(counts))] as JSON
    }
    let own: [JSON.Member] = [
      .init("divided", .bool(pool.isDivided)), .init("apart", .integer(pool.apart)), .init("folds", .array(parts)),
      .init("notes", JSON(notes)),
    ]
    return .object(JSON.Object(tested.members(fingerprint) + own))
  }
}

extension TrainingSettings {
  /// Opens the data set at `path`, divided by these settings.
  package func dataset(at path: String) throws -> Dataset {
    guard let fold else { return try Dataset.open(path: path, seed: seed, fractions: fractions) }
    let division = try FoldDivision(FoldPool(path: path), count: fold.count, seed: seed)
    return division.dataset(fold, validation: fractions.validation)
  }
}
