import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiEngine

/// `nunchi data`: data sets.
struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Examine, divide, make and download data sets", example: "nunchi data check photos",
    subcommands: [Check.self, Stats.self, Divide.self, Preview.self, Generate.self, Get.self])

  /// `nunchi data generate`
  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "generate", abstract: "Draw a data set: nothing is downloaded",
      example: "nunchi data generate faces --out faces", subcommands: [Faces.self])
  }

  /// `nunchi data generate faces`
  struct Faces: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "faces", abstract: "Draw faces with and without masks",
      example: "nunchi data generate faces --out faces --count 2000",
      discussion: """
        Writes Train, Validation and Test with a folder for each of the two classes. A mask on the chin, a hand and a
        cup before the mouth are no masks. The same seed draws the same faces.
        """)
    @Option(help: ArgumentHelp("a new or empty folder to write to", valueName: "DIR")) var out: String
    @Option(help: "pictures, both classes together") var count = 2000
    @Option(help: "which faces") var seed: UInt64 = 0
    @Option(help: ArgumentHelp("side of a picture", valueName: "PIXELS")) var size = 160
    @Option(help: "file format") var format = Format.jpg
    @OptionGroup var output: OutputOptions

    enum Format: String, CaseIterable, ExpressibleByArgument {
      case jpg, png
      var value: GeneratedFaces.Format { self == .jpg ? .jpeg : .png }
    }

    func validate() throws {
      if !(2...1_000_000).contains(count) { throw ValidationError("--count expects 2 to 1000000, found \(count)") }
      if !(16...2048).contains(size) { throw ValidationError("--size expects 16 to 2048, found \(size)") }
    }

    mutating func run() throws {
      try GeneratedFaces.write(
        to: out, count: count, seed: seed, size: size, format: format.value, threads: WorkerPool.cores)
      let counts = Split.allCases.map { split in
        (split, (0..<count).count { GeneratedFaces.split($0, of: count) == split })
      }
      output.write(
        "data generate faces",
        [
          "path": JSON(out), "images": JSON(count), "classes": JSON(GeneratedFaces.classes), "seed": .seed(seed),
          "splits": .object(.init(counts.map { .init($0.0.rawValue, JSON($0.1)) })),
        ],
        text: """
          \(count) faces in \(out): \(counts.map { "\($0.1) for \($0.0.purpose)" }.joined(separator: ", "))
          next: nunchi train \(quoted(out)) --size 64 --epochs 10
          """)
    }
  }
}

extension Split {
  /// As in "test pictures".
  var adjective: String {
    switch self {
    case .train: "training"
    case .validation: "validation"
    case .test: "test"
    }
  }

  var purpose: String {
    switch self {
    case .train: "training"
    case .validation: "validation"
    case .test: "testing"
    }
  }
}

/// A path as it would be typed in a shell.
func quoted(_ path: String) -> String {
  let plain = path.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "="), 0x80...0xFF:
      true
    default: false
    }
  }
  return plain && !path.isEmpty
    ? path
    : "'"
      + path.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
}
