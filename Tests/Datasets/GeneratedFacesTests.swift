import NunchiDatasets
import NunchiImages
import Testing

/// Against faces that change from machine to machine, and classes that their files or backgrounds tell apart.
@Suite struct GeneratedFacesTests {
  @Test func aFaceIsAFunctionOfSeedAndNumber() {
    let face = GeneratedFaces.image(seed: 4, index: 9, size: 48)
    #expect(face == GeneratedFaces.image(seed: 4, index: 9, size: 48))
    #expect(face != GeneratedFaces.image(seed: 5, index: 9, size: 48))
    #expect(face != GeneratedFaces.image(seed: 4, index: 11, size: 48))
    #expect(face.width == 48 && face.height == 48 && face.channels == 3)
  }

  @Test func threadsDoNotShow() {
    let one = GeneratedFaces.dataset(count: 12, seed: 3, size: 24, threads: 1)
    let many = GeneratedFaces.dataset(count: 12, seed: 3, size: 24, threads: 5)
    for split in Split.allCases {
      for (left, right) in zip(one.items(split), many.items(split)) {
        #expect(try! one.load(left) == many.load(right))
      }
    }
  }

  @Test(arguments: GeneratedFaces.Format.allCases) func writesAWholeDataSet(format: GeneratedFaces.Format) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/faces"
    try GeneratedFaces.write(to: path, count: 40, seed: 1, size: 32, format: format)
    let dataset = try Dataset.open(path: path)
    #expect(dataset.classes == ["Mask", "Non Mask"])
    #expect(dataset.counts(.train) == [14, 14])
    #expect(dataset.counts(.validation) == [3, 3])
    #expect(dataset.counts(.test) == [3, 3])
    #expect(dataset.warnings.isEmpty && dataset.skipped.isEmpty)
    let item = dataset.items(.train)[0]
    #expect(item.identity == "Train/Mask/face-00000.\(format.rawValue)")
    if format == .png { #expect(try dataset.load(item) == GeneratedFaces.image(seed: 1, index: 0, size: 32)) }
    #expect(throws: DatasetError(.notEmpty, path: path)) { try GeneratedFaces.write(to: path, count: 1) }
  }

  /// Brightness and border, the cheapest cues, say little: a threshold on either is right about half the time.
  @Test func cheapCuesDoNotTellTheClassesApart() {
    let count = 160
    var features: [[Double]] = [[], []]
    for index in 0..<count {
      let face = GeneratedFaces.image(seed: 2, index: index, size: 32)
      features[0].append(face.bytes.reduce(0) { $0 + Double($1) })
      features[1].append(face.bytes.prefix(32 * 3 * 4).reduce(0) { $0 + Double($1) })
    }
    for feature in features {
      let ranked = (0..<count).sorted { feature[$0] < feature[$1] }.map { GeneratedFaces.label($0) }
      var correct = count / 2
      var best = correct
      for label in ranked {
        correct += label == 0 ? 1 : -1
        best = max(best, correct, count - correct)
      }
      #expect(best < count * 66 / 100, "\(best) of \(count)")
    }
  }
}
