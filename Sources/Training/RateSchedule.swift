#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The learning rate of every step: a straight rise over the warm-up, then constant or half a cosine to zero.
public struct RateSchedule: Sendable {
  public let kind: TrainingSettings.Schedule
  /// The highest rate.
  public let rate: Float
  /// Steps of the warm-up, and of all.
  public let warmup: Int
  public let steps: Int

  public init(_ kind: TrainingSettings.Schedule, rate: Float, warmup: Int, steps: Int) {
    self.kind = kind
    self.rate = rate
    self.steps = max(steps, 1)
    self.warmup = min(max(warmup, 0), self.steps / 2)
  }

  /// The rate of step `step`, counted from 0.
  public func rate(step: Int) -> Float {
    if step < warmup { return rate * Float(step + 1) / Float(warmup) }
    switch kind {
    case .constant: return rate
    case .cosine:
      let progress = Double(min(step, steps) - warmup) / Double(steps - warmup)
      return Float(Double(rate) * 0.5 * (1 + cos(Double.pi * progress)))
    }
  }
}
