import Foundation
import NunchiDocuments
import Testing

/// `nunchi image convert`: against other pixels, a lost original, or the wrong exit status.
@Suite(isBuilt) struct ImageTests {
  private let folder = TemporaryFolder()

  /// A gray picture of 4x2 pixels as PNM.
  private func gray(_ name: String) throws -> String {
    let path = folder.path + "/" + name
    let bytes = Array("P5 4 2 255\n".utf8) + [0, 40, 80, 120, 160, 200, 240, 255]
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func bytes(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) }

  @Test func convertsThereAndBack() throws {
    let (start, middle, end) = (try gray("a.pgm"), folder.path + "/b.PNG", folder.path + "/c.pgm")
    let answer = try Program.run("image convert \(start) \(middle) --json")
    try expectValid(answer.document(), "image-convert")
    let result = try answer.result()
    #expect(result["format"] == "PNM" && result["width"] == 4 && result["height"] == 2 && result["channels"] == 1)
    #expect(result["oriented"] == false && result["scale"] == 1)
    #expect(try bytes(middle).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let back = try Program.run("image convert \(middle) \(end)")
    #expect(back.output == "\(end): 4x2, gray, from a PNG of 4x2\n")
    #expect(try bytes(end).suffix(8) == bytes(start).suffix(8))
  }

  @Test func resizesAsAModelSeesIt() throws {
    let (start, end) = (try gray("a.pgm"), folder.path + "/b.ppm")
    let answer = try Program.run("image convert \(start) \(end) --size 2 --channels 3 --json")
    let result = try answer.result()
    #expect(result["width"] == 2 && result["height"] == 2 && result["channels"] == 3)
    // The middle 2x2 pixels, as they are.
    #expect(try bytes(end).suffix(12) == [40, 40, 40, 80, 80, 80, 200, 200, 200, 240, 240, 240])
    #expect(try Program.run("image convert \(start) \(end) --size 4 --resize pad --json").result()["height"] == 4)
  }

  /// A photograph much larger than it is asked for comes at a reduced scale, and the answer says so.
  @Test func tellsTheScale() throws {
    let (start, middle) = (folder.path + "/a.pnm", folder.path + "/b.jpg")
    let pixels = [UInt8](repeating: 90, count: 128 * 128 * 3)
    try Data(Array("P6 128 128 255\n".utf8) + pixels).write(to: URL(fileURLWithPath: start))
    #expect(try Program.run("image convert \(start) \(middle) --quality 80").status == 0)
    let answer = try Program.run("image convert \(middle) \(folder.path)/c.png --size 16 --json")
    #expect(try answer.result()["scale"] == 4)
    #expect(try answer.result()["width"] == 16)
  }

  @Test func readsStandardInput() throws {
    let end = folder.path + "/b.pgm"
    let answer = try Program.run("image convert - \(end)", input: "P2 2 1 255 7 9\n")
    #expect(answer.status == 0)
    #expect(try bytes(end).suffix(2) == [7, 9])
  }

  @Test func refuses() throws {
    let start = try gray("a.pgm")
    let before = try bytes(start)
    let same = try Program.run("image convert \(start) \(folder.path)/./a.pgm")
    #expect(same.status == 2)
    #expect(same.error.contains("OUT expects another file than IN"))
    #expect(try bytes(start) == before)
    #expect(try Program.run("image convert \(start) b.webp").status == 2)
    #expect(try Program.run("image convert \(start) b.png --resize pad").status == 2)
    #expect(try Program.run("image convert \(start) b.png --channels 2").status == 2)
    try "%PDF-1.4".write(toFile: folder.path + "/x.jpg", atomically: true, encoding: .utf8)
    let document = try Program.run("image convert \(folder.path)/x.jpg \(folder.path)/y.png --json")
    #expect(document.status == 4)
    try expectValid(document.document(), "error")
    #expect(document.error.contains("found a PDF file; convert it to JPEG or PNG"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/y.png"))
    #expect(try Program.run("image convert \(folder.path)/none.jpg \(folder.path)/y.png").status == 4)
  }
}
