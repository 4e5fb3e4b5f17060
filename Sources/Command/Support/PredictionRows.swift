import NunchiDatasets
import NunchiDocuments
import NunchiInference

/// Writes answers in one of several formats. Lines are written at once, tables and documents at the end.
struct PredictionRows {
  enum Form {
    case table, document, lines, values
  }

  let form: Form
  private let classes: [String]
  /// Whether the probability of every class is written.
  private let showsAll: Bool
  private var rows: [PredictionRow] = []
  private(set) var count = 0
  private(set) var unreadable = 0

  init(_ form: Form, classes: [String], showsAll: Bool) {
    (self.form, self.classes, self.showsAll) = (form, classes, showsAll)
    if form == .values {
      Console.result(Self.line(["path", "class", "probability"] + allTitles + ["milliseconds", "error"]))
    }
  }

  private var allTitles: [String] { showsAll ? classes.map { "p(\($0))" } : [] }

  /// Cells with the probability of every class, or empty ones; none where they are not shown.
  private func allCells(_ row: PredictionRow, _ empty: String, _ text: (Float) -> String) -> [String] {
    guard showsAll else { return [] }
    return row.answer.map { $0.probabilities.map(text) } ?? classes.map { _ in empty }
  }

  mutating func add(_ new: [PredictionRow]) {
    count += new.count
    unreadable += new.count { $0.answer == nil }
    switch form {
    case .table, .document: rows += new
    case .lines: for row in new { Console.result(row.json(showsAll: showsAll).compact()) }
    case .values: for row in new { Console.result(values(row)) }
    }
  }

  func document(model: String) -> JSON {
    [
      "model": JSON(model), "classes": JSON(classes), "inputs": JSON(count), "unreadable": JSON(unreadable),
      "rows": .array(rows.map { $0.json(showsAll: showsAll) }),
    ]
  }

  private static let (mostCells, mostCounted) = (60, 10)

  /// The answers as a table. An input that cannot be read has the reason at the end of its line. Long paths are cut at
  /// the beginning. Many answers are followed by their counts.
  var table: String {
    var table = TextTable(header: ["input", "class", "probability"] + allTitles + ["ms"], textColumns: [0, 1])
    func text(_ probability: Float) -> String { Text.fixed(Double(probability), 4) }
    for row in rows {
      let answer = row.answer
      table.append(
        [
          Self.ending(row.path), answer?.label ?? "-",
          answer.map { text($0.probability) } ?? "-",
        ]
          + allCells(row, "-", text) + [Text.fixed(row.milliseconds, 1)])
    }
    let lines = table.text.split(separator: "\n").map(String.init)
    return zip(lines, [nil] + rows.map(\.error)).map { $0 + ($1.map { "  " + $0 } ?? "") + "\n" }.joined() + counts
  }

  /// How often each class was answered.
  private var counts: String {
    guard rows.count > Self.mostCounted else { return "" }
    var found = [Int](repeating: 0, count: classes.count)
    for row in rows { if let answer = row.answer { found[answer.place] += 1 } }
    let named = found.indices.filter { found[$0] > 0 }.sorted { (found[$0], $1) > (found[$1], $0) }
    let parts = named.prefix(Self.mostCounted).map { "\(found[$0]) \(TextTable.shortened(classes[$0]))" }
    let rest = named.dropFirst(Self.mostCounted).reduce(0) { $0 + found[$1] }
    let more = (rest > 0 ? ["\(rest) others"] : []) + (unreadable > 0 ? ["\(unreadable) not readable"] : [])
    return "\n\(count) inputs: \((parts + more).joined(separator: ", "))\n"
  }

  /// The end of a path, as much as fits into a line.
  private static func ending(_ path: String) -> String {
    guard TextTable.width(of: path) > mostCells else { return path }
    var cells = 1
    let kept = path.reversed().prefix { character in
      cells += TextTable.width(of: String(character))
      return cells <= mostCells
    }
    return "…" + String(kept.reversed())
  }

  private func values(_ row: PredictionRow) -> String {
    let answer = row.answer
    return Self.line(
      [row.path, answer?.label ?? "", answer.map { "\($0.probability)" } ?? ""]
        + allCells(row, "") { "\($0)" } + [Text.fixed(row.milliseconds, 3), row.error ?? ""])
  }

  private static func line(_ cells: [String]) -> String { cells.map(CSVText.field).joined(separator: ",") }
}
