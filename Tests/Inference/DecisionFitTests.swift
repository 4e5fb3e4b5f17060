import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiEvaluation
import NunchiImages
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
    let plain = try Classifier(lightMeter(), pool: pool).classify(images)
    let warm = try Classifier(lightMeter().deciding(Decision(temperature: 2)), pool: pool).classify(images)
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

@Suite(.serialized) struct RobustnessTests {
  private let pool = WorkerPool(threads: 1)

  private func data() -> Dataset {
    let pairs = grays([250, 220, 190, 160, 90, 60, 30, 5]).enumerated().map { (image: $1, label: $0 < 4 ? 0 : 1) }
    return Dataset(classes: ["day", "night"], train: [], test: pairs)
  }

  /// Darkness makes night of day, the more the stronger; what is flat stays so under blur and rotation.
  @Test func strengthsDoWhatTheySay() throws {
    let result = try Classifier(lightMeter(), pool: pool).robustness(data(), .test)
    #expect(result.images == 8 && result.correct == 8)
    func shares(_ disturbance: Disturbance) -> [Double] {
      result.rows.filter { $0.disturbance == disturbance }.map { result.share($0.correct) }
    }
    // 0.8 · 160 is still above the middle, 0.6 · 190 is not; at 0.4 · 250 everything is night.
    #expect(shares(.darkness) == [1, 0.75, 0.5, 0.5])
    #expect(shares(.blur) == [1, 1, 1, 1] && shares(.rotation) == [1, 1, 1, 1])
  }

  /// Neither threads nor batches show, and the seed does only in what is drawn.
  @Test func isReproducible() throws {
    // So near the middle that noise decides.
    let pairs = grays((0..<60).map { 123 + $0 % 9 }).map { (image: $0, label: 0) }
    let close = Dataset(classes: ["day", "night"], train: [], test: pairs)
    let first = try Classifier(lightMeter(), pool: pool, batch: 32).robustness(close, .test, threads: 0, seed: 4)
    let second = try Classifier(lightMeter(), pool: WorkerPool(threads: 2), batch: 7)
      .robustness(close, .test, threads: 2, seed: 4)
    #expect(first == second)
  }
}

@Suite struct TrainingContentsTests {
  /// Pictures are found again by their content, wherever they lie.
  @Test func findsWhatWasTrainedOn() throws {
    let (old, new) = (grays([10, 20, 30]), grays([20, 40, 30]))
    let training = Dataset(classes: ["a", "b"], train: old.map { ($0, 0) })
    let other = Dataset(classes: ["a", "b"], train: [], test: new.map { ($0, 1) })
    let contents = TrainingContents(training)
    #expect(contents.count == 3)
    #expect(contents.known(other, .test) == ["test/0", "test/2"])
    let read = try #require(TrainingContents(provenance: .object(.init([.init(TrainingContents.key, contents.json)]))))
    #expect(read == contents)
    #expect(TrainingContents(provenance: ["seed": 1]) == nil)
    #expect(TrainingContents(provenance: ["training_contents": "0123"]) == nil)
    #expect(TrainingContents(provenance: ["training_contents": "01234567890g"]) == nil)
  }

  @Test func timingCounts() throws {
    let data = Dataset(classes: ["day", "night"], train: grays([1, 250, 3]).map { ($0, 0) })
    let timing = try AnswerTiming(lightMeter(), data, .train, pool: WorkerPool(threads: 1), seconds: 0)
    #expect(timing.batch == 3 && timing.singles == 1)
    #expect(timing.percentile(0.5) == timing.percentile(0.95) && timing.imagesPerSecond > 0)
  }
}
