import NunchiDocuments
import NunchiEvaluation
import Testing

@Suite struct FoldAssignments {
  private let names = ["a", "b", "c", "d"]

  /// Sizes and class counts of two folds differ by at most one image.
  @Test func stratified() throws {
    var random = SplitMix64(state: 1)
    for example in 0..<100 {
      let labels = (0..<20 + random.below(200)).map { _ in min(random.below(4), random.below(4)) }
      let count = 2 + random.below(9)
      let folds = try Folds(labels: labels, classNames: names, count: count, seed: UInt64(example))
      let held = (0..<count).map(folds.heldBack)
      let sizes = held.map(\.count)
      #expect(sizes.max()! - sizes.min()! <= 1, "\(sizes)")
      for label in 0..<4 {
        let counts = held.map { $0.count { labels[$0] == label } }
        #expect(counts.max()! - counts.min()! <= 1, "class \(label): \(counts)")
      }
    }
  }

  @Test func heldBackAndTrainingPartTheImages() throws {
    let folds = try Folds(labels: [0, 1, 0, 1, 0, 1, 2], classNames: names, count: 3)
    for fold in 0..<3 {
      #expect((folds.heldBack(fold) + folds.training(fold)).sorted() == Array(0..<7))
    }
    #expect((0..<3).flatMap(folds.heldBack).sorted() == Array(0..<7))
  }

  /// No group is divided, and no class is off its even share by more than the largest group.
  @Test func groupsStayWhole() throws {
    var random = SplitMix64(state: 2)
    for example in 0..<50 {
      var (labels, groups): ([Int], [Int]) = ([], [])
      for group in 0..<100 {
        let mixed = random.below(4) == 0
        let label = random.below(3)
        for _ in 0..<1 + random.below(6) {
          labels.append(mixed ? random.below(3) : label)
          groups.append(group * 7)
        }
      }
      let folds = try Folds(labels: labels, groups: groups, classNames: names, count: 5, seed: UInt64(example))
      for members in Dictionary(grouping: labels.indices, by: { groups[$0] }).values {
        #expect(Set(members.map { folds.assignment[$0] }).count == 1)
      }
      for label in 0..<3 {
        let even = Double(labels.count { $0 == label }) / 5
        for fold in 0..<5 {
          let found = folds.heldBack(fold).count { labels[$0] == label }
          #expect(abs(Double(found) - even) <= 6, "case \(example): \(found) of class \(label), even \(even)")
        }
      }
    }
  }

  @Test func theSeedDecides() throws {
    let labels = (0..<60).map { $0 % 3 }
    let folds = try Folds(labels: labels, classNames: names, count: 5, seed: 7)
    #expect(try folds == Folds(labels: labels, classNames: names, count: 5, seed: 7))
    #expect(try folds.assignment != Folds(labels: labels, classNames: names, count: 5, seed: 8).assignment)
    // Pinned: folds of a published result must come out again.
    let pinned = try Folds(labels: [0, 0, 0, 0, 1, 1, 1, 1], classNames: names, count: 2, seed: 1)
    #expect(pinned.assignment == [1, 0, 0, 1, 1, 1, 0, 0], "\(pinned.assignment)")
  }

  @Test func rareClassesAreNamed() throws {
    let folds = try Folds(labels: [0, 0, 0, 0, 1], classNames: ["a", "b"], count: 3)
    #expect(folds.warnings == ["class b: no image in 2 of 3 folds; its numbers are missing there"])
    #expect(try Folds(labels: [0, 0, 1, 1], classNames: ["a", "b"], count: 2).warnings.isEmpty)
  }

  @Test func whatCannotBeFoldedIsRefused() {
    let few = #expect(throws: EvaluationError.self) { try Folds(labels: [0, 1], classNames: names, count: 3) }
    #expect(
      few?.description == "folds: expected a number from 2 to 2, that of the images or groups, found 3")
    #expect(throws: EvaluationError.folds(wanted: 1, groups: 3)) {
      try Folds(labels: [0, 1, 1], classNames: names, count: 1)
    }
    #expect(throws: EvaluationError.folds(wanted: 3, groups: 2)) {
      try Folds(labels: [0, 1, 1], groups: [4, 5, 5], classNames: names, count: 3)
    }
    let alone = #expect(throws: EvaluationError.self) {
      try Folds(labels: [0, 1], groups: [4, 4], classNames: names, count: 2)
    }
    #expect(alone?.description == "folds: expected at least two images or groups, found 1")
    #expect(throws: EvaluationError.countMismatch(what: "groups", expected: 2, found: 1)) {
      try Folds(labels: [0, 1], groups: [0], classNames: names, count: 2)
    }
    #expect(throws: EvaluationError.classOutOfRange(role: "true", found: 4, classes: 4)) {
      try Folds(labels: [0, 4], classNames: names, count: 2)
    }
  }
}

@Suite struct CrossValidations {
  private func metrics(_ right: Int) throws -> ClassificationMetrics {
    try ClassificationMetrics(
      truth: [Int](repeating: 0, count: 10), predicted: (0..<10).map { $0 < right ? 0 : 1 }, classNames: ["a", "b"],
      resamples: 1)
  }

  @Test func meanAndDeviation() throws {
    let validation = try CrossValidation(folds: [metrics(7), metrics(8), metrics(9)])
    let accuracy = try #require(validation[.accuracy])
    #expect(close([accuracy.mean, accuracy.deviation], [0.8, 0.1], 1e-12))
    #expect(accuracy.text == "0.8000 ± 0.1000" && accuracy.values == [0.7, 0.8, 0.9])
    #expect(validation[.logLoss] == nil && validation.json["metrics"]?["log_loss"] == nil)
    #expect(validation.json["folds"] == 3 && validation.json["metrics"]?["accuracy"]?["values"] == [0.7, 0.8, 0.9])
    #expect(validation.table.hasPrefix("metric              mean ± deviation\naccuracy            0.8000 ± 0.1000\n"))
    #expect(try CrossValidation(folds: [metrics(7)])[.accuracy]?.deviation == 0)
    #expect(throws: EvaluationError.empty) { try CrossValidation(folds: []) }
  }
}
