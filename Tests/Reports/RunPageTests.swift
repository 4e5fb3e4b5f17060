import Foundation
import NunchiEvaluation
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
    #expect(html.components(separatedBy: "Watch &lt;this&gt;.").count == 2)
    // What was left out is a warning, and no note beside it.
    #expect(html.contains("1 files of the data set were left out") && !html.contains("1 file was left out"))
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
    func cell(_ value: Double, _ interval: Interval?) -> String {
      let range = interval.map {
        "<small>\(Figure.fixed($0.lower, 2))\u{2060}–\u{2060}\(Figure.fixed($0.upper, 2))</small>"
      }
      return "<td>\(Figure.fixed(value, 4))\(range ?? "")</td>"
    }
    for row in run.metrics.classes {
      #expect(
        html.contains(
          "<th scope=\"row\" class=\"text\">\(row.name)</th>" + cell(row.precision, row.precisionInterval)
            + cell(row.recall, row.recallInterval) + cell(row.f1, row.f1Interval)
        ))
    }
    let cells = html.matches(of: /<b>([0-9,]+)<\/b><span>[0-9]+\u{A0}%/).map { Int($0.output.1) }
    #expect(cells == run.metrics.confusion.rows.flatMap { $0 })
    #expect(html.contains("5 of 10") && html.contains("best: 5"))
    #expect(html.contains("30 of 120 answers are wrong"))
  }

  /// What is seen is also told: every picture has words, every table its headings, and what scrolls is reached by keyboard.
  @Test(arguments: [3, 30]) func accessible(classes: Int) throws {
    let html = try page(WrittenRun(classes: (0..<classes).map { "c\($0)" }, images: 90, epochs: 4))
    let charts = html.components(separatedBy: "<svg ").dropFirst()
    #expect(charts.count == 6 + (classes > 20 ? 1 : 0))
    #expect(charts.allSatisfy { $0.contains(/^[^>]*role="img" aria-label="[^"]{10,}"/) })
    #expect(
      html.contains("loss over the epochs; training: from 0.800 to 0.200; validation: from 0.900 to 0.300; best: 2"))
    for table in html.components(separatedBy: "<table>").dropFirst() {
      let own = table.components(separatedBy: "</table>")[0]
      #expect(own.contains("<th scope=\"col\"") && own.contains("<th scope=\"row\""))
    }
    let scrolling = html.components(separatedBy: "class=\"scroll\"").dropFirst()
    #expect(scrolling.count >= 5)
    #expect(scrolling.allSatisfy { $0.hasPrefix(" tabindex=\"0\" role=\"region\" aria-label=\"") })
  }

  /// Names that would not fit above a column stand before the rows, under the number that the column has.
  @Test func confusionOfLongNames() throws {
    let long = ["a class with a long name", "b", "c"]
    let html = try page(WrittenRun(classes: long, images: 30, epochs: 2))
    #expect(
      html.contains("<abbr title=\"a class with a long name\">1</abbr>")
        && html.contains(">1 a class with a long name</th>"))
    let short = try page(WrittenRun(classes: ["a", "b", "c"], images: 30, epochs: 2))
    #expect(!short.contains("<abbr") && short.contains("<th scope=\"col\">b</th>"))
    let many = try page(WrittenRun(classes: (0..<30).map { "c\($0)" }, images: 90, epochs: 2))
    for text in [
      ">predicted class</text>", ">true class</text>", ">30</text>",
      "<td>30</td><th scope=\"row\" class=\"text\">c29</th>",
    ] {
      #expect(many.contains(text), "\(text)")
    }
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
