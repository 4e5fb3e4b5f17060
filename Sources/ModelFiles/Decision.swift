/// How the outputs of a model become an answer: a temperature and thresholds, chosen after training on validation
/// images.
package struct Decision: Sendable, Hashable {
  /// Divides the logits before the softmax. It is above 0; 1 leaves the probabilities as they are.
  package let temperature: Double
  /// The probability from which on each class is accepted; `nil` for a class without a threshold. Empty where no class
  /// has one.
  package let thresholds: [Float?]

  /// - Parameter thresholds: one for each class, or none at all.
  package init(temperature: Double = 1, thresholds: [Float?] = []) {
    precondition(temperature > 0 && temperature.isFinite, "a temperature is above 0, got \(temperature)")
    self.temperature = temperature
    self.thresholds = thresholds.contains { $0 != nil } ? thresholds : []
  }

  /// Answers with the most probable class, at temperature 1.
  package static let plain = Decision()

  /// The class that is answered.
  ///
  /// 1. Of the classes with a threshold, the one with the greatest p / threshold, if that is at least 1.
  /// 2. Else the most probable of the classes without a threshold.
  /// 3. Where every class has one, the one with the greatest p / threshold.
  ///
  /// Without any thresholds it is the most probable class. Of equal classes the first one is answered.
  package func answer(_ probabilities: some RandomAccessCollection<Float>) -> Int {
    if thresholds.isEmpty { return Self.first(probabilities.lazy.map { Double($0) }) }
    precondition(thresholds.count == probabilities.count, "one threshold a class, got \(thresholds.count)")
    let reached = zip(probabilities, thresholds).map { probability, threshold in
      // A threshold of 0 accepts everything.
      threshold.map { Double(probability) / Double(max($0, .leastNormalMagnitude)) } ?? -1
    }
    let best = Self.first(reached)
    if reached[best] >= 1 || !thresholds.contains(nil) { return best }
    return Self.first(zip(probabilities, thresholds).map { $1 == nil ? Double($0) : -1 })
  }

  /// The index of the greatest value, the first of equal ones.
  private static func first(_ values: some Sequence<Double>) -> Int {
    var (best, most) = (0, -Double.infinity)
    for (index, value) in values.enumerated() where value > most { (best, most) = (index, value) }
    return best
  }
}
