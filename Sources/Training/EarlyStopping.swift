/// Tracks the best epoch, and stops after `patience` epochs without a better one.
///
/// Of two epochs with the same value the one with the lower loss is better, then the earlier one.
package struct EarlyStopping: Sendable {
  package let patience: Int?
  private let minDelta: Double
  private let rises: Bool
  /// The best epoch so far, its value and its loss.
  package private(set) var best: (epoch: Int, value: Double, loss: Double)?
  private var last = 0
  /// The epoch that patience counts from, and its value.
  private var mark: (epoch: Int, value: Double)?

  /// - Parameters:
  ///   - minDelta: by how much a value must be better to restart the count. It does not affect which epoch is the best.
  ///   - risesWithQuality: whether a higher value is better.
  package init(patience: Int?, minDelta: Double = 0, risesWithQuality: Bool) {
    self.patience = patience
    self.minDelta = minDelta
    rises = risesWithQuality
  }

  /// Records the value of an epoch, counted from 1, and returns whether it is the best so far. NaN never is, unless it
  /// is the first.
  package mutating func record(epoch: Int, value: Double, loss: Double) -> Bool {
    last = epoch
    guard isBest(value, loss) else { return false }
    let gain = mark.map { rises ? value - $0.value : $0.value - value }
    if minDelta == 0 || !(gain.map { $0 <= minDelta } ?? false) { mark = (epoch, value) }
    best = (epoch, value, loss)
    return true
  }

  private func isBest(_ value: Double, _ loss: Double) -> Bool {
    guard let best, !best.value.isNaN else { return true }
    return (rises ? value > best.value : value < best.value) || (value == best.value && loss < best.loss)
  }

  /// Records an epoch of an earlier process.
  mutating func record(_ record: EpochRecord) -> Bool {
    self.record(epoch: record.epoch, value: record.monitored, loss: record.validationLoss ?? record.trainLoss)
  }

  /// Whether patience is exhausted.
  package var shouldStop: Bool {
    guard let patience, let mark else { return false }
    return last - mark.epoch >= patience
  }
}
