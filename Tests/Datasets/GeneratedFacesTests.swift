import NunchiDatasets
import NunchiImages
import Testing

/// Against faces that change from machine to machine, and classes that anything but mouth and nose tells apart.
@Suite struct GeneratedFacesTests {
  @Test func aFaceIsAFunctionOfSeedAndNumber() {
    let face = GeneratedFaces.image(seed: 4, index: 9, size: 48)
    #expect(face == GeneratedFaces.image(seed: 4, index: 9, size: 48))
    #expect(face != GeneratedFaces.image(seed: 5, index: 9, size: 48))
    #expect(face != GeneratedFaces.image(seed: 4, index: 11, size: 48))
    #expect(face.width == 48 && face.height == 48 && face.channels == 3)
  }

  /// The same bits on every machine: a change of these numbers changes everyone's faces, and belongs into the changelog.
  @Test func theFacesAreTheseOnes() {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for (seed, index, size) in [(0, 0, 64), (0, 1, 64), (7, 100, 97), (7, 1001, 160), (1 << 40, 33, 32)] {
      let difficulty = index == 1001 ? GeneratedFaces.Difficulty.hard : .easy
      let face = GeneratedFaces.image(seed: UInt64(seed), index: index, size: size, difficulty: difficulty)
      hash = face.bytes.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
    #expect(hash == 2_151_786_391_238_968_669)
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

  @Test(arguments: GeneratedFolder.Format.allCases) func writesAWholeDataSet(format: GeneratedFolder.Format) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/faces"
    #expect(try GeneratedFaces.write(to: path, count: 40, seed: 1, size: 32, format: format))
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

  /// Stopped on its way, it leaves a folder that was there, and none that was not.
  @Test func whatIsStoppedLeavesNothing() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path, folder.path + "/new"] {
      #expect(try GeneratedFaces.write(to: path, count: 40, size: 16, isStopped: { true }) == false)
      #expect(try folder.contents().isEmpty)
    }
    try folder.write([], "file")
    #expect(throws: DatasetError.self) { try GeneratedFaces.write(to: folder.path + "/file", count: 2) }
    #expect(throws: DatasetError.self) { try GeneratedFaces.write(to: folder.path + "/file/new", count: 2) }
  }

  /// With the part below the eyes hidden, a face is the same picture in either class, bit by bit.
  @Test(arguments: GeneratedFaces.Difficulty.allCases)
  func onlyMouthAndNoseDependOnTheClass(difficulty: GeneratedFaces.Difficulty) {
    for index in 0..<200 {
      let faces = [0, 1].map {
        GeneratedFaces.imageWithoutMouth(seed: 6, index: index, size: 64, difficulty: difficulty, label: $0).bytes
      }
      // Compared outside of the expectation, which would print the pictures.
      let isSame = faces[0] == faces[1]
      let isWhole = faces[0] == GeneratedFaces.image(seed: 6, index: index, size: 64, difficulty: difficulty).bytes
      #expect(isSame && !isWhole, "face \(index)")
    }
  }

  /// Mean colour, brightness, contrast and file size: the best threshold on each is right about half the time. Faces of
  /// both classes have the same measures.
  @Test(arguments: GeneratedFaces.Difficulty.allCases)
  func cheapCuesDoNotTellTheClassesApart(difficulty: GeneratedFaces.Difficulty) throws {
    let count = 600
    let size = 64
    var features = [[Double]](repeating: [], count: 6)
    for index in 0..<count {
      let face = GeneratedFaces.image(seed: 2, index: index, size: size, difficulty: difficulty)
      #expect(face.width == size && face.height == size)
      let means = (0..<3).map { channel in
        stride(from: channel, to: face.bytes.count, by: 3).reduce(0) { $0 + Double(face.bytes[$1]) }
      }
      for channel in 0..<3 { features[channel].append(means[channel]) }
      features[3].append(means[0] - means[2])
      features[4].append(face.bytes.reduce(0) { $0 + Double($1) * Double($1) })
      features[5].append(Double(try face.encodedJPEG(quality: 85).count))
    }
    for (number, feature) in features.enumerated() {
      let accuracy = bestThreshold(feature, (0..<count).map(GeneratedFaces.label))
      #expect(accuracy < 0.575, "feature \(number): \(accuracy)")
    }
    // The measure itself sees a cue.
    #expect(
      bestThreshold(
        (0..<count).map { Double(GeneratedFaces.label($0) * 3 + $0 % 4) }, (0..<count).map(GeneratedFaces.label)) > 0.8)
  }

  /// The balanced accuracy of the best threshold on `feature`, in either direction.
  private func bestThreshold(_ feature: [Double], _ labels: [Int]) -> Double {
    let positives = labels.count { $0 == 1 }
    var (above, below, best) = (0, 0, 0.5)
    for index in feature.indices.sorted(by: { feature[$0] < feature[$1] }) {
      if labels[index] == 1 { above += 1 } else { below += 1 }
      let gap = Double(above) / Double(positives) - Double(below) / Double(labels.count - positives)
      best = max(best, 0.5 + abs(gap) / 2)
    }
    return best
  }
}
