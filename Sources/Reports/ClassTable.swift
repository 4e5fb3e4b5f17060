import NunchiDocuments

/// The numbers of each class with their 95 % intervals, from the metrics of a split.
struct ClassTable {
  private let rows: [JSON]
  private static let mostInOrder = 20

  init?(_ metrics: JSON) {
    guard let rows = metrics["classes"]?.arrayValue, !rows.isEmpty else { return nil }
    self.rows = rows
  }

  var names: [String] { rows.map { $0["name"]?.stringValue ?? "" } }

  /// Many classes come by rising F1, so that the weak ones are seen, with the numbers that the confusion matrix has for them.
  var body: String {
    let isSorted = rows.count > Self.mostInOrder
    let order = isSorted ? rows.indices.sorted { (f1($0), $0) < (f1($1), $1) } : Array(rows.indices)
    let header = ["class", "precision", "recall", "F1", "pictures", "ROC area", "average precision"]
    var table = PageTable(
      "numbers of each class", header: (isSorted ? ["no."] : []) + header, textColumns: isSorted ? [1] : [0])
    for index in order { table.append((isSorted ? [PageTable.Cell("\(index + 1)")] : []) + cells(rows[index])) }
    return (isSorted ? "<p class=\"note\">by rising F1</p>" : "")
      + "<div class=\"card\">\(table.body)<p class=\"note\">Small: what holds the true value with 95\u{A0}% confidence, by "
      + "Wilson’s score; for F1 by drawing the pictures anew.</p></div>"
  }

  private func f1(_ index: Int) -> Double { rows[index]["f1"]?.doubleValue ?? 0 }

  private func cells(_ row: JSON) -> [PageTable.Cell] {
    func number(_ key: String) -> String { row[key]?.doubleValue.map { Figure.fixed($0, 4) } ?? "–" }
    let scores = ["precision", "recall", "f1"].map { key in
      PageTable.Cell(number(key), detail: interval(row["intervals"]?[key]))
    }
    return [PageTable.Cell(row["name"]?.stringValue ?? "")] + scores
      + [PageTable.Cell(Figure.grouped(row["support"]?.intValue ?? 0))]
      + ["roc_auc", "average_precision"].map { PageTable.Cell(number($0)) }
  }

  private func interval(_ found: JSON?) -> String? {
    guard let lower = found?["lower"]?.doubleValue, let upper = found?["upper"]?.doubleValue else { return nil }
    return Figure.range(lower, upper, 2)
  }
}
