/// The metrics of a whole evaluation by name, for gates (`f1_macro>=0.9`) and for choosing the best weights.
public enum Metric: String, Hashable, Sendable, Codable, CaseIterable {
  case accuracy
  case balancedAccuracy = "balanced_accuracy"
  case f1Macro = "f1_macro"
  case precisionMacro = "precision_macro"
  case recallMacro = "recall_macro"
  case f1Weighted = "f1_weighted"
  case precisionWeighted = "precision_weighted"
  case recallWeighted = "recall_weighted"
  case f1Micro = "f1_micro"
  case logLoss = "log_loss"
  case calibrationError = "ece"

  /// Whether more is better.
  public var risesWithQuality: Bool {
    switch self {
    case .accuracy, .balancedAccuracy, .f1Macro, .precisionMacro, .recallMacro, .f1Weighted, .precisionWeighted,
      .recallWeighted, .f1Micro:
      true
    case .logLoss, .calibrationError: false
    }
  }
}

extension ClassificationMetrics {
  /// The value of a metric; `nil` where it needs probabilities and there were none.
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
    case .logLoss: crossEntropy
    case .calibrationError: calibration?.expectedError
    }
  }
}
