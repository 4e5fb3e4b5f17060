import NunchiDatasets
import NunchiDocuments
import NunchiImages
import Testing

/// Against boxes and masks that do not fit what is painted.
@Suite struct GeneratedShapesTests {
  @Test func aPictureIsAFunctionOfSeedAndNumber() {
    let picture = GeneratedShapes.picture(seed: 4, index: 9, size: 40)
    #expect(picture.image == GeneratedShapes.picture(seed: 4, index: 9, size: 40).image)
    #expect(picture.image != GeneratedShapes.picture(seed: 5, index: 9, size: 40).image)
    #expect(picture.objects.map(\.label) == [9 % 6])
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in 0..<6 {
      let scene = GeneratedShapes.scene(seed: 1, index: index, size: 96)
      hash = (scene.image.bytes + scene.instances).reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
    #expect(hash == 2_926_900_402_670_346_831)
  }

  /// The box is the smallest round the mask, the masks are apart, and each lies within the picture.
  @Test func boxesFitMasks() {
    var seen = Set<Int>()
    for index in 0..<60 {
      let size = 64
      let scene = GeneratedShapes.scene(seed: 3, index: index, size: size)
      #expect((1...6).contains(scene.objects.count))
      #expect(scene.instances.count == size * size)
      for (number, object) in scene.objects.enumerated() {
        seen.insert(object.label)
        let pixels = scene.mask(of: number).enumerated().filter(\.element).map { ($0.offset % size, $0.offset / size) }
        let box = object.box
        #expect(box.x == pixels.map(\.0).min() && box.x + box.width - 1 == pixels.map(\.0).max())
        #expect(box.y == pixels.map(\.1).min() && box.y + box.height - 1 == pixels.map(\.1).max())
        for (x, y) in pixels { #expect(Int(scene.classMap[y * size + x]) == object.label + 1) }
      }
      #expect(scene.instances.allSatisfy { Int($0) <= scene.objects.count })
    }
    #expect(seen.count == GeneratedShapes.classes.count)
  }

  /// The mask is where the shape is painted: of one shape on a ground, inside and outside differ more than within.
  @Test func masksLieOnTheShapes() {
    var apart = 0
    for index in 0..<60 {
      let picture = GeneratedShapes.picture(seed: 8, index: index, size: 64)
      let mask = picture.mask(of: 0)
      // Means just inside and just outside of the box's left edge, where circles and hexagons touch it.
      var (inside, outside, counts) = (SIMD3<Double>.zero, SIMD3<Double>.zero, (0.0, 0.0))
      for pixel in mask.indices {
        let bytes = picture.image.bytes[pixel * 3..<pixel * 3 + 3].map(Double.init)
        let colour = SIMD3(bytes[0], bytes[1], bytes[2])
        if mask[pixel] {
          inside += colour
          counts.0 += 1
        } else {
          outside += colour
          counts.1 += 1
        }
      }
      let gap = inside / counts.0 - outside / counts.1
      if (gap * gap).sum().squareRoot() > 40 { apart += 1 }
    }
    #expect(apart >= 56, "\(apart) of 60 stand out from their ground")
  }

  @Test func writesClassesAndScenes() throws {
    let folder = try TemporaryFolder()
    try GeneratedShapes.write(to: folder.path + "/shapes", count: 60, seed: 1, size: 24)
    let dataset = try Dataset.open(path: folder.path + "/shapes")
    #expect(dataset.classes == GeneratedShapes.classes.sorted())
    #expect(dataset.counts(.train).allSatisfy { $0 == 6 } && dataset.counts(.test).allSatisfy { $0 == 2 })
    #expect(dataset.warnings.isEmpty && dataset.skipped.isEmpty)

    let scenes = folder.path + "/scenes"
    try GeneratedShapes.writeScenes(to: scenes, count: 5, seed: 1, size: 48, threads: 3)
    let lines = try String(decoding: #require(folder.contents()["scenes/scenes.jsonl"]), as: UTF8.self)
      .split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.count == 5)
    for (index, line) in lines.enumerated() {
      let scene = GeneratedShapes.scene(seed: 1, index: index, size: 48)
      #expect(line["file"]?.stringValue == "scene-0000\(index).png")
      #expect(try Image(path: "\(scenes)/scene-0000\(index).png") == scene.image)
      #expect(line["objects"]?.arrayValue?.count == scene.objects.count)
      let box = scene.objects[0].box
      #expect(
        line["objects"]?.arrayValue?.first?["box"] == [JSON(box.x), JSON(box.y), JSON(box.width), JSON(box.height)])
    }
    #expect(throws: DatasetError(.notEmpty, path: scenes)) { try GeneratedShapes.writeScenes(to: scenes, count: 1) }
  }
}
