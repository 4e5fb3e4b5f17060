/// The policy that keeps the best epoch and says when to stop: after `patience` epochs without a better one.
///
/// Of two epochs with the same value the one with the lower loss is better, otherwise the earlier one.
public struct EarlyStopping: Sendable {
  public let patience: Int?
  private let rises: Bool
  /// The best epoch so far, its value and its loss.
  public private(set) var best: (epoch: Int, value: Double, loss: Double)?
  private var last = 0

  /// - Parameter risesWithQuality: whether a higher value is better.
  public init(patience: Int?, risesWithQuality: Bool) {
    self.patience = patience
    rises = risesWithQuality
  }

  /// Takes the value of an epoch, counted from 1; returns whether it is the best so far. One that is not a number never is,
  /// unless it is the first.
  public mutating func record(epoch: Int, value: Double, loss: Double) -> Bool {
    last = epoch
    guard let best, !best.value.isNaN else {
      self.best = (epoch, value, loss)
      return true
    }
    let better = rises ? value > best.value : value < best.value
    guard better || (value == best.value && loss < best.loss) else { return false }
    self.best = (epoch, value, loss)
    return true
  }

  /// Takes an epoch that was recorded before.
  mutating func record(_ record: EpochRecord) -> Bool {
    self.record(epoch: record.epoch, value: record.monitored, loss: record.validationLoss ?? record.trainLoss)
  }

  /// Whether patience has run out.
  public var shouldStop: Bool {
    guard let patience, let best else { return false }
    return last - best.epoch >= patience
  }
}
