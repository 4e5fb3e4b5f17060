import NunchiSystem

/// The learning rate of every step: linear warm-up, then the schedule.
package struct RateSchedule: Sendable {
  package let kind: TrainingSettings.Schedule
  /// The highest learning rate.
  package let rate: Float
  /// The steps of the warm-up, and all steps.
  package let warmup: Int
  package let steps: Int

  /// - Parameter warmup: the steps of the warm-up, at most half of all. `oneCycle` has none, because it rises by
  ///   itself.
  package init(_ kind: TrainingSettings.Schedule, rate: Float, warmup: Int, steps: Int) {
    self.kind = kind
    self.rate = rate
    self.steps = max(steps, 1)
    self.warmup = kind == .oneCycle ? 0 : min(max(warmup, 0), self.steps / 2)
  }

  /// The rate of step `step`, counted from 0.
  ///
  /// - Parameter reductions: how often the monitor has plateaued so far. Only `plateau` uses it.
  package func rate(step: Int, reductions: Int = 0) -> Float {
    if step < warmup { return rate * Float(step + 1) / Float(warmup) }
    let progress = Double(min(step, steps) - warmup) / Double(max(steps - warmup, 1))
    return Float(Double(rate) * Self.share(kind, progress, reductions))
  }

  /// The factor on the highest rate when `progress` (0…1) of the steps after the warm-up is done.
  private static func share(_ kind: TrainingSettings.Schedule, _ progress: Double, _ reductions: Int) -> Double {
    switch kind {
    case .constant: 1
    case .cosine: fall(progress)
    case .step: progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01
    case .exponential: pow(0.01, progress)
    case .oneCycle:
      progress < 0.3
        ? 0.04 + 0.96 * (1 - fall(progress / 0.3))
        : 4e-5 + (1 - 4e-5) * fall((progress - 0.3) / 0.7)
    case .plateau: pow(0.3, Double(reductions))
    }
  }

  /// Half a cosine from 1 to 0.
  private static func fall(_ progress: Double) -> Double { 0.5 * (1 + cos(Double.pi * progress)) }
}

/// Counts how often the monitor has not improved for `patience` epochs. Each time the learning rate falls.
package struct Plateau: Sendable {
  package static let patience = 3
  private let rises: Bool
  private var best: Double?
  private var waited = 0
  package private(set) var reductions = 0

  package init(risesWithQuality: Bool) { rises = risesWithQuality }

  /// Records the monitor's value of an epoch.
  package mutating func record(_ value: Double) {
    if let best, !(rises ? value > best : value < best) {
      waited += 1
    } else {
      (best, waited) = (value, 0)
    }
    guard waited >= Self.patience else { return }
    (reductions, waited) = (reductions + 1, 0)
  }
}
