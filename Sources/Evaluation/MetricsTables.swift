import NunchiDocuments
import NunchiSystem

extension ClassificationMetrics {
  /// The metrics as tables for people: the summary, the classes, the confusion matrix. Long tables are cut and say so.
  /// The warnings are not included.
  public var table: String {
    [summary, more, classTable, confusion.table, pairs].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var summary: String {
    var table = TextTable(textColumns: [0, 2])
    table.append(["images", String(images)])
    table.append(["accuracy", decimal(accuracy), "95 %: \(accuracyInterval.text)"])
    table.append([
      "majority baseline", decimal(baseline.accuracy), "always answering '\(TextTable.shortened(baseline.className))'",
    ])
    table.append(["balanced accuracy", decimal(balancedAccuracy)])
    table.append(["macro F1", decimal(macro.f1), "95 %: \(f1MacroInterval.text)"])
    for top in topK { table.append(["top-\(top.k) accuracy", decimal(top.accuracy), "95 %: \(top.interval.text)"]) }
    guard accuracyInterval.lower <= baseline.accuracy else { return table.text }
    return table.text + "(the accuracy is not surely above the majority baseline)\n"
  }

  /// Further metrics in two lines: agreement and areas, then those of probabilities.
  private var more: String {
    func line(_ parts: [(String, Double?)]) -> String {
      let known = parts.compactMap { name, value in value.map { "\(name) \(decimal($0))" } }
      return known.isEmpty ? "" : known.joined(separator: ", ") + "\n"
    }
    return line([
      ("kappa", kappa), ("MCC", matthews), ("macro ROC AUC", self[.rocAUCMacro]),
      ("macro average precision", self[.averagePrecisionMacro]),
    ]) + line([("log loss", crossEntropy), ("Brier score", brier), ("calibration error", calibration?.expectedError)])
  }

  // MARK: Classes

  private static let mostClasses = 30
  private static let classesShown = 20

  /// Each class with the 95 % intervals of precision and recall. Of many classes only those with the lowest F1.
  private var classTable: String {
    let isCut = classes.count > Self.mostClasses
    let shown = isCut ? Array(weakest.prefix(Self.classesShown)) : classes
    var table = TextTable(header: ["class", "precision", "95 %", "recall", "95 %", "F1", "images"])
    for metrics in shown {
      table.append([
        TextTable.shortened(metrics.name), decimal(metrics.precision), metrics.precisionInterval?.brief ?? "-",
        decimal(metrics.recall), metrics.recallInterval?.brief ?? "-", decimal(metrics.f1), String(metrics.support),
      ])
    }
    for (name, scores) in [("macro average", macro), ("weighted average", weighted)] {
      table.append([
        name, decimal(scores.precision), "", decimal(scores.recall), "", decimal(scores.f1), String(images),
      ])
    }
    guard isCut else { return table.text }
    return table.text
      + "(the \(shown.count) classes of the least F1; \(classes.count - shown.count) more are not shown)\n"
  }

  /// The classes by rising F1; equal ones keep their order.
  private var weakest: [ClassMetrics] {
    classes.indices.sorted { (classes[$0].f1, $0) < (classes[$1].f1, $1) }.map { classes[$0] }
  }

  // MARK: Pairs

  private static let pairsShown = 5

  /// The pairs that are confused most. Empty for two classes, where the confusion matrix shows them.
  private var pairs: String {
    let pairs = confusion.mostConfused(Self.pairsShown)
    guard confusion.classes > 2, !pairs.isEmpty else { return "" }
    var table = TextTable(header: ["most confused", "taken for", "images", "of the class"], textColumns: [0, 1])
    for pair in pairs {
      table.append([
        TextTable.shortened(pair.truth), TextTable.shortened(pair.predicted), String(pair.images),
        NumberText.percent(pair.share),
      ])
    }
    return table.text
  }
}

extension ConfusionMatrix {
  private static let mostClasses = 20
  private static let mostCells = 100

  /// The counts as a table for people. Columns have the names of the classes where a terminal is wide enough, else
  /// their numbers. Empty for more than 20 classes.
  public var table: String {
    guard classes <= Self.mostClasses else { return "" }
    let named = table(rows: classNames, columns: classNames)
    let width = named.split(separator: "\n").map { TextTable.width(of: String($0)) }.max() ?? 0
    if width <= Self.mostCells { return named }
    let numbers = (1...classes).map(String.init)
    return table(
      rows: zip(numbers, classNames).map { "\($0) \(TextTable.shortened($1))" }, columns: numbers)
  }

  private func table(rows names: [String], columns: [String]) -> String {
    var table = TextTable(header: ["true \\ predicted"] + columns)
    for (name, row) in zip(names, rows) { table.append([name] + row.map(String.init)) }
    return table.text
  }
}

extension Interval {
  var text: String { "\(decimal(lower))–\(decimal(upper))" }

  /// The interval with two digits, for the cell of a table.
  fileprivate var brief: String { "\(hundredths(lower))–\(hundredths(upper))" }
}

/// A share with two digits after the point.
private func hundredths(_ share: Double) -> String { String(decimal((100 * share).rounded() / 100).dropLast(2)) }
