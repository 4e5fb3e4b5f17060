import NunchiSystem

/// A self-contained HTML page: one file without external scripts, fonts or images.
package struct WebPage {
  package let title: String
  /// The HTML under the title.
  package let lead: String
  private var sections: [String] = []

  package init(title: String, lead: String) {
    self.title = title
    self.lead = lead
  }

  /// - Parameters:
  ///   - heading: the heading, as text; `nil` for the top of the page.
  ///   - body: the contents, as HTML.
  package mutating func add(_ heading: String?, _ body: String) {
    sections.append("<section>" + (heading.map { "<h2>\(escaped($0))</h2>\n" } ?? "") + body + "</section>\n")
  }

  package var html: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <style>\(PageStyle.css)</style>
    </head>
    <body><main>
    <header><h1>\(escaped(title))</h1>
    <p class="lead">\(lead)</p></header>
    \(sections.joined())<footer>Made by nunchi. This page holds everything it shows and asks no server for anything.</footer>
    </main></body>
    </html>

    """
  }
}

/// Tiles with numbers at the top of a page.
package struct Tiles {
  private var html = ""

  package init() {}

  package mutating func add(_ value: String, _ words: String, isWarning: Bool = false) {
    html +=
      "<div class=\"tile\(isWarning ? " warn" : "")\"><b>\(escaped(value))</b><span>\(escaped(words))</span></div>"
  }

  package var body: String { "<div class=\"tiles\">\(html)</div>\n" }
}

/// A table: columns of text are aligned left, those of numbers right. The first column of text is the head of the rows.
/// A wide table scrolls, also by keyboard.
package struct PageTable {
  /// A text with a small line below it.
  package struct Cell {
    let text: String
    let detail: String?

    package init(_ text: String, detail: String? = nil) { (self.text, self.detail) = (text, detail) }
  }

  private let label: String
  private let textColumns: Set<Int>
  private let head: String
  private var rows = ""

  /// - Parameter label: the subject of the table, for screen readers.
  package init(_ label: String = "table", header: [String], textColumns: Set<Int> = [0]) {
    self.label = label
    self.textColumns = textColumns
    head = header.enumerated().map { column, name in
      "<th scope=\"col\"\(textColumns.contains(column) ? " class=\"text\"" : "")>\(escaped(name))</th>"
    }.joined()
  }

  package mutating func append(_ row: [String]) { append(row.map { Cell($0) }) }

  package mutating func append(_ row: [Cell]) {
    let cells = row.enumerated().map { column, cell in
      let detail = cell.detail.map { "<small>\(escaped($0))</small>" } ?? ""
      let kind = textColumns.contains(column) ? " class=\"text\"" : ""
      return column == textColumns.min()
        ? "<th scope=\"row\"\(kind)>\(escaped(cell.text))\(detail)</th>"
        : "<td\(kind)>\(escaped(cell.text))\(detail)</td>"
    }
    rows += "<tr>\(cells.joined())</tr>\n"
  }

  package var body: String {
    """
    <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(label))"><table><thead><tr>\(head)</tr></thead>
    <tbody>\(rows)</tbody></table></div>

    """
  }
}

/// Numbers as text for people.
package enum Figure {
  /// 1234567 as 1,234,567.
  package static func grouped(_ value: Int) -> String { NumberText.grouped(value) }

  /// A number with so many decimals.
  package static func fixed(_ value: Double, _ decimals: Int) -> String { NumberText.fixed(value, decimals) }

  /// 0.873 as 87 %.
  package static func percent(_ share: Double) -> String { NumberText.percent(share, space: "\u{A0}") }

  /// 1453082 as 1.45 M; all digits up to 99999.
  package static func scaled(_ value: Int) -> String {
    value < 100_000 ? grouped(value) : NumberText.scaled(value, space: "\u{A0}")
  }

  /// A range of shares, with a dash at which no line breaks.
  static func range(_ lower: Double, _ upper: Double, _ decimals: Int) -> String {
    "\(fixed(lower, decimals))\u{2060}–\u{2060}\(fixed(upper, decimals))"
  }

  /// Seconds as 42 s, 3:07 or 1:03:07.
  package static func duration(_ seconds: Double) -> String { NumberText.duration(seconds) }

  package static func bytes(_ count: Int) -> String {
    let kibi = Double(count) / 1024
    if kibi < 1000 { return fixed(kibi, kibi < 10 ? 1 : 0) + " KiB" }
    return fixed(kibi / 1024, 1) + " MiB"
  }
}
