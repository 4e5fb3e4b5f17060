/// The metrics of a whole evaluation by name, for gates (`f1_macro>=0.9`) and for choosing the best weights.
public enum Metric: String, Hashable, Sendable, CaseIterable {
  /// The share of right answers.
  case accuracy
  /// The mean recall of the classes.
  case balancedAccuracy = "balanced_accuracy"
  /// The mean F1 of the classes.
  case f1Macro = "f1_macro"
  /// The mean precision of the classes.
  case precisionMacro = "precision_macro"
  /// The mean recall of the classes that occur.
  case recallMacro = "recall_macro"
  /// The mean F1, weighed by the size of the classes.
  case f1Weighted = "f1_weighted"
  /// The mean precision, weighed by the size of the classes.
  case precisionWeighted = "precision_weighted"
  /// The mean recall, weighed by the size of the classes.
  case recallWeighted = "recall_weighted"
  /// F1 over all answers together.
  case f1Micro = "f1_micro"
  /// Cohen's kappa: accuracy beyond chance.
  case kappa
  /// Matthews' correlation coefficient.
  case matthews = "mcc"
  /// The mean area under the classes' ROC curves.
  case rocAUCMacro = "roc_auc_macro"
  /// The mean average precision of the classes.
  case averagePrecisionMacro = "average_precision_macro"
  /// The mean of −ln p(true class).
  case logLoss = "log_loss"
  /// The Brier score.
  case brier
  /// The expected calibration error.
  case calibrationError = "ece"
  /// The largest calibration error of a bin.
  case maximumCalibrationError = "mce"

  /// Whether more is better.
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
  /// The macro averages of areas run over the classes that have one: those that occur beside another class.
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

/// The mean; `nil` of nothing.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
