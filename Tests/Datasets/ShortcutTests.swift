import NunchiDatasets
import NunchiImages
import NunchiTensors
import Testing

/// Against shortcuts that go unnoticed, and warnings that chance makes.
@Suite struct ShortcutTests {
  /// Noise: no two alike, no class by its looks.
  private func noise(_ number: Int, width: Int, height: Int, shade: Int = 0) -> Image {
    var stream = RandomStream(seed: 5, name: "noise", position: (UInt32(number), 0))
    let bytes = (0..<width * height * 3).map { _ in UInt8(60 + shade + stream.integer(below: 80)) }
    return Image(width: width, height: height, channels: 3, bytes: bytes)
  }

  private func report(_ folder: TemporaryFolder) throws -> CheckReport {
    CheckReport(Examination(try CheckSubject(path: folder.path), threads: 2), threads: 2)
  }

  private func warned(_ report: CheckReport) -> Set<Shortcut.Feature> {
    Set(report.shortcuts.filter(\.isWarning).map(\.feature))
  }

  @Test func sizesThatTellTheClassesApart() throws {
    let folder = try TemporaryFolder()
    for number in 0..<60 {
      let isWide = number % 2 == 0
      let picture = noise(number, width: isWide ? 24 : 16, height: 16)
      try folder.write(picture.encodedPNG(), "\(isWide ? "wide" : "square")/\(number).png")
    }
    let report = try report(folder)
    #expect(warned(report) == [.aspect, .width, .fileSize])
    let aspect = try #require(report.shortcuts.first { $0.feature == .aspect })
    #expect(aspect.balancedAccuracy == 1 && aspect.chance == 0.5)
    let height = try #require(report.shortcuts.first { $0.feature == .height })
    #expect(height.balancedAccuracy == 0.5)
    let warning = try #require(report.warnings.first { $0.contains("aspect ratio alone") })
    #expect(
      warning.hasSuffix(
        "collect pictures of every shape for every class, and test on pictures whose shape is the other class's"))
    #expect(!warning.contains("--resize"), "squashing is the default because it was measured: no advice against it")
  }

  @Test func formatAndColour() throws {
    let folder = try TemporaryFolder()
    for number in 0..<60 {
      let picture = noise(number, width: 16, height: 16, shade: number % 2 * 90)
      let name = number % 2 == 0 ? "a/\(number)" : "b/\(number)"
      try folder.write(number % 2 == 0 ? picture.encodedPNG() : picture.encodedJPEG(), name)
    }
    #expect(warned(try report(folder)) == [.format, .fileSize, .meanColour])
  }

  /// Sizes that are drawn without regard to the class, in sets from small to middling: not one warning.
  @Test(arguments: [24, 60, 400])
  func chanceDoesNotWarn(count: Int) throws {
    let folder = try TemporaryFolder()
    var stream = RandomStream(seed: 11, name: "sizes")
    for number in 0..<count {
      let picture = noise(
        number, width: 8 + stream.integer(below: 20), height: 8 + stream.integer(below: 20),
        shade: stream.integer(below: 90))
      try folder.write(picture.encodedPNG(level: 1), "\(number % 2)/\(number).png")
    }
    let report = try report(folder)
    #expect(report.shortcuts.count == 6)
    #expect(warned(report).isEmpty)
  }

  /// Nothing is said about classes of a handful of pictures.
  @Test func fewPicturesAreNotJudged() throws {
    let folder = try TemporaryFolder()
    for number in 0..<12 {
      try folder.write(
        noise(number, width: 8 + number % 2 * 8, height: 8).encodedPNG(), "\(number % 2)/\(number).png")
    }
    #expect(try report(folder).shortcuts.isEmpty)
  }

  @Test func unevenClasses() throws {
    let folder = try TemporaryFolder()
    for number in 0..<40 {
      try folder.write(
        noise(number, width: 8, height: 8).encodedPNG(), "\(number % 10 == 0 ? "rare" : "common")/\(number).png")
    }
    let report = try report(folder)
    #expect(report.balance.baseline?.name == "common" && report.balance.baseline?.accuracy == 0.9)
    #expect(report.warnings.contains { $0.hasPrefix("'common' has 36 pictures and 'rare' 4: always answering") })
  }
}
