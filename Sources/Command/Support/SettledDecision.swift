import NunchiDocuments
import NunchiEvaluation
import NunchiInference
import NunchiModelFiles

/// A decision that was chosen on validation images, and the metrics without it.
struct SettledDecision {
  let fit: DecisionFit
  /// The rule of the thresholds; nil where none were asked for.
  let rule: ThresholdRule?
  /// How many images it was chosen on.
  let images: Int
  /// The model with the decision.
  let model: LoadedModel
  /// The metrics without the decision.
  let before: ClassificationMetrics
  /// Whether it was chosen on the images that are evaluated.
  let isOnMeasured: Bool

  var warnings: [String] {
    var warnings: [String] = []
    if isOnMeasured {
      warnings.append("what was chosen is measured on the very pictures that it was chosen on, which flatters it")
    }
    if let temperature = fit.temperature, temperature.isAtLimit {
      warnings.append("no temperature was taken: the validation pictures are too few or too easy to fit one")
    }
    if fit.dropsThresholds {
      warnings.append("the model's thresholds are dropped: they were chosen for its probabilities without calibration")
    }
    for refusal in fit.refusals { warnings.append("no threshold for \(refusal.className): \(refusal.reason)") }
    return warnings
  }

  /// Its members in the result.
  var members: [JSON.Member] {
    var members: [JSON.Member] = []
    if let temperature = fit.temperature {
      var object = temperature.json.objectValue ?? JSON.Object()
      object["split"] = "validation"
      members.append(.init("calibration", .object(object)))
    }
    if let rule {
      members.append(
        .init(
          "thresholds",
          [
            "split": "validation", "images": .integer(images), "rule": JSON(rule.description),
            "choices": .array(fit.choices.map(\.json)),
            "refused": .array(
              fit.refusals.map { ["class": JSON($0.className), "reason": JSON($0.reason.description)] }),
          ]))
    }
    return members + [.init("before", before.json)]
  }

  func text(_ after: ClassificationMetrics) -> String {
    var text = "chosen on \(images) validation pictures\n"
    if let temperature = fit.temperature {
      text += "temperature \(Text.fixed(temperature.temperature.value, 4)): log loss "
      text += "\(Text.fixed(temperature.logLossBefore, 4)) → \(Text.fixed(temperature.logLoss, 4)), calibration error "
      text += "\(Text.fixed(temperature.calibrationErrorBefore, 4)) → \(Text.fixed(temperature.calibrationError, 4))\n"
    }
    if let rule {
      var table = TextTable(header: [rule.description, "threshold", "precision", "recall", "F1"])
      for choice in fit.choices {
        table.append(
          [choice.className]
            + [Double(choice.threshold), choice.precision, choice.recall, choice.f1].map { Text.fixed($0, 4) })
      }
      text += table.text
    }
    var table = TextTable(header: ["measured", "before", "now"])
    for metric in [Metric.accuracy, .balancedAccuracy, .f1Macro, .logLoss, .calibrationError] {
      guard let old = before[metric], let new = after[metric] else { continue }
      table.append([metric.rawValue, Text.fixed(old, 4), Text.fixed(new, 4)])
    }
    return text + "\n" + table.text
  }
}
