/// How far the confidence of the answers is from their accuracy, in bins of equal width.
package struct Calibration: Hashable, Sendable {
  /// The answers whose confidence falls into one range.
  package struct Bin: Hashable, Sendable {
    package internal(set) var images = 0
    package internal(set) var correct = 0
    var confidenceSum = 0.0

    package var accuracy: Double { ratio(correct, images) }
    /// The mean confidence of the answers in the bin.
    package var confidence: Double { images == 0 ? 0 : confidenceSum / Double(images) }
  }

  /// Bin i holds the confidences above i / bins up to (i + 1) / bins.
  package private(set) var bins: [Bin]

  package init(bins: Int = 15) { self.bins = [Bin](repeating: Bin(), count: bins) }

  /// Counts an answer given with the probability `confidence`.
  package mutating func add(confidence: Double, correct: Bool) {
    let place = Int((confidence * Double(bins.count)).rounded(.up)) - 1
    let index = min(max(place, 0), bins.count - 1)
    bins[index].images += 1
    bins[index].correct += correct ? 1 : 0
    bins[index].confidenceSum += confidence
  }

  /// The expected calibration error: Σ (images in bin / images) · |accuracy − confidence|.
  package var expectedError: Double {
    let images = bins.reduce(0) { $0 + $1.images }
    let gaps = bins.reduce(0) { $0 + Double($1.images) * abs($1.accuracy - $1.confidence) }
    return images == 0 ? 0 : gaps / Double(images)
  }

  /// The maximum calibration error: the largest |accuracy − confidence| of a bin that has images.
  package var maximumError: Double {
    bins.reduce(0) { $1.images == 0 ? $0 : max($0, abs($1.accuracy - $1.confidence)) }
  }
}
