/// How the outputs of a model become an answer; settled after training, on pictures that it was not trained on.
package struct Decision: Sendable, Hashable {
  /// Divides the logits before the softmax. Above 0; 1 leaves the probabilities as the model gives them.
  package let temperature: Double
  /// From which probability on a class is accepted, in the order of the classes; `nil` where a class has no threshold.
  package let thresholds: [Float?]

  /// - Parameter thresholds: one a class, or none at all.
  package init(temperature: Double = 1, thresholds: [Float?] = []) {
    precondition(temperature > 0 && temperature.isFinite, "a temperature is above 0, got \(temperature)")
    self.temperature = temperature
    self.thresholds = thresholds.contains { $0 != nil } ? thresholds : []
  }

  /// The most probable class, of probabilities as the model gives them.
  package static let plain = Decision()

  /// The class that is answered.
  ///
  /// Among the classes with a threshold the one with the greatest p / threshold is answered where that is at least 1;
  /// otherwise the most probable of the classes without one, and where every class has one still the greatest
  /// p / threshold. Without thresholds that is the most probable class; of equal ones the first.
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

  /// The place of the first of the greatest values.
  private static func first(_ values: some Sequence<Double>) -> Int {
    var (best, most) = (0, -Double.infinity)
    for (index, value) in values.enumerated() where value > most { (best, most) = (index, value) }
    return best
  }
}
