import NunchiDocuments

extension ClassificationMetrics {
  /// The `result` of `evaluate --json`. Undefined numbers are left out.
  package var json: JSON {
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
}
