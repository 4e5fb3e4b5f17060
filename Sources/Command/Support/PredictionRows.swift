import NunchiDocuments

/// The answer to one input.
struct PredictionRow {
  let path: String
  /// By the model's classes; nil where the input cannot be read.
  var probabilities: [Float]?
  /// Why it cannot.
  var error: String?

  init(path: String) { self.path = path }

  /// The first of the most probable classes.
  var best: (index: Int, probability: Float)? {
    guard let probabilities else { return nil }
    let index = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
    return (index, probabilities[index])
  }
}

/// The answers in one of their forms. Lines are written as they come, tables and documents at the end.
struct PredictionRows {
  enum Form {
    case table, document, lines, values
  }

  let form: Form
  private let classes: [String]
  private var rows: [PredictionRow] = []
  private(set) var count = 0
  private(set) var unreadable = 0

  init(_ form: Form, classes: [String]) {
    (self.form, self.classes) = (form, classes)
    if form == .values {
      Console.result(Self.line(["path", "class", "probability"] + classes.map { "p(\($0))" } + ["error"]))
    }
  }

  mutating func add(_ new: [PredictionRow]) {
    count += new.count
    unreadable += new.count { $0.probabilities == nil }
    switch form {
    case .table, .document: rows += new
    case .lines: for row in new { Console.result(json(row).compact()) }
    case .values: for row in new { Console.result(values(row)) }
    }
  }

  func document(model: String) -> JSON {
    [
      "model": JSON(model), "classes": JSON(classes), "inputs": JSON(count), "unreadable": JSON(unreadable),
      "rows": .array(rows.map(json)),
    ]
  }

  /// What cannot be read has its reason at the end of the line.
  var table: String {
    var table = TextTable(header: ["input", "class", "probability"])
    for row in rows {
      let best = row.best
      table.append([
        row.path, best.map { classes[$0.index] } ?? "-", best.map { Text.fixed(Double($0.probability), 4) } ?? "-",
      ])
    }
    let lines = table.text.split(separator: "\n").map(String.init)
    return zip(lines, [nil] + rows.map(\.error)).map { $0 + ($1.map { "  " + $0 } ?? "") + "\n" }.joined()
  }

  private func json(_ row: PredictionRow) -> JSON {
    let best = row.best
    return [
      "path": JSON(row.path), "class": JSON(best.map { classes[$0.index] }),
      "probability": best.map { JSON($0.probability) } ?? .null,
      "probabilities": row.probabilities.map { values in
        .object(.init(zip(classes, values).map { .init($0, JSON($1)) }))
      } ?? .null, "error": JSON(row.error),
    ]
  }

  private func values(_ row: PredictionRow) -> String {
    let best = row.best
    let probabilities = row.probabilities?.map { "\($0)" } ?? classes.map { _ in "" }
    return Self.line(
      [row.path, best.map { classes[$0.index] } ?? "", best.map { "\($0.probability)" } ?? ""] + probabilities
        + [row.error ?? ""])
  }

  /// RFC 4180: quoted where it must be.
  private static func line(_ cells: [String]) -> String {
    cells.map { cell in
      guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
      return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }.joined(separator: ",")
  }
}
