import NunchiDocuments
import NunchiImages
import NunchiTensors

/// Coloured shapes of all sizes and turns on textured grounds: one in a picture, to classify, or several, to find.
package enum GeneratedShapes {
  /// What there is to tell apart.
  package enum Shape: String, Sendable, Hashable, CaseIterable {
    case circle, square, triangle, star, hexagon, cross
  }

  /// The names of the classes, as they are written.
  package static let classes = Shape.allCases.map(\.rawValue)

  /// The class of the picture with this number: they take turns.
  package static func label(_ index: Int) -> Int { index % classes.count }

  /// The picture with this number, one shape in it: a pure function of seed, number and size.
  package static func picture(seed: UInt64, index: Int, size: Int = 64) -> ShapesScene {
    precondition(index >= 0 && size > 0, "a picture has a number from 0 and a positive size, got \(index), \(size)")
    var stream = stream("shapes/picture", seed, index)
    return ShapesScene(labels: [label(index)], size: size, stream: &stream)
  }

  /// The scene with this number, two to six shapes in it: a pure function of seed, number and size.
  package static func scene(seed: UInt64, index: Int, size: Int = 128) -> ShapesScene {
    precondition(index >= 0 && size > 0, "a scene has a number from 0 and a positive size, got \(index), \(size)")
    var stream = stream("shapes/scene", seed, index)
    let labels = (0..<2 + stream.integer(below: 5)).map { _ in stream.integer(below: classes.count) }
    return ShapesScene(labels: labels, size: size, stream: &stream)
  }

  private static func stream(_ name: String, _ seed: UInt64, _ index: Int) -> RandomStream {
    RandomStream(
      seed: seed, name: name,
      position: (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)))
  }

  /// The split of the picture with this number among `count`, each class equally.
  package static func split(_ index: Int, of count: Int) -> Split {
    GeneratedFolder.split(index, of: count, classes: classes.count)
  }

  /// Writes `Train`, `Validation` and `Test` with a folder for each class into `folder`, which must be new or empty. It
  /// holds everything afterwards, or what it held before.
  ///
  /// - Parameter isStopped: asked after each picture; `true` ends the writing.
  /// - Returns: `false` where it was stopped.
  @discardableResult
  package static func write(
    to folder: String, count: Int, seed: UInt64 = 0, size: Int = 64, format: GeneratedFolder.Format = .png,
    threads: Int = 2, isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws(DatasetError) -> Bool {
    let target = GeneratedFolder(folder, classes: classes, of: "shape", count: count, format: format, label: label)
    return try target.write(threads: threads, isStopped: isStopped) { (index) throws(ImageError) in
      try format.encode(picture(seed: seed, index: index, size: size).image, quality: 90)
    }
  }

  /// Writes scenes into `folder`, which must be new or empty, and beside them `scenes.jsonl`: one object a line with
  /// `file`, `width`, `height` and `objects`, each a `class` and a `box` [x, y, width, height] in pixels.
  @discardableResult
  package static func writeScenes(
    to folder: String, count: Int, seed: UInt64 = 0, size: Int = 128, format: GeneratedFolder.Format = .png,
    threads: Int = 2, isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws(DatasetError) -> Bool {
    let target = GeneratedFolder(folder, of: "scene", count: count, format: format)
    let lines = UnsafeMutableBufferPointer<String>.allocate(capacity: count)
    lines.initialize(repeating: "")
    defer {
      lines.deinitialize()
      lines.deallocate()
    }
    nonisolated(unsafe) let slots = lines
    let encode: @Sendable (Int) throws(ImageError) -> [UInt8] = { (index) throws(ImageError) in
      let scene = scene(seed: seed, index: index, size: size)
      let file = GeneratedFolder.name("scene", index) + "." + format.rawValue
      slots[index] = annotation(scene, file: file).compact() + "\n"
      return try format.encode(scene.image, quality: 90)
    }
    return try target.write(
      threads: threads, isStopped: isStopped, encode, thenFile: ("scenes.jsonl", { slots.joined() }))
  }

  /// What is known of a scene, as one object.
  static func annotation(_ scene: ShapesScene, file: String) -> JSON {
    let objects = scene.objects.map { object -> JSON in
      let box = object.box
      return [
        "class": JSON(classes[object.label]),
        "box": .array([box.x, box.y, box.width, box.height].map { JSON($0) }),
      ]
    }
    return [
      "file": JSON(file), "width": JSON(scene.image.width), "height": JSON(scene.image.height),
      "objects": .array(objects),
    ]
  }
}
