import NunchiSystem

/// The temperature of temperature scaling, which calibrates a classifier: logits are divided by it before the softmax.
/// Above 1 it lowers the confidence, below 1 it raises it. The most probable class stays the same.
package struct Temperature: Hashable, Sendable {
  package let value: Double

  /// The range of fitted temperatures. Answers without a mistake would fit a temperature of 0.
  package static let limits = 0.01...100.0

  package init(_ value: Double) {
    precondition(value > 0 && value.isFinite, "a temperature is above 0, got \(value)")
    self.value = value
  }

  /// The probabilities of one image at this temperature: softmax(ln p / T).
  package func apply(_ probabilities: some Collection<Float>) -> [Float] {
    let powers = ScaledLogits.softmax(probabilities.map(Self.logit), 1 / value)
    return powers.map { Float($0) }
  }

  /// The logit of a probability. A probability that underflowed to 0 counts as the smallest normal Float, so that its
  /// logit is finite.
  fileprivate static func logit(_ probability: Float) -> Double {
    log(Double(max(probability, .leastNormalMagnitude)))
  }
}

/// The temperature that minimises the log loss, with log loss and calibration error before and after.
package struct TemperatureFit: Hashable, Sendable {
  package let temperature: Temperature
  package let images: Int
  package let logLossBefore: Double
  package let logLoss: Double
  package let calibrationErrorBefore: Double
  package let calibrationError: Double

  /// Whether the best temperature is at or beyond a limit: there are too few mistakes to fit one.
  package var isAtLimit: Bool {
    temperature.value <= Temperature.limits.lowerBound || temperature.value >= Temperature.limits.upperBound
  }

  /// Fits a temperature to logits.
  ///
  /// - Parameters:
  ///   - truths: the class of each image.
  ///   - logits: the values before the softmax, or logarithms of probabilities; `[images, classes]` row-major, finite.
  package init(truths: [Int], logits: [Float], classes: Int) throws(EvaluationError) {
    guard !truths.isEmpty else { throw .empty }
    guard logits.count == truths.count * classes else {
      throw .countMismatch(what: "logits", expected: truths.count * classes, found: logits.count)
    }
    if let bad = logits.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(image: bad / classes, className: String(bad % classes))
    }
    if let bad = truths.first(where: { !(0..<classes).contains($0) }) {
      throw .classOutOfRange(role: "true", found: bad, classes: classes)
    }
    self.init(ScaledLogits(truths: truths, logits: logits.map(Double.init), classes: classes))
  }

  /// Fits a temperature to the answers on a validation set.
  package init(_ answers: Answers) throws(EvaluationError) {
    guard answers.images > 0 else { throw .empty }
    self.init(
      ScaledLogits(
        truths: answers.truths, logits: answers.probabilities.map(Temperature.logit), classes: answers.classes))
  }

  private init(_ problem: ScaledLogits) {
    let inverse = problem.bestInverse()
    temperature = Temperature(1 / inverse)
    images = problem.truths.count
    (logLossBefore, calibrationErrorBefore) = problem.quality(1)
    (logLoss, calibrationError) = problem.quality(inverse)
  }
}

/// The log loss as a function of the inverse temperature b, in which it is convex: p = softmax(b · logits).
private struct ScaledLogits {
  let truths: [Int]
  /// `[images, classes]`.
  let logits: [Double]
  let classes: Int

  static func softmax(_ logits: some Collection<Double>, _ inverse: Double) -> [Double] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp(inverse * ($0 - largest)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private func row(_ image: Int) -> ArraySlice<Double> { logits[image * classes..<(image + 1) * classes] }

  /// The first and second derivative of the log loss by b: the means over the images of E[z] − z(true class), and of
  /// the variance of z, both under p.
  private func derivatives(_ inverse: Double) -> (first: Double, second: Double) {
    var (first, second) = (0.0, 0.0)
    for (image, truth) in truths.enumerated() {
      let row = row(image)
      let probabilities = Self.softmax(row, inverse)
      let mean = zip(probabilities, row).reduce(0) { $0 + $1.0 * $1.1 }
      first += mean - row[row.startIndex + truth]
      second += zip(probabilities, row).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    }
    return (first / Double(truths.count), second / Double(truths.count))
  }

  /// The root of the first derivative by Newton's method, kept inside an interval that bisection shrinks.
  func bestInverse() -> Double {
    var (low, high) = (1 / Temperature.limits.upperBound, 1 / Temperature.limits.lowerBound)
    var inverse = 1.0
    var slope = derivatives(inverse)
    // Constant logits give the same loss at any temperature.
    if slope.first == 0 { return inverse }
    if derivatives(high).first <= 0 { return high }
    if derivatives(low).first >= 0 { return low }
    for _ in 0..<200 {
      if slope.first > 0 { high = inverse } else { low = inverse }
      let newton = inverse - slope.first / slope.second
      let next = newton > low && newton < high ? newton : (low * high).squareRoot()
      let step = abs(next - inverse)
      inverse = next
      if step <= 1e-12 * inverse { break }
      slope = derivatives(inverse)
    }
    return inverse
  }

  func quality(_ inverse: Double) -> (logLoss: Double, calibrationError: Double) {
    var loss = 0.0
    var calibration = Calibration()
    for (image, truth) in truths.enumerated() {
      let row = row(image)
      let largest = row.max() ?? 0
      let probabilities = Self.softmax(row, inverse)
      // From the logarithm of the sum, which is finite even where the probability underflows.
      let sum = row.reduce(0) { $0 + exp(inverse * ($1 - largest)) }
      loss += log(sum) - inverse * (row[row.startIndex + truth] - largest)
      let predicted = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
      calibration.add(confidence: probabilities[predicted], correct: predicted == truth)
    }
    return (loss / Double(truths.count), calibration.expectedError)
  }
}
