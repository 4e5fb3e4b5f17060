import NunchiDatasets
import NunchiEngine
import NunchiEvaluation
import NunchiModelFiles

/// What the answers on a validation set say about how a model should decide.
package struct DecisionFit: Sendable {
  /// Which classes a threshold is chosen for.
  package enum Subject: Hashable, Sendable {
    /// The first one of two classes, every one of more.
    case usual
    case named(String)
  }

  /// A class for which there is no threshold, and why.
  package struct Refusal: Hashable, Sendable {
    package let className: String
    package let reason: EvaluationError
  }

  /// `nil` where none was asked for.
  package let temperature: TemperatureFit?
  package let choices: [ThresholdChoice]
  package let refusals: [Refusal]
  /// Whether thresholds that the model had are gone, because its probabilities have changed.
  package let dropsThresholds: Bool
  package let decision: Decision

  /// - Parameters:
  ///   - answers: of the model on pictures for validation, at its temperature where none is fitted, else at 1.
  ///   - rule: for thresholds; `nil` leaves them as they are.
  ///   - calibrates: whether a temperature is fitted. One at its limit is not taken: the pictures are too few or too easy.
  package init(
    _ answers: Answers, of model: LoadedModel, rule: ThresholdRule?, subject: Subject = .usual, calibrates: Bool
  ) throws {
    let fit = calibrates ? try TemperatureFit(answers) : nil
    temperature = fit
    let value = fit.map { $0.isAtLimit ? 1 : $0.temperature.value } ?? model.decision.temperature
    guard let rule else {
      (choices, refusals) = ([], [])
      dropsThresholds = !model.decision.thresholds.isEmpty && value != model.decision.temperature
      decision = Decision(temperature: value, thresholds: dropsThresholds ? [] : model.decision.thresholds)
      return
    }
    let calibrated = calibrates && value != 1 ? try answers.calibrated(Temperature(value)) : answers
    var thresholds = [Float?](repeating: nil, count: answers.classes)
    var (choices, refusals): ([ThresholdChoice], [Refusal]) = ([], [])
    for place in try Self.places(subject, answers.classNames) {
      do throws(EvaluationError) {
        let choice = try calibrated.threshold(of: place, rule)
        thresholds[place] = choice.threshold
        choices.append(choice)
      } catch {
        refusals.append(Refusal(className: answers.classNames[place], reason: error))
      }
    }
    (self.choices, self.refusals, dropsThresholds) = (choices, refusals, false)
    decision = Decision(temperature: value, thresholds: thresholds)
  }

  private static func places(_ subject: Subject, _ classes: [String]) throws(EvaluationSetupError) -> [Int] {
    switch subject {
    case .usual: return classes.count == 2 ? [0] : Array(classes.indices)
    case .named(let name):
      guard let place = classes.firstIndex(of: name) else { throw .unknownClass(name, known: classes) }
      return [place]
    }
  }
}

extension DecisionFit {
  /// From what the model answers on a split of a data set that it has not learned from.
  package init(
    _ model: LoadedModel, _ dataset: Dataset, _ split: Split, rule: ThresholdRule?, subject: Subject = .usual,
    calibrates: Bool, pool: WorkerPool, cache: PixelCache = PixelCache(.none)
  ) throws {
    // A temperature is fitted to probabilities as the network gives them.
    let classifier = try Classifier(calibrates ? model.deciding(.plain) : model, pool: pool)
    let evaluation = try classifier.evaluate(dataset, split, threads: pool.threads, cache: cache)
    try self.init(evaluation.answers, of: model, rule: rule, subject: subject, calibrates: calibrates)
  }
}

extension Answers {
  /// The answers with probabilities at another temperature.
  func calibrated(_ temperature: Temperature) throws(EvaluationError) -> Answers {
    try Answers(
      truths: truths, probabilities: truths.indices.flatMap { temperature.apply(row($0)) }, classNames: classNames)
  }
}
