import NunchiEvaluation

/// The number that chooses the best epoch, such as `val.f1_macro`.
///
///     settings.monitor = .metric(.accuracy)
public enum Monitor: Hashable, Sendable, CustomStringConvertible {
  /// The mean training loss of an epoch. It is used where there are no validation images.
  case trainingLoss
  /// The mean loss of the validation images, without label smoothing and class weights.
  case loss
  /// A metric of the validation images.
  case metric(Metric)

  /// Macro F1 of the validation images.
  public static let `default` = Monitor.metric(.f1Macro)

  /// Parses `train.loss`, `val.loss`, or `val.` with the name of a metric; nil for anything else.
  public init?(_ name: String) {
    switch name {
    case "train.loss": self = .trainingLoss
    case "val.loss": self = .loss
    default:
      guard name.hasPrefix("val."), let metric = Metric(rawValue: String(name.dropFirst(4))) else { return nil }
      self = .metric(metric)
    }
  }

  /// The names of all monitors.
  public static let names = ["train.loss", "val.loss"] + Metric.allCases.map { "val." + $0.rawValue }

  public var description: String {
    switch self {
    case .trainingLoss: "train.loss"
    case .loss: "val.loss"
    case .metric(let metric): "val." + metric.rawValue
    }
  }

  /// Whether a higher value is better.
  public var risesWithQuality: Bool {
    switch self {
    case .trainingLoss, .loss: false
    case .metric(let metric): metric.risesWithQuality
    }
  }
}
