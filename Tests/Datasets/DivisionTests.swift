import NunchiDatasets
import NunchiImages
import Testing

/// Against copies and groups on both sides of a split, and classes that miss one.
@Suite struct DivisionTests {
  private func divide(
    _ path: String, seed: UInt64 = 0, fractions: SplitFractions = SplitFractions(), near: Bool = true,
    group: (String) -> String? = { _ in nil }
  ) throws -> DataDivision {
    let dataset = try Dataset.open(path: path, fractions: SplitFractions(validation: 0, test: 0))
    let examination = Examination(CheckSubject(dataset), threads: 2)
    let settings = DataDivision.Settings(seed: seed, fractions: fractions, nearDuplicates: near)
    return try DataDivision(examination, Duplicates(examination, threads: 2), settings, group: group)
  }

  private func places(_ division: DataDivision, _ key: (String) -> String) -> [String: Set<Split>] {
    Dictionary(grouping: division.rows) { key($0.item.identity) }.mapValues { Set($0.map(\.split)) }
  }

  /// Every face twice, the second one smaller and compressed: after dividing no copy leaks, and the list says the same.
  @Test func copiesStayTogetherAndTheListOpens() throws {
    let folder = try TemporaryFolder()
    for face in 0..<40 {
      let picture = GeneratedFaces.image(seed: 6, index: face, size: 64)
      try folder.write(picture.encodedPNG(), "faces/\(face % 2)/\(face).png")
      guard face % 4 < 2 else { continue }
      try folder.write(
        picture.resized(width: 40, height: 40).encodedJPEG(quality: 80), "faces/\(face % 2)/\(face)-again.jpg")
    }
    for seed in 0..<5 {
      let division = try divide(folder.path + "/faces", seed: UInt64(seed))
      let leaks = places(division) { $0.split(separator: "/")[1].prefix { $0.isNumber }.description }
      #expect(leaks.values.allSatisfy { $0.count == 1 })
      for split in [Split.validation, .test] {
        #expect(division.counts(split).allSatisfy { (4...6).contains($0) }, "\(split): \(division.counts(split))")
      }
    }
    let division = try divide(folder.path + "/faces")
    try division.manifest().write(to: folder.path + "/list.csv")
    let subject = try CheckSubject(path: folder.path + "/list.csv")
    let report = CheckReport(Examination(subject, threads: 2), threads: 2)
    #expect(subject.isDivided && report.examination.pictures.count == 60)
    #expect(report.duplicates.groups.count == 20 && report.duplicates.groups.allSatisfy { $0.across == .none })
    for split in Split.allCases { #expect(report.examination.counts(split) == division.counts(split)) }
  }

  @Test func looksCanBeLeftOut() throws {
    let folder = try TemporaryFolder()
    for face in 0..<20 {
      let picture = GeneratedFaces.image(seed: 6, index: face, size: 64)
      try folder.write(picture.encodedPNG(), "\(face % 2)/\(face).png")
      try folder.write(picture.encodedPNG(), "\(face % 2)/\(face)-same.png")
      try folder.write(picture.encodedJPEG(quality: 60), "\(face % 2)/\(face).jpg")
    }
    #expect(try divide(folder.path).groups == 20)
    #expect(try divide(folder.path, near: false).groups == 40)
  }

  /// Groups of six that hold both classes: they are held back whole, and each class in its share.
  @Test func namedGroupsMaySpanClasses() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<120).map { "\($0 % 2 == 0 ? "a" : "b")/person\($0 / 6)-\($0).png" })
    let division = try divide(folder.path) { path in
      String(path.split(separator: "/")[1].prefix { $0 != "-" })
    }
    #expect(division.groups == 20)
    #expect(
      places(division) { String($0.split(separator: "/")[1].prefix { $0 != "-" }) }.values.allSatisfy { $0.count == 1 })
    #expect(division.counts(.test) == [9, 9] && division.counts(.validation) == [9, 9])
    #expect(division.rows.allSatisfy { $0.group?.hasPrefix("person") == true })
  }

  /// One class has two large groups only: it cannot be in three splits.
  @Test func theImpossibleIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<30).map { "many/\($0).png" } + (0..<30).map { "few/\($0 / 15)-\($0).png" })
    let byPrefix: (String) -> String? = { $0.hasPrefix("few/") ? String($0.prefix(5)) : nil }
    let error = #expect(throws: SplitRefusal.self) { try divide(folder.path, group: byPrefix) }
    #expect(
      error?.problem
        == "\(folder.path): expected at least 3 groups of the class 'few' that can be held back, one for each split, "
        + "found 2 (30 images): nothing of it would be in the validation split")
    let two = try divide(folder.path, fractions: SplitFractions(validation: 0, test: 0.2), group: byPrefix)
    #expect(two.counts(.test) == [15, 6] && two.counts(.validation) == [0, 0])
  }

  @Test func contradictionsGoToTraining() throws {
    let folder = try TemporaryFolder()
    for face in 0..<40 {
      let picture = GeneratedFaces.image(seed: 3, index: face, size: 48)
      try folder.write(picture.encodedPNG(), "\(face % 2)/\(face).png")
      if face < 4 { try folder.write(picture.encodedPNG(), "\(1 - face % 2)/\(face)-wrong.png") }
    }
    for seed in 0..<5 {
      let division = try divide(folder.path, seed: UInt64(seed))
      let contradicting = division.rows.filter { $0.group != nil }
      #expect(contradicting.count == 8 && contradicting.allSatisfy { $0.split == .train })
      #expect(division.warnings.contains { $0.hasPrefix("4 groups hold copies of one picture in several classes") })
    }
  }

  @Test func theSeedDecides() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<40).map { "\($0 % 2)/\($0).png" })
    func chosen(_ seed: UInt64) throws -> [Split] { try divide(folder.path, seed: seed).rows.map(\.split) }
    #expect(try chosen(1) == chosen(1))
    #expect(try chosen(1) != chosen(2))
  }
}
