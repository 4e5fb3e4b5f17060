import NunchiEvaluation

/// The number by which the best weights are chosen, such as `val.f1_macro`.
public enum Monitor: Hashable, Sendable, CustomStringConvertible {
  /// The loss over the training images of an epoch; what remains where nothing is held back for validation.
  case trainingLoss
  /// The mean loss over the validation images, without label smoothing and class weights.
  case loss
  /// A metric on the validation images.
  case metric(Metric)

  /// The macro F1 of validation.
  public static let `default` = Monitor.metric(.f1Macro)

  /// `train.loss`, `val.loss`, or `val.` and the name of a metric; nil for anything else.
  public init?(_ name: String) {
    switch name {
    case "train.loss": self = .trainingLoss
    case "val.loss": self = .loss
    default:
      guard name.hasPrefix("val."), let metric = Metric(rawValue: String(name.dropFirst(4))) else { return nil }
      self = .metric(metric)
    }
  }

  /// All names.
  public static let names = ["train.loss", "val.loss"] + Metric.allCases.map { "val." + $0.rawValue }

  public var description: String {
    switch self {
    case .trainingLoss: "train.loss"
    case .loss: "val.loss"
    case .metric(let metric): "val." + metric.rawValue
    }
  }

  /// Whether more is better.
  public var risesWithQuality: Bool {
    switch self {
    case .trainingLoss, .loss: false
    case .metric(let metric): metric.risesWithQuality
    }
  }
}
