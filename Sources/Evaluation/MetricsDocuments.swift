import NunchiDocuments

extension ClassificationMetrics {
  /// The `result` of `evaluate --json`. Numbers that are not known are left out.
  public var json: JSON {
    var object = JSON.Object([JSON.Member("images", .integer(images))])
    for metric in Metric.allCases {
      if let value = self[metric] { object[metric.rawValue] = .number(value) }
    }
    if !topK.isEmpty {
      object["top_k"] = .array(
        topK.map { ["k": .integer($0.k), "accuracy": .number($0.accuracy), "interval": $0.interval.json] })
    }
    object["majority_baseline"] = ["class": .string(baseline.className), "accuracy": .number(baseline.accuracy)]
    object["classes"] = .array(classes.map(\.json))
    object["confusion"] = .array(confusion.rows.map { JSON($0) })
    object["intervals"] = ["accuracy": accuracyInterval.json, "f1_macro": f1MacroInterval.json]
    object["warnings"] = JSON(warnings)
    return .object(object)
  }

  /// The metrics for a person: the whole, the classes, the confusion.
  public var table: String {
    [summary, classTable, confusion.table, warnings.map { "warning: \($0)\n" }.joined()].filter { !$0.isEmpty }
      .joined(separator: "\n")
  }

  private var summary: String {
    var table = TextTable()
    table.append(["images", String(images)])
    table.append(["accuracy", decimal(accuracy), "95 %: \(accuracyInterval.text)"])
    table.append(["always \(baseline.className)", decimal(baseline.accuracy)])
    table.append(["balanced accuracy", decimal(balancedAccuracy)])
    table.append(["macro F1", decimal(macro.f1), "95 %: \(f1MacroInterval.text)"])
    for top in topK { table.append(["top-\(top.k) accuracy", decimal(top.accuracy), "95 %: \(top.interval.text)"]) }
    table.append(["kappa", decimal(kappa)])
    table.append(["MCC", decimal(matthews)])
    for (name, metric) in [
      ("macro ROC AUC", Metric.rocAUCMacro), ("macro average precision", .averagePrecisionMacro),
    ] {
      if let value = self[metric] { table.append([name, decimal(value)]) }
    }
    if let crossEntropy { table.append(["log loss", decimal(crossEntropy)]) }
    if let brier { table.append(["Brier score", decimal(brier)]) }
    if let calibration { table.append(["calibration error", decimal(calibration.expectedError)]) }
    return table.text
  }

  private var classTable: String {
    var table = TextTable(header: ["class", "precision", "recall", "F1", "images"])
    for metrics in classes {
      table.append([
        metrics.name, decimal(metrics.precision), decimal(metrics.recall), decimal(metrics.f1), String(metrics.support),
      ])
    }
    for (name, scores) in [("macro average", macro), ("weighted average", weighted)] {
      table.append([name, decimal(scores.precision), decimal(scores.recall), decimal(scores.f1), String(images)])
    }
    return table.text
  }
}

extension ConfusionMatrix {
  /// The counts with both axes named.
  public var table: String {
    var table = TextTable(header: ["true \\ predicted"] + classNames)
    for (name, row) in zip(classNames, rows) { table.append([name] + row.map(String.init)) }
    return table.text
  }
}

extension ClassificationMetrics.ClassMetrics {
  fileprivate var json: JSON {
    var object = JSON.Object([
      .init("name", .string(name)), .init("precision", .number(precision)), .init("recall", .number(recall)),
      .init("f1", .number(f1)), .init("support", .integer(support)),
    ])
    object["roc_auc"] = rocAUC.map(JSON.number)
    object["average_precision"] = averagePrecision.map(JSON.number)
    var intervals = JSON.Object()
    intervals["precision"] = precisionInterval?.json
    intervals["recall"] = recallInterval?.json
    intervals["f1"] = f1Interval?.json
    object["intervals"] = .object(intervals)
    return .object(object)
  }
}

extension Interval {
  var json: JSON {
    ["lower": .number(lower), "upper": .number(upper), "level": .number(level), "method": .string(method.rawValue)]
  }

  var text: String { "\(decimal(lower))–\(decimal(upper))" }
}
