import NunchiDocuments

extension Calibration {
  /// The reliability diagram. A bin without images has only its bounds.
  package var json: JSON {
    let width = 1 / Double(bins.count)
    return [
      "ece": .number(expectedError), "mce": .number(maximumError),
      "bins": .array(
        bins.enumerated().map { index, bin in
          var object = JSON.Object([
            .init("lower", .number(Double(index) * width)), .init("upper", .number(Double(index + 1) * width)),
            .init("images", .integer(bin.images)),
          ])
          if bin.images > 0 {
            object["accuracy"] = .number(bin.accuracy)
            object["confidence"] = .number(bin.confidence)
          }
          return .object(object)
        }),
    ]
  }
}

extension TemperatureFit {
  package var json: JSON {
    [
      "temperature": .number(temperature.value), "images": .integer(images), "at_limit": .bool(isAtLimit),
      "before": ["log_loss": .number(logLossBefore), "ece": .number(calibrationErrorBefore)],
      "after": ["log_loss": .number(logLoss), "ece": .number(calibrationError)],
    ]
  }
}

extension Ranking {
  /// Both curves, thinned for drawing. A curve that does not exist is left out.
  package func json(limit: Int = 200) -> JSON {
    var object = JSON.Object([
      .init("positives", .integer(positives)), .init("negatives", .integer(negatives)),
    ])
    object["roc_auc"] = rocAUC.map(JSON.number)
    object["average_precision"] = averagePrecision.map(JSON.number)
    object["roc_curve"] = rocCurve?.thinned(to: limit).json(x: "false_positive_rate", y: "recall")
    object["precision_recall_curve"] = precisionRecallCurve?.thinned(to: limit).json(x: "recall", y: "precision")
    return .object(object)
  }
}

extension Curve {
  /// One object per point, keyed by the names of the axes. `threshold` is null at the point that accepts nothing.
  func json(x: String, y: String) -> JSON {
    .array(points.map { [x: .number($0.x), y: .number($0.y), "threshold": $0.score.map { JSON($0) } ?? .null] })
  }
}

extension ThresholdChoice {
  package var json: JSON {
    [
      "class": .string(className), "rule": .string(rule.description), "threshold": JSON(threshold),
      "precision": .number(precision), "recall": .number(recall), "f1": .number(f1), "accuracy": .number(accuracy),
      "false_positive_rate": .number(falsePositiveRate), "true_positives": .integer(truePositives),
      "false_positives": .integer(falsePositives), "false_negatives": .integer(falseNegatives),
      "true_negatives": .integer(trueNegatives),
    ]
  }
}

extension ConfusedPair {
  package var json: JSON {
    [
      "class": .string(truth), "predicted": .string(predicted), "images": .integer(images), "share": .number(share),
    ]
  }
}

extension Mistake {
  /// - Parameter classNames: the classes of the answers, in their order.
  package func json(_ classNames: [String]) -> JSON {
    [
      "image": .integer(image), "class": .string(classNames[truth]), "predicted": .string(classNames[predicted]),
      "probability": JSON(confidence), "class_probability": JSON(truthProbability),
    ]
  }
}

extension Comparison {
  package var json: JSON {
    [
      "images": .integer(images), "both_right": .integer(bothRight), "both_wrong": .integer(bothWrong),
      "fixes": .integer(fixed.count), "breaks": .integer(broken.count), "p_value": .number(pValue),
      "sentence": .string(sentence), "differences": .array(differences.map(\.json)),
    ]
  }
}

extension Comparison.Difference {
  fileprivate var json: JSON {
    var object = JSON.Object([
      .init("metric", .string(metric.rawValue)), .init("first", .number(first)), .init("second", .number(second)),
      .init("difference", .number(value)),
    ])
    object["interval"] = interval?.json
    return .object(object)
  }
}

extension CrossValidation {
  package var json: JSON { ["folds": .integer(folds.count), "metrics": metricsJSON] }

  /// Mean, deviation and values of each metric. A metric that some fold lacks is left out.
  package var metricsJSON: JSON {
    var metrics = JSON.Object()
    for metric in Metric.allCases {
      guard let spread = self[metric] else { continue }
      metrics[metric.rawValue] = [
        "mean": .number(spread.mean), "deviation": .number(spread.deviation), "values": JSON(spread.values),
      ]
    }
    return .object(metrics)
  }
}

extension Gate.Outcome {
  package var json: JSON {
    [
      "metric": .string(gate.metric.rawValue), "relation": .string(gate.relation.rawValue),
      "bound": .number(gate.bound), "found": JSON(found), "met": .bool(isMet),
    ]
  }
}
