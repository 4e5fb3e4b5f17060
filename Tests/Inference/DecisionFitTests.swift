import NunchiDatasets
import NunchiEngine
import NunchiEvaluation
import NunchiInference
import NunchiModelFiles
import Testing

@Suite(.serialized) struct DecisionFitTests {
  private let pool = WorkerPool(threads: 1)

  /// Bright pictures of day, dark ones of night, and some of day that are rather dark.
  private func twilight() -> Dataset {
    let labelled = zip(grays([230, 200, 120, 110, 100, 60, 40, 10]), [0, 0, 0, 0, 1, 1, 1, 1])
    let pairs = labelled.map { (image: $0, label: $1) }
    return Dataset(classes: ["day", "night"], train: pairs, validation: pairs, test: pairs)
  }

  /// A temperature that is not applied, applied twice or the wrong way round.
  @Test func theTemperatureIsApplied() throws {
    let images = grays([200, 90])
    let plain = try Classifier(lightMeter(), pool: pool).probabilities(of: images)
    let warm = try Classifier(lightMeter().deciding(Decision(temperature: 2)), pool: pool).probabilities(of: images)
    for (before, after) in zip(plain, warm) {
      #expect(after == Temperature(2).apply(before))
      #expect(after.max()! < before.max()!)
    }
  }

  /// A threshold that is chosen and then not used, in answers, metrics or the list of predictions.
  @Test func thresholdsAreChosenAndUsed() throws {
    let (model, data) = (lightMeter(), twilight())
    let before = try Classifier(model, pool: pool).evaluate(data, .test)
    #expect(before.metrics.confusion.rows == [[2, 2], [0, 4]])
    let fit = try DecisionFit(model, data, .validation, rule: .maxF1, calibrates: false, pool: pool)
    #expect(fit.choices.map(\.className) == ["day"] && fit.decision.thresholds[1] == nil)
    let settled = try Classifier(model.deciding(fit.decision), pool: pool).evaluate(data, .test)
    #expect(settled.metrics.confusion.rows == [[4, 0], [0, 4]])
    #expect(settled.predictions.map(\.predicted) == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(settled.answers.predicted == settled.predictions.map(\.predicted))
    // The probabilities are those of before.
    #expect(settled.answers.probabilities == before.answers.probabilities)
    let night = try DecisionFit(
      model, data, .validation, rule: .recall(atLeast: 1), subject: .named("night"), calibrates: false, pool: pool)
    #expect(night.decision.thresholds[0] == nil && night.choices[0].recall == 1)
    #expect(throws: EvaluationSetupError.unknownClass("dawn", known: ["day", "night"])) {
      try DecisionFit(
        model, data, .validation, rule: .maxF1, subject: .named("dawn"), calibrates: false, pool: pool)
    }
  }

  /// Calibration starts from the network's own probabilities, and drops thresholds that were chosen for others.
  @Test func calibration() throws {
    let (model, data) = (lightMeter(), twilight())
    let fit = try DecisionFit(model, data, .validation, rule: nil, calibrates: true, pool: pool)
    let temperature = try #require(fit.temperature)
    #expect(!temperature.isAtLimit && fit.decision.temperature == temperature.temperature.value)
    #expect(temperature.logLoss < temperature.logLossBefore)
    let earlier = model.deciding(Decision(temperature: 3, thresholds: [0.5, nil]))
    let again = try DecisionFit(earlier, data, .validation, rule: nil, calibrates: true, pool: pool)
    #expect(again.decision == fit.decision)
    #expect(again.dropsThresholds && !fit.dropsThresholds)
  }

  /// A chosen threshold belongs to the calibrated probabilities, not to those before.
  @Test func thresholdsFollowTheCalibration() throws {
    let (model, data) = (lightMeter(), twilight())
    let fit = try DecisionFit(model, data, .validation, rule: .maxF1, calibrates: true, pool: pool)
    let settled = try Classifier(model.deciding(fit.decision), pool: pool).evaluate(data, .test)
    #expect(try settled.answers.threshold(of: 0, .maxF1).threshold == fit.choices[0].threshold)
    #expect(settled.metrics.confusion.rows == [[4, 0], [0, 4]])
  }
}
