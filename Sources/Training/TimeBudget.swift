/// Fits the number of epochs into a time: after every epoch, the time left is divided by the time of an epoch.
package struct TimeBudget {
  /// The seconds for the whole training.
  package let seconds: Double
  /// The most epochs, however much time there is.
  package let limit: Int

  package init(seconds: Double, limit: Int) { (self.seconds, self.limit) = (seconds, limit) }

  /// The share kept for the final evaluation and for slower epochs.
  private static let reserve = 0.05

  /// The total number of epochs, from the times at which the finished epochs ended.
  package func epochs(ends: [Double]) -> Int {
    guard let last = ends.last else { return limit }
    // The last epoch counts, because the first one also decodes the images.
    let recent = last - (ends.dropLast().last ?? 0)
    let rest = seconds * (1 - Self.reserve) - last
    return min(limit, ends.count + max(0, Int(rest / max(recent, 1e-6))))
  }
}
