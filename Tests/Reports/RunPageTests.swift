import Foundation
import NunchiReports
import NunchiTraining
import Testing

/// Against pages that break on odd names, need anything from elsewhere, grow without bound, or say other numbers than the
/// run's files.
@Suite struct RunPageTests {
  private func page(_ run: WrittenRun) throws -> String {
    try RunPage(try RunRecord(path: run.path), version: "9.9").html
  }

  private static let odd = ["a & b", "<script>c</script>", "d,\"e\"' "]

  @Test func standsByItselfAndEscapes() throws {
    let html = try page(WrittenRun(classes: Self.odd, images: 60, epochs: 5))
    for outside in ["http:", "https:", "src=\"/", "<script", "<link", "@import", "url(", "some <data>", "bad <one>"] {
      #expect(!html.contains(outside), "\(outside)")
    }
    #expect(html.contains("&lt;script&gt;c&lt;/script&gt;") && html.contains("a &amp; b"))
    #expect(html.contains("nunchi train &#39;some &lt;data&gt;&#39;"))
    // A note that a resumed run repeats stands once.
    #expect(html.components(separatedBy: "watch &lt;this&gt;").count == 2)
  }

  @Test(arguments: [2, 3, 30])
  func isWellFormed(classes: Int) throws {
    let names = (0..<classes).map { "c<\($0)>" }
    try expectBalanced(page(WrittenRun(classes: names, images: 90, epochs: 70)))
  }

  @Test func findsWhatIsNotBalanced() {
    withKnownIssue { expectBalanced("<p><b></p></b>") }
    withKnownIssue { expectBalanced("<p>") }
  }

  /// The numbers of the page are those of the run's files.
  @Test func numbers() throws {
    let run = try WrittenRun(classes: ["x", "y", "z"], images: 120, epochs: 10)
    let html = try page(run)
    for value in [run.metrics.accuracy, run.metrics.macro.f1] {
      #expect(html.contains("<b>\(Figure.fixed(value, 4))</b>"))
    }
    let interval = run.metrics.accuracyInterval
    #expect(
      html.contains("\(Figure.fixed(interval.lower, 3))\u{2060}–\u{2060}\(Figure.fixed(interval.upper, 3))"))
    for row in run.metrics.classes {
      #expect(
        html.contains(
          "<td class=\"text\">\(row.name)</td><td>\(Figure.fixed(row.precision, 4))</td><td>\(Figure.fixed(row.recall, 4))</td>"
        ))
    }
    let cells = html.matches(of: /<b>([0-9,]+)<\/b><span>[0-9]+ %/).map { Int($0.output.1) }
    #expect(cells == run.metrics.confusion.rows.flatMap { $0 })
    #expect(html.contains("5 of 10") && html.contains("best: 5"))
    #expect(html.contains("30 of 120 answers are wrong"))
  }

  /// Hundreds of classes and a thousand epochs stay a page that opens at once.
  @Test func isBounded() throws {
    let names = (0..<200).map { "a class with a rather long name, number \($0)" }
    let html = try page(WrittenRun(classes: names, images: 2000, epochs: 1000))
    #expect(html.utf8.count < 700_000)
    #expect(html.contains("Most often confused"))
  }

  /// What a killed training left is a page too.
  @Test func withoutAnEnd() throws {
    let run = try WrittenRun(classes: ["x", "y"], images: 20, epochs: 3, ending: nil)
    let html = try page(run)
    #expect(html.contains("The training has not ended, or was killed") && !html.contains("<h2>Classes"))
    expectBalanced(html)
    #expect(throws: TrainingError.self) { try RunRecord(path: run.path + "/evaluation") }
  }

  @Test func repeatingCommand() throws {
    let run = try WrittenRun(classes: ["x", "y"], images: 20, epochs: 3)
    #expect(try RunRecord(path: run.path).repeatingCommand == ["nunchi", "train", "some <data>"])
    let file = run.path + "/config.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    func command(_ changes: [(String, String)]) throws -> [String] {
      let changed = changes.reduce(text) { text, change in
        let old = text.firstRange(of: "\"\(change.0)\":{\"value\":")!.upperBound
        let end = text[old...].firstIndex(of: ",")!
        return text.replacingCharacters(in: old..<end, with: change.1)
      }
      try changed.write(toFile: file, atomically: true, encoding: .utf8)
      return Array(try RunRecord(path: run.path).repeatingCommand.dropFirst(3))
    }
    #expect(try command([("lr", "0.01"), ("threads", "3")]) == ["--lr", "0.01"])
    // Epochs that are named run all: patience that is the default must be named beside them, and none needs them named.
    #expect(try command([("epochs", "7")]) == ["--epochs", "7", "--patience", "10"])
    #expect(try command([("epochs", "7"), ("patience", "null")]) == ["--epochs", "7"])
    #expect(try command([("patience", "null")]) == ["--epochs", "30"])
  }
}

/// Every element that is opened is closed, in order.
private func expectBalanced(_ html: String) {
  var open: [Substring] = []
  for match in html.matches(of: /<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/) {
    let (closing, name, empty) = (match.output.1, match.output.2, match.output.3)
    if ["meta", "img", "br"].contains(name) || empty == "/" { continue }
    if closing.isEmpty { open.append(name) } else { #expect(open.popLast() == name) }
  }
  #expect(open.isEmpty)
}
