import NunchiDatasets
import NunchiImages
import NunchiTraining
import Testing

@Suite struct FoldNameTests {
  @Test func foldsHaveAForm() {
    #expect(Fold("2/5") == Fold(2, of: 5) && Fold(2, of: 5).description == "2/5")
    for text in ["", "2", "0/5", "6/5", "1/1", "a/5", "1/5/2", "/5", "1/", "-1/5"] {
      #expect(Fold(text) == nil, "\(text)")
    }
    #expect(FoldChoice("5") == .all(5) && FoldChoice("2/5") == .one(Fold(2, of: 5)))
    #expect(FoldChoice("1") == nil && FoldChoice("-3") == nil && FoldChoice("x") == nil && FoldChoice("7/5") == nil)
    #expect(FoldChoice("5")?.count == 5 && FoldChoice("2/5")?.description == "2/5")
  }

  /// A checkpoint or a model file that forgets its fold would be measured on what it has seen.
  @Test func settingsKeepTheirFold() throws {
    try withFolder { folder in
      var settings = patternSettings("mlp", epochs: 1)
      settings.out = folder
      settings.fold = Fold(2, of: 3)
      let result = try Trainer(settings, dataset: patternSet()).run()
      let record = try RunRecord(path: result.run!)
      #expect(record.settings.fold == Fold(2, of: 3) && record.folds == nil)
      #expect(result.best.provenance["settings"]?["folds"] == "2/3")
      #expect(record.repeatingCommand.suffix(2) == ["--folds", "2/3"] || record.repeatingCommand.contains("2/3"))
      #expect(try Trainer(resuming: result.run!, dataset: patternSet()).settings.fold == Fold(2, of: 3))
    }
  }
}

/// Against images that are tested twice or never, and folds that lack a class.
@Suite struct FoldDivisionTests {
  private func whole(_ counts: [Int]) -> Dataset {
    let labels = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    return Dataset(
      classes: Array(patternClasses.prefix(counts.count)),
      train: labels.enumerated().map { pattern($0, label: $1, seed: 1) })
  }

  @Test func everyImageIsTestedOnce() throws {
    let pool = try FoldPool(whole([31, 17, 9]))
    let division = try FoldDivision(pool, count: 4, seed: 5)
    var tested: [String] = []
    for number in 1...4 {
      let dataset = division.dataset(Fold(number, of: 4), validation: 0.2)
      let parts = Split.allCases.map { Set(dataset.items($0).map(\.identity)) }
      #expect(parts.reduce(into: Set<String>()) { $0.formUnion($1) }.count == 57)
      #expect(parts.reduce(0) { $0 + $1.count } == 57)
      for (counts, all) in zip([dataset.counts(.test)], [[31, 17, 9]]) {
        for (found, all) in zip(counts, all) { #expect(found == all / 4 || found == all / 4 + 1) }
      }
      #expect(dataset.counts(.validation).allSatisfy { $0 > 0 })
      tested += dataset.items(.test).map(\.identity)
    }
    #expect(Set(tested).count == 57 && tested.count == 57)
  }

  @Test func theSeedDecides() throws {
    let pool = try FoldPool(whole([20, 20]))
    func first(_ seed: UInt64) throws -> [String] {
      try FoldDivision(pool, count: 2, seed: seed).dataset(Fold(1, of: 2), validation: 0).items(.test).map(\.identity)
    }
    #expect(try first(1) == first(1))
    #expect(try first(1) != first(2))
  }

  @Test func whatCannotBeFoldedIsRefused() throws {
    let pool = try FoldPool(whole([20, 4]))
    let few = #expect(throws: TrainingError.self) { try FoldDivision(pool, count: 5, seed: 0) }
    #expect(
      few?.description
        == ": expected at least 5 images of each class that may be parted, one for each fold, found 4 images of the class 'north east'; "
        + "ask for --folds 4, or add images")
    let one = #expect(throws: TrainingError.self) { try FoldDivision(FoldPool(whole([20, 1])), count: 2, seed: 0) }
    #expect(one?.description.hasSuffix("found 1 image of the class 'north east'; add images") == true)
    #expect(throws: TrainingError.setting(name: "folds", expected: "a number from 2", found: "1")) {
      try FoldDivision(pool, count: 1, seed: 0)
    }
    _ = try FoldDivision(pool, count: 4, seed: 0)
  }

  @Test func theOwnTestSplitIsNamed() throws {
    let pool = try FoldPool(patternSet(40, 20, 12))
    #expect(pool.items.count == 60)
    #expect(
      try FoldDivision(pool, count: 3, seed: 0).notes
        == ["the 12 images of the data set's own test split take no part in the folds"])
  }
}
