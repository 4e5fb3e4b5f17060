import Foundation
import NunchiDatasets
import NunchiImages
import NunchiReports
import Testing

/// Against pages that need anything from elsewhere, break on odd names, or leave out what was found.
@Suite struct DataPageTests {
  private func page(_ path: String) throws -> String {
    DataPage(CheckReport(Examination(try CheckSubject(path: path), threads: 2), threads: 2)).html
  }

  private func folder() throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/nunchi-page-" + UUID().uuidString
    for name in ["a & b", "<i>c</i>".replacing("/", with: "-")] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
      for face in 0..<12 {
        let picture = GeneratedFaces.image(seed: name == "a & b" ? 1 : 2, index: face, size: 64)
        try picture.write(to: "\(path)/\(name)/face \(face)'\".png")
        if face == 0 { try picture.write(to: "\(path)/\(name)/face 0 again.jpg") }
      }
    }
    try Data([0xFF, 0xD8, 0xFF, 0xE0, 0]).write(to: URL(fileURLWithPath: path + "/a & b/broken.jpg"))
    return path
  }

  @Test func standsByItselfAndShowsWhatWasFound() throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let html = try page(path)
    for outside in ["http:", "https:", "src=\"/", "<script", "<link", "@import", "url("] {
      #expect(!html.contains(outside), "\(outside)")
    }
    #expect(!html.contains("<i>c"))
    #expect(html.contains("a &amp; b") && html.contains("&lt;i&gt;c"))
    #expect(html.components(separatedBy: "src=\"data:image/jpeg;base64,").count > 24)
    #expect(html.contains("same picture") && html.contains("broken.jpg"))
    #expect(html.contains("prefers-color-scheme:dark") && html.contains("@media print"))
    for heading in [
      "What to look at", "Classes", "Examples", "Sizes and colours", "Copies", "Files that cannot be used",
    ] {
      #expect(html.contains("<h2>\(heading)</h2>"))
    }
  }

  /// Every element that is opened is closed, in order.
  @Test func isWellFormed() throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var open: [Substring] = []
    for match in try page(path).matches(of: /<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/) {
      let (closing, name, empty) = (match.output.1, match.output.2, match.output.3)
      if ["meta", "img", "br"].contains(name) || empty == "/" { continue }
      if closing.isEmpty { open.append(name) } else { #expect(open.popLast() == name) }
    }
    #expect(open.isEmpty)
  }

  @Test func figures() {
    #expect(Figure.grouped(1_234_567) == "1,234,567" && Figure.grouped(12) == "12")
    #expect(
      Figure.fixed(0.0456, 2) == "0.05" && Figure.fixed(-1.5, 1) == "-1.5" && Figure.percent(0.873) == "87\u{A0}%")
    #expect(
      [99_999, 100_000, 999_499, 999_500, 1_453_082, 23_500_000, 138_357_544, 1_200_000_000].map(Figure.scaled)
        == [
          "99,999", "100\u{A0}k", "999\u{A0}k", "1.00\u{A0}M", "1.45\u{A0}M", "23.5\u{A0}M", "138\u{A0}M",
          "1.20\u{A0}G",
        ])
  }
}
