import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiSystem

extension Data {
  /// `nunchi data generate`: data sets that are drawn.
  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "generate", abstract: "Draw a data set: nothing is downloaded",
      example: "nunchi data generate faces --out faces",
      discussion: """
        Pictures to classify: faces, shapes. Points in the plane as a table: blobs, rings, spirals, xor, line. The same
        seed makes the same data on any machine.
        """,
      subcommands: [Faces.self, Shapes.self, Blobs.self, Rings.self, Spirals.self, Xor.self, Line.self])
  }

  /// `nunchi data generate faces`
  struct Faces: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "faces", abstract: "Draw faces with and without masks",
      example: "nunchi data generate faces --out faces --count 2000",
      discussion: """
        Writes Train, Validation and Test with a folder for each of the two classes. A mask under the nose or on the chin,
        a hand and a cup before the mouth are no masks. The same seed draws the same faces.
        """)
    @Option(help: ArgumentHelp("a new or empty folder to write to", valueName: "DIR")) var out: String
    @Option(help: "pictures, both classes together") var count = 2000
    @Option(help: "which faces") var seed: UInt64 = 0
    @Option(help: ArgumentHelp("side of a picture", valueName: "PIXELS")) var size = 160
    @Option(help: "portraits, or also small, turned, dim faces and many masks worn wrongly")
    var difficulty = Difficulty.easy
    @Option(help: "file format") var format = PictureFormat.jpg
    @OptionGroup var output: OutputOptions

    enum Difficulty: String, CaseIterable, ExpressibleByArgument {
      case easy, hard

      var value: GeneratedFaces.Difficulty {
        switch self {
        case .easy: .easy
        case .hard: .hard
        }
      }
    }

    func validate() throws { try validatePictures(count: count, atLeast: 2, size: size) }

    mutating func run() throws {
      Interruption.watch()
      let isWhole = try GeneratedFaces.write(
        to: out, count: count, seed: seed, size: size, difficulty: difficulty.value, format: format.value,
        threads: WorkerPool.cores, isStopped: { Interruption.stop.isSet })
      if !isWhole { throw Failure.interruptedDrawing(out) }
      let counts = SplitCounts { (0..<count).map { GeneratedFaces.split($0, of: count) } }
      output.write(
        "data generate faces",
        [
          "path": JSON(out), "images": JSON(count), "classes": JSON(GeneratedFaces.classes), "seed": .seed(seed),
          "difficulty": JSON(difficulty.rawValue), "splits": counts.document,
        ],
        text: """
          \(count) faces in \(out): \(counts.text)
          next: nunchi train \(quoted(out)) --size 64 --epochs 10
          """)
    }
  }

  /// `nunchi data generate shapes`
  struct Shapes: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "shapes", abstract: "Draw coloured shapes to classify, and scenes of several with their boxes",
      example: "nunchi data generate shapes --out shapes --scenes scenes",
      discussion: """
        Writes Train, Validation and Test with a folder for each class: circle, square, triangle, star, hexagon, cross.
        Scenes hold two to six shapes; scenes.jsonl beside them has a line for each with the classes and boxes
        (x, y, width, height in pixels). The same seed draws the same shapes.
        """)
    @Option(help: ArgumentHelp("a new or empty folder to write to", valueName: "DIR")) var out: String
    @Option(help: "pictures, all classes together") var count = 1800
    @Option(help: "which shapes") var seed: UInt64 = 0
    @Option(help: ArgumentHelp("side of a picture; scenes have twice as much", valueName: "PIXELS")) var size = 64
    @Option(help: "file format") var format = PictureFormat.png
    @Option(help: ArgumentHelp("another new or empty folder, for scenes", valueName: "DIR")) var scenes: String?
    @Option(help: "scenes to draw there") var sceneCount = 200
    @OptionGroup var output: OutputOptions

    func validate() throws {
      try validatePictures(count: count, atLeast: GeneratedShapes.classes.count, size: size)
      if !(1...1_000_000).contains(sceneCount) {
        throw ValidationError("--scene-count expects 1 to 1000000, found \(sceneCount)")
      }
    }

    mutating func run() throws {
      Interruption.watch()
      let (threads, stop) = (WorkerPool.cores, { @Sendable in Interruption.stop.isSet })
      var isWhole = try GeneratedShapes.write(
        to: out, count: count, seed: seed, size: size, format: format.value, threads: threads, isStopped: stop)
      if !isWhole { throw Failure.interruptedDrawing(out) }
      if let scenes {
        isWhole = try GeneratedShapes.writeScenes(
          to: scenes, count: sceneCount, seed: seed, size: 2 * size, format: format.value, threads: threads,
          isStopped: stop)
        if !isWhole { throw Failure.interruptedDrawing(scenes) }
      }
      let counts = SplitCounts { (0..<count).map { GeneratedShapes.split($0, of: count) } }
      let drawn = scenes.map { "\n\(sceneCount) scenes in \($0), their boxes in \($0)/scenes.jsonl" } ?? ""
      output.write(
        "data generate shapes",
        [
          "path": JSON(out), "images": JSON(count), "classes": JSON(GeneratedShapes.classes), "seed": .seed(seed),
          "splits": counts.document,
          "scenes": scenes.map { ["path": JSON($0), "images": JSON(sceneCount), "boxes": JSON($0 + "/scenes.jsonl")] }
            ?? .null,
        ],
        text: """
          \(count) shapes in \(out): \(counts.text)\(drawn)
          next: nunchi train \(quoted(out)) --model simple-cnn --size 32 --epochs 10
          """)
    }
  }
}

/// The file formats of generated pictures.
enum PictureFormat: String, CaseIterable, ExpressibleByArgument {
  case jpg, png

  var value: GeneratedFolder.Format {
    switch self {
    case .jpg: .jpeg
    case .png: .png
    }
  }
}

/// How many images each split has.
private struct SplitCounts {
  private let counts: [(split: Split, count: Int)]

  init(_ splits: () -> [Split]) {
    let all = splits()
    counts = Split.allCases.map { split in (split, all.count { $0 == split }) }
  }

  var document: JSON { .object(.init(counts.map { .init($0.split.rawValue, JSON($0.count)) })) }

  var text: String { counts.map { "\($0.count) for \($0.split.purpose)" }.joined(separator: ", ") }
}

private func validatePictures(count: Int, atLeast least: Int, size: Int) throws {
  if !(least...1_000_000).contains(count) {
    throw ValidationError("--count expects \(least) to 1000000, found \(count)")
  }
  if !(16...2048).contains(size) { throw ValidationError("--size expects 16 to 2048, found \(size)") }
}

extension Failure {
  /// The failure after Ctrl-C while a data set was being generated. Its files are removed.
  fileprivate static func interruptedDrawing(_ path: String) -> Failure {
    Failure(Interruption.status, "interrupted", "interrupted; what was drawn in \(path) is removed again", path: path)
  }
}
