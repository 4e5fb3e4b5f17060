import Foundation
import NunchiDocuments
import Testing

/// `nunchi image filter` and `nunchi augment preview`, as a process.
@Suite(.serialized, isBuilt) struct PictureTests {
  private let folder = TemporaryFolder()

  /// A gray picture with a step from black to white in the middle.
  private func step() throws -> String {
    let path = folder.path + "/step.pgm"
    var file = Data("P5 8 4 255\n".utf8)
    for _ in 0..<4 { file.append(contentsOf: [0, 0, 0, 0, 255, 255, 255, 255]) }
    try file.write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func filters() throws {
    let out = folder.path + "/edges.png"
    let answer = try Program.run("image filter \(step()) \(out) --filter sobel-x --json")
    try expectValid(try answer.document(), "image-filter")
    let result = try answer.result()
    #expect(result["width"] == 8 && result["height"] == 4 && result["channels"] == 1)
    let weights = try #require(result["kernels"]?.arrayValue?.first?["weights"]?.arrayValue)
    #expect(weights.compactMap(\.doubleValue) == [-1, 0, 1, -2, 0, 2, -1, 0, 1])
    #expect(FileManager.default.fileExists(atPath: out))
    let text = try Program.run("image filter \(step()) \(out) --filter laplacian --kernel")
    let rows = "0.0000   1.0000  0.0000\n1.0000  -4.0000  1.0000\n0.0000   1.0000  0.0000\n"
    #expect(text.output == "\(out): 8x4, laplacian\n" + rows)
  }

  @Test(arguments: [
    ("x.png y.png --filter sobl", "one of sobel, sobel-x"), ("x.png y.png", "--filter"),
    ("x.png y.png --filter box --window 4", "--window expects an odd number from 1 to 255, found 4"),
    ("x.png y.png --filter gaussian --sigma 80", "--sigma expects 0 to 64, found 80.0"),
    ("x.png y.gif --filter sobel", "OUT expects a name that ends in"),
  ])
  func filterMistakes(line: String, text: String) throws {
    let answer = try Program.run("image filter \(line)")
    #expect(answer.status == 2 && answer.output.isEmpty)
    #expect(answer.error.contains(text), "\(answer.error)")
  }

  @Test func unreadablePictures() throws {
    #expect(try Program.run("image filter \(folder.path)/none.png \(folder.path)/x.png --filter sobel").status == 4)
    #expect(try Program.run("augment preview \(folder.path)/none.png --out \(folder.path)/x.png").status == 4)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/x.png"))
  }

  /// The same sheet twice; rows for what was named, and draws for a text.
  @Test func previews() throws {
    let out = folder.path + "/sheet.png"
    let line = "augment preview --out \(out) --size 24 --transform fog --transform rotate(40) --transform invert"
    let answer = try Program.run(line + " --augment light --json")
    try expectValid(try answer.document(), "augment-preview")
    let result = try answer.result()
    #expect(result["rows"] == 5 && result["columns"] == 6 && result["path"]?.stringValue == out)
    #expect(result["transforms"]?.arrayValue?.map(\.stringValue) == ["fog", "rotate", "invert"])
    let first = FileManager.default.contents(atPath: out)
    #expect(try Program.run(line + " --augment light").status == 0)
    #expect(FileManager.default.contents(atPath: out) == first)
    #expect(try Program.run(line + " --augment light --seed 2").status == 0)
    #expect(FileManager.default.contents(atPath: out) != first)
  }

  @Test func previewsAPictureAndEveryTransform() throws {
    let listed = try #require(try Program.run("augment list --json").result()["transforms"]?.arrayValue)
    let answer = try Program.run("augment preview \(step()) --out \(folder.path)/all.png --size 16 --json")
    let result = try answer.result()
    #expect(result["rows"]?.intValue == listed.count && result["columns"] == 5 && result["augment"]?.isNull == true)
  }

  @Test(arguments: [
    ("--transform foog", "--transform: expected a transform, found \"foog\" at character 1; did you mean fog?"),
    ("--augment rotat", "--augment: expected a transform, found \"rotat\" at character 1; did you mean rotate?"),
    ("--size 4", "--size expects 16 to 1024, found 4"),
  ])
  func previewMistakes(flags: String, text: String) throws {
    let answer = try Program.run("augment preview --out \(folder.path)/x.png \(flags)")
    #expect(answer.status == 2)
    #expect(answer.error == "nunchi augment preview: \(text)\n")
  }
}
