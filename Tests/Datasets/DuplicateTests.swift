import NunchiDatasets
import NunchiImages
import NunchiTensors
import Testing

/// Against copies that are missed, and strangers that are taken for copies.
@Suite struct DuplicateTests {
  /// Brighter by a fifth, white where it does not fit.
  private func brightened(_ picture: Image) -> Image {
    Image(
      width: picture.width, height: picture.height, channels: picture.channels,
      bytes: picture.bytes.map { UInt8(min(255, Int($0) * 6 / 5)) })
  }

  private func mirrored(_ picture: Image) -> Image {
    let channels = picture.channels
    var bytes: [UInt8] = []
    for y in 0..<picture.height {
      for x in (0..<picture.width).reversed() {
        let start = (y * picture.width + x) * channels
        bytes += picture.bytes[start..<start + channels]
      }
    }
    return Image(width: picture.width, height: picture.height, channels: channels, bytes: bytes)
  }

  private func cut(_ picture: Image) -> Image {
    let (x, y) = (Double(picture.width) * 0.03, Double(picture.height) * 0.03)
    let box = Box(left: x, top: y, right: Double(picture.width) - x, bottom: Double(picture.height) - y)
    return picture.resampled(box, width: picture.width - Int(2 * x), height: picture.height - Int(2 * y))
  }

  private func report(_ folder: TemporaryFolder, threads: Int = 2) throws -> CheckReport {
    CheckReport(Examination(try CheckSubject(path: folder.path), threads: threads), threads: threads)
  }

  /// The faces of a seed look alike by design: only the planted copies may be found among them, and all of them.
  @Test func findsEveryPlantedCopyAndNoStranger() throws {
    let folder = try TemporaryFolder()
    for face in 0..<60 {
      let picture = GeneratedFaces.image(seed: 4, index: face, size: 96)
      try folder.write(picture.encodedJPEG(quality: 92), "\(face % 2)/\(face).jpg")
      guard face < 8 else { continue }
      try folder.write(picture.resized(width: 48, height: 48).encodedPNG(), "\(face % 2)/\(face)-half.png")
      try folder.write(picture.encodedJPEG(quality: 60), "\(face % 2)/\(face)-jpeg.jpg")
      try folder.write(mirrored(picture).encodedJPEG(quality: 90), "\(face % 2)/\(face)-mirror.jpg")
      try folder.write(brightened(picture).encodedJPEG(quality: 90), "\(face % 2)/\(face)-bright.jpg")
      try folder.write(cut(picture).encodedJPEG(quality: 90), "\(face % 2)/\(face)-cut.jpg")
      try folder.write(picture.converted(toChannels: 1).encodedPNG(), "\(face % 2)/\(face)-gray.png")
    }
    let report = try report(folder)
    let found = report.duplicates.groups.map { group in
      Set(group.members.map { report.examination.pictures[$0].path })
    }
    let planted = (0..<8).map { face in
      Set(
        ["", "-jpeg", "-mirror", "-bright", "-cut"].map { "\(face % 2)/\(face)\($0).jpg" }
          + ["-half", "-gray"].map { "\(face % 2)/\(face)\($0).png" })
    }
    #expect(Set(found) == Set(planted))
    #expect(report.duplicates.groups.allSatisfy { $0.kind == .near && $0.across == .none })
    let mirrored = report.duplicates.groups.flatMap(\.pairs).filter(\.isMirrored)
    #expect(mirrored.contains { report.examination.pictures[$0.second].path == "0/0-mirror.jpg" })
  }

  /// Blank pages, skies and black frames are alike in everything that is measured: only equal bytes make copies of them.
  @Test func flatPicturesAreNoCopies() throws {
    let folder = try TemporaryFolder()
    for shade in 0..<12 {
      var stream = RandomStream(seed: 1, name: "flat", position: (UInt32(shade), 0))
      let bytes = (0..<40 * 40 * 3).map { _ in UInt8(100 + shade * 8 + stream.integer(below: 3)) }
      try folder.write(
        Image(width: 40, height: 40, channels: 3, bytes: bytes).encodedPNG(), "\(shade % 2)/\(shade).png")
    }
    let plain = Image(width: 30, height: 30, channels: 1, bytes: [UInt8](repeating: 255, count: 900))
    for name in ["0/white.png", "0/again.png"] { try folder.write(plain.encodedPNG(), name) }
    let groups = try report(folder).duplicates.groups
    #expect(groups.map(\.kind) == [.exact])
    #expect(groups.first?.members.count == 2)
  }

  @Test func saysWhatCopiesLieAcross() throws {
    let folder = try TemporaryFolder()
    for face in 0..<6 {
      let picture = GeneratedFaces.image(seed: 9, index: face, size: 64)
      for split in ["train", "test"] where face > 2 || split == "train" {
        try folder.write(picture.encodedPNG(), "\(split)/a/\(face).png")
      }
      try folder.write(GeneratedFaces.image(seed: 8, index: face, size: 64).encodedPNG(), "train/b/\(face).png")
    }
    try folder.write(GeneratedFaces.image(seed: 8, index: 50, size: 64).encodedPNG(), "test/b/own.png")
    try folder.write(GeneratedFaces.image(seed: 9, index: 0, size: 64).encodedPNG(), "train/a/twin.png")
    try folder.write(GeneratedFaces.image(seed: 9, index: 1, size: 64).encodedPNG(), "train/b/wrong.png")
    let report = try report(folder)
    let across = Dictionary(grouping: report.duplicates.groups) { $0.across }.mapValues(\.count)
    #expect(across == [.none: 1, .labels: 1, .split: 3])
    #expect(report.warnings.contains { $0.hasPrefix("1 picture is there in more than one class") })
    #expect(report.warnings.contains { $0.hasPrefix("3 pictures are there in more than one split (3 in validation") })
  }

  @Test func threadsDoNotShow() throws {
    let folder = try TemporaryFolder()
    for face in 0..<24 {
      let picture = GeneratedFaces.image(seed: 2, index: face / 2, size: 48)
      try folder.write(picture.encodedJPEG(quality: 70 + face % 2 * 20), "\(face / 2 % 2)/\(face).jpg")
    }
    let one = try report(folder, threads: 1).duplicates
    let many = try report(folder, threads: 5).duplicates
    #expect(one.groups.count == 12)
    #expect(one.groups.map(\.members) == many.groups.map(\.members))
    #expect(one.groups.flatMap(\.pairs) == many.groups.flatMap(\.pairs))
  }

  /// Against candidates that the bands miss or tell twice.
  @Test func theIndexFindsWhatComparingAllPairsFinds() {
    var stream = RandomStream(seed: 3, name: "hashes")
    var hashes: [UInt64?] = []
    for _ in 0..<300 {
      let hash: UInt64 = stream.next()
      hashes.append(hash)
      for changes in 1...14 {
        let bits = stream.permutation(64).prefix(changes)
        hashes.append(bits.reduce(hash) { $0 ^ 1 << UInt64($1) })
      }
    }
    hashes[7] = nil
    let index = HashIndex(hashes)
    for probe in hashes.compactMap({ $0 }).prefix(600) {
      var found: [Int] = []
      index.candidates(probe) { place, distance in
        #expect((hashes[place]! ^ probe).nonzeroBitCount == distance)
        found.append(place)
      }
      let expected = hashes.indices.filter { hashes[$0].map { ($0 ^ probe).nonzeroBitCount <= 11 } ?? false }
      #expect(found.sorted() == expected)
    }
  }
}
