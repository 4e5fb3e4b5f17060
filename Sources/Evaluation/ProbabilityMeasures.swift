import NunchiSystem

/// The sums for log loss, Brier score and calibration.
struct ProbabilityMeasures {
  private(set) var images = 0
  private(set) var calibration = Calibration()
  private var crossEntropySum = 0.0
  private var brierSum = 0.0

  /// Counts one image. The confidence is the probability of `predicted`, the class answered.
  mutating func add(_ row: some RandomAccessCollection<Float>, truth: Int, predicted: Int) {
    func probability(_ index: Int) -> Double { Double(row[row.index(row.startIndex, offsetBy: index)]) }
    images += 1
    crossEntropySum -= log(max(probability(truth), .ulpOfOne))
    var squares = 0.0
    for (index, probability) in row.enumerated() {
      let error = Double(probability) - (index == truth ? 1 : 0)
      squares += error * error
    }
    brierSum += row.count == 2 ? squares / 2 : squares
    calibration.add(confidence: probability(predicted), correct: predicted == truth)
  }

  var crossEntropy: Double { crossEntropySum / Double(images) }
  var brier: Double { brierSum / Double(images) }
}
