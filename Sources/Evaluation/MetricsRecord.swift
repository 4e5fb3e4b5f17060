import NunchiDocuments

/// The metrics of a split, read back from the document that `ClassificationMetrics.json` writes. What the document
/// lacks is nil or empty.
package struct MetricsRecord: Sendable {
  /// The numbers of one class.
  package struct Class: Sendable {
    package let name: String
    package let precision: Double?
    package let recall: Double?
    package let f1: Double?
    package let support: Int
    package let rocAUC: Double?
    package let averagePrecision: Double?
    package let precisionInterval: Interval?
    package let recallInterval: Interval?
    package let f1Interval: Interval?
  }

  /// The accuracy of always answering the most frequent class.
  package struct Baseline: Sendable {
    package let className: String
    package let accuracy: Double
  }

  /// The document that was read.
  package let document: JSON
  package let images: Int
  package let classes: [Class]
  /// The counts as `[true class][predicted class]`.
  package let confusion: [[Int]]
  package let baseline: Baseline?
  package let accuracyInterval: Interval?
  package let f1MacroInterval: Interval?
  package let warnings: [String]
  private let values: [Metric: Double]

  package init(reading document: JSON) {
    self.document = document
    images = document["images"]?.intValue ?? 0
    let known = Metric.allCases.compactMap { metric in document[metric.rawValue]?.doubleValue.map { (metric, $0) } }
    values = Dictionary(uniqueKeysWithValues: known)
    classes = document["classes"]?.arrayValue?.map(Class.init) ?? []
    confusion = document["confusion"]?.arrayValue?.map { $0.arrayValue?.compactMap(\.intValue) ?? [] } ?? []
    let baseline = document["majority_baseline"]
    self.baseline = baseline?["accuracy"]?.doubleValue.map {
      Baseline(className: baseline?["class"]?.stringValue ?? "", accuracy: $0)
    }
    accuracyInterval = Interval(reading: document["intervals"]?["accuracy"])
    f1MacroInterval = Interval(reading: document["intervals"]?["f1_macro"])
    warnings = document["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  package subscript(metric: Metric) -> Double? { values[metric] }

  /// The interval of a metric that has one in the document.
  package func interval(_ metric: Metric) -> Interval? {
    switch metric {
    case .accuracy: accuracyInterval
    case .f1Macro: f1MacroInterval
    case .balancedAccuracy, .precisionMacro, .recallMacro, .f1Weighted, .precisionWeighted, .recallWeighted, .f1Micro,
      .kappa, .matthews, .rocAUCMacro, .averagePrecisionMacro, .logLoss, .brier, .calibrationError,
      .maximumCalibrationError:
      nil
    }
  }
}

extension MetricsRecord.Class {
  fileprivate init(reading row: JSON) {
    name = row["name"]?.stringValue ?? ""
    (precision, recall, f1) = (row["precision"]?.doubleValue, row["recall"]?.doubleValue, row["f1"]?.doubleValue)
    support = row["support"]?.intValue ?? 0
    (rocAUC, averagePrecision) = (row["roc_auc"]?.doubleValue, row["average_precision"]?.doubleValue)
    precisionInterval = Interval(reading: row["intervals"]?["precision"])
    recallInterval = Interval(reading: row["intervals"]?["recall"])
    f1Interval = Interval(reading: row["intervals"]?["f1"])
  }
}

extension Interval {
  /// nil where the document has no such interval.
  init?(reading document: JSON?) {
    guard let lower = document?["lower"]?.doubleValue, let upper = document?["upper"]?.doubleValue else { return nil }
    let method = document?["method"]?.stringValue.flatMap(Method.init)
    self.init(
      lower: lower, upper: upper, level: document?["level"]?.doubleValue ?? 0.95, method: method ?? .bootstrap)
  }
}

/// Mean and deviation of each metric over the folds, read back from the document that `CrossValidation.json` writes.
package struct SpreadRecord: Sendable {
  /// Mean and deviation of one metric.
  package struct Spread: Sendable {
    package let mean: Double
    package let deviation: Double
  }

  /// The member `metrics` that was read.
  package let document: JSON
  private let spreads: [Metric: Spread]

  /// Nil where the document of a cross-validation has no metrics.
  package init?(reading document: JSON?) {
    guard let metrics = document?["metrics"] else { return nil }
    self.document = metrics
    let known = Metric.allCases.compactMap { metric -> (Metric, Spread)? in
      guard let found = metrics[metric.rawValue], let mean = found["mean"]?.doubleValue,
        let deviation = found["deviation"]?.doubleValue
      else { return nil }
      return (metric, Spread(mean: mean, deviation: deviation))
    }
    spreads = Dictionary(uniqueKeysWithValues: known)
  }

  package subscript(metric: Metric) -> Spread? { spreads[metric] }
}
