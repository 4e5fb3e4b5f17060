import NunchiEvaluation

/// The numbers of each class with their 95 % intervals, from the metrics of a split.
struct ClassTable {
  private let rows: [MetricsRecord.Class]
  private static let mostInOrder = 20

  init?(_ metrics: MetricsRecord) {
    guard !metrics.classes.isEmpty else { return nil }
    rows = metrics.classes
  }

  var names: [String] { rows.map(\.name) }

  /// The table as HTML. Many classes are sorted by rising F1, so that the weak ones are seen, and carry their numbers
  /// in the confusion matrix.
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

  private func f1(_ index: Int) -> Double { rows[index].f1 ?? 0 }

  private func cells(_ row: MetricsRecord.Class) -> [PageTable.Cell] {
    func cell(_ value: Double?, _ interval: Interval? = nil) -> PageTable.Cell {
      PageTable.Cell(
        value.map { Figure.fixed($0, 4) } ?? "–", detail: interval.map { Figure.range($0.lower, $0.upper, 2) })
    }
    return [
      PageTable.Cell(row.name), cell(row.precision, row.precisionInterval), cell(row.recall, row.recallInterval),
      cell(row.f1, row.f1Interval), PageTable.Cell(Figure.grouped(row.support)), cell(row.rocAUC),
      cell(row.averagePrecision),
    ]
  }
}
