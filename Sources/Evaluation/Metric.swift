/// A metric of an evaluation, by its name in documents and options such as `f1_macro`.
public enum Metric: String, Hashable, Sendable, CaseIterable {
  /// The share of right answers.
  case accuracy
  /// The mean recall of the classes that have images.
  case balancedAccuracy = "balanced_accuracy"
  /// The mean F1 of the classes.
  case f1Macro = "f1_macro"
  /// The mean precision of the classes.
  case precisionMacro = "precision_macro"
  /// The mean recall of the classes.
  case recallMacro = "recall_macro"
  /// The mean F1 of the classes, weighted by support.
  case f1Weighted = "f1_weighted"
  /// The mean precision of the classes, weighted by support.
  case precisionWeighted = "precision_weighted"
  /// The mean recall of the classes, weighted by support.
  case recallWeighted = "recall_weighted"
  /// F1 over all answers together, which is the accuracy.
  case f1Micro = "f1_micro"
  /// Cohen's kappa: accuracy beyond chance.
  case kappa
  /// Matthews' correlation coefficient.
  case matthews = "mcc"
  /// The mean area under the ROC curves of the classes, each against all others.
  case rocAUCMacro = "roc_auc_macro"
  /// The mean average precision of the classes, each against all others.
  case averagePrecisionMacro = "average_precision_macro"
  /// The log loss: the mean of −ln p(true class).
  case logLoss = "log_loss"
  /// The Brier score.
  case brier
  /// The expected calibration error.
  case calibrationError = "ece"
  /// The maximum calibration error.
  case maximumCalibrationError = "mce"

  /// Whether a higher value is better.
  public var risesWithQuality: Bool {
    switch self {
    case .accuracy, .balancedAccuracy, .f1Macro, .precisionMacro, .recallMacro, .f1Weighted, .precisionWeighted,
      .recallWeighted, .f1Micro, .kappa, .matthews, .rocAUCMacro, .averagePrecisionMacro:
      true
    case .logLoss, .brier, .calibrationError, .maximumCalibrationError: false
    }
  }
}

extension ClassificationMetrics {
  /// The value of a metric; `nil` where it needs probabilities and there were none.
  ///
  ///     print(metrics[.f1Macro] ?? 0)
  ///
  /// The macro averages of areas run over the classes whose area is defined.
  public subscript(metric: Metric) -> Double? {
    switch metric {
    case .accuracy: accuracy
    case .balancedAccuracy: balancedAccuracy
    case .f1Macro: macro.f1
    case .precisionMacro: macro.precision
    case .recallMacro: macro.recall
    case .f1Weighted: weighted.f1
    case .precisionWeighted: weighted.precision
    case .recallWeighted: weighted.recall
    case .f1Micro: micro.f1
    case .kappa: kappa
    case .matthews: matthews
    case .rocAUCMacro: mean(classes.compactMap(\.rocAUC))
    case .averagePrecisionMacro: mean(classes.compactMap(\.averagePrecision))
    case .logLoss: crossEntropy
    case .brier: brier
    case .calibrationError: calibration?.expectedError
    case .maximumCalibrationError: calibration?.maximumError
    }
  }
}

/// The mean; `nil` of no values.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
