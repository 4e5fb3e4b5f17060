/// Fits a number of epochs into a time: after every epoch the rest is divided by what an epoch takes.
package struct TimeBudget {
  /// Seconds for the whole training.
  package let seconds: Double
  /// The most epochs, however much time there is.
  package let limit: Int

  package init(seconds: Double, limit: Int) { (self.seconds, self.limit) = (seconds, limit) }

  /// Kept back for the final evaluation and for epochs that take longer.
  private static let reserve = 0.05

  /// Epochs in all, given the times at which those that are done have ended.
  package func epochs(ends: [Double]) -> Int {
    guard let last = ends.last else { return limit }
    // The first epoch decodes; later ones may not.
    let recent = last - (ends.dropLast().last ?? 0)
    let rest = seconds * (1 - Self.reserve) - last
    return min(limit, ends.count + max(0, Int(rest / max(recent, 1e-6))))
  }
}
