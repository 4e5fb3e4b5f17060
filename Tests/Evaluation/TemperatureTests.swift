import Foundation
import NunchiEvaluation
import Testing

@Suite struct Temperatures {
  /// Logits T · ln(odds) of images whose classes occur exactly as often as the odds say: T is the best temperature.
  private func sample(_ temperature: Double) -> (truths: [Int], logits: [Float]) {
    var (truths, logits): ([Int], [Float]) = ([], [])
    for odds in [2, 4, 16] {
      for image in 0..<odds + 2 {
        truths.append(image < odds ? 0 : 1 + image - odds)
        logits += [Float(temperature * log(Double(odds))), 0, 0]
      }
    }
    return (truths, logits)
  }

  @Test(arguments: [0.05, 0.5, 1, 2.5, 40]) func findsTheKnownOne(_ temperature: Double) throws {
    let (truths, logits) = sample(temperature)
    let fit = try TemperatureFit(truths: truths, logits: logits, classes: 3)
    #expect(abs(fit.temperature.value - temperature) < 1e-6 * temperature)
    #expect(fit.logLoss < fit.logLossBefore + 1e-12 && fit.images == truths.count && !fit.isAtLimit)
    #expect(fit.calibrationError < 1e-6)
  }

  @Test func fromProbabilities() throws {
    let (truths, logits) = sample(2.5)
    let probabilities = stride(from: 0, to: logits.count, by: 3).flatMap { place -> [Float] in
      let powers = logits[place..<place + 3].map { exp(Double($0)) }
      return powers.map { Float($0 / powers.reduce(0, +)) }
    }
    let answers = try Answers(truths: truths, probabilities: probabilities, classNames: ["a", "b", "c"])
    let fit = try TemperatureFit(answers)
    #expect(abs(fit.temperature.value - 2.5) < 1e-5)
    // The first images have the odds 2 : 1 : 1.
    let honest = fit.temperature.apply(answers.row(0))
    #expect(close(honest.map(Double.init), [0.5, 0.25, 0.25], 1e-5))
    let same = Temperature(1).apply(answers.row(0))
    #expect(close(same.map(Double.init), answers.row(0).map(Double.init), 1e-6))
    #expect(fit.json["temperature"]?.doubleValue == fit.temperature.value)
    #expect(fit.json["after"]?["log_loss"]?.doubleValue == fit.logLoss)
  }

  @Test func withoutMistakesItEndsAtTheLimit() throws {
    let fit = try TemperatureFit(truths: [0, 1], logits: [1, 0, 0, 1], classes: 2)
    #expect(fit.isAtLimit && fit.temperature.value == 0.01 && fit.json["at_limit"] == true)
    let wrong = try TemperatureFit(truths: [1, 0], logits: [1, 0, 0, 1], classes: 2)
    #expect(wrong.isAtLimit && wrong.temperature.value == 100)
  }

  @Test func extremeLogitsStayFinite() throws {
    let fit = try TemperatureFit(truths: [0, 0, 1], logits: [3000, -3000, 3000, -3000, 3000, -3000], classes: 2)
    #expect(fit.logLoss.isFinite && fit.logLossBefore == 2000)
    // A probability of 0 has no logarithm.
    let answers = try Answers(truths: [0, 1, 1], probabilities: [1, 0, 1, 0, 0, 1], classNames: ["a", "b"])
    #expect(try TemperatureFit(answers).logLoss.isFinite)
    let spread = Temperature(3).apply([1, 0])
    #expect(spread.allSatisfy { $0.isFinite } && spread[0] > spread[1])
  }

  @Test func logitsThatSayNothing() throws {
    let fit = try TemperatureFit(truths: [0, 1, 0], logits: [2, 2, 0, 0, 1, 1], classes: 2)
    #expect(fit.temperature.value == 1 && fit.logLoss == fit.logLossBefore)
  }

  @Test func whatCannotBeFittedIsRefused() {
    #expect(throws: EvaluationError.empty) { try TemperatureFit(truths: [], logits: [], classes: 2) }
    #expect(throws: EvaluationError.countMismatch(what: "logits", expected: 4, found: 3)) {
      try TemperatureFit(truths: [0, 1], logits: [1, 2, 3], classes: 2)
    }
    #expect(throws: EvaluationError.notFinite(image: 1, className: "0")) {
      try TemperatureFit(truths: [0, 1], logits: [1, 2, .infinity, 0], classes: 2)
    }
    #expect(throws: EvaluationError.classOutOfRange(role: "true", found: 2, classes: 2)) {
      try TemperatureFit(truths: [2], logits: [1, 2], classes: 2)
    }
  }

  @Test func reliabilityDiagram() throws {
    var calibration = Calibration(bins: 4)
    for (confidence, correct) in [(0.6, true), (0.7, false), (1, true), (0.75, true)] {
      calibration.add(confidence: confidence, correct: correct)
    }
    #expect(calibration.bins.map(\.images) == [0, 0, 3, 1])
    #expect(abs(calibration.maximumError - abs(2.0 / 3 - 2.05 / 3)) < 1e-12)
    let bins = calibration.json["bins"]
    #expect(bins?[0] == ["lower": 0.0, "upper": 0.25, "images": 0])
    #expect(bins?[3] == ["lower": 0.75, "upper": 1.0, "images": 1, "accuracy": 1.0, "confidence": 1.0])
  }
}
