import NunchiDatasets
import NunchiEngine
import NunchiEvaluation
import NunchiModelFiles

/// A decision for a model, fitted to its answers on a validation set.
package struct DecisionFit: Sendable {
  /// The classes that get a threshold.
  package enum Subject: Hashable, Sendable {
    /// The first of two classes, or every one of more.
    case usual
    case named(String)
  }

  /// A class without a threshold, and the reason.
  package struct Refusal: Hashable, Sendable {
    package let className: String
    package let reason: EvaluationError
  }

  /// The fitted temperature; `nil` where none was asked for.
  package let temperature: TemperatureFit?
  package let choices: [ThresholdChoice]
  package let refusals: [Refusal]
  /// Whether the thresholds of the model were dropped, because a new temperature changes its probabilities.
  package let dropsThresholds: Bool
  package let decision: Decision

  /// - Parameters:
  ///   - answers: the answers on validation images, at temperature 1 where one is fitted, else at the model's.
  ///   - rule: the rule for thresholds; `nil` keeps the model's thresholds.
  ///   - calibrates: whether a temperature is fitted. One at its limit is discarded: there were too few mistakes to fit
  ///     it.
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
  /// Fits a decision on a split that the model was not trained on.
  package init(
    _ model: LoadedModel, _ dataset: Dataset, _ split: Split, rule: ThresholdRule?, subject: Subject = .usual,
    calibrates: Bool, pool: WorkerPool, cache: PixelCache = PixelCache(.none)
  ) throws {
    // A temperature is fitted to probabilities at temperature 1.
    let classifier = try Classifier(calibrates ? model.deciding(.plain) : model, pool: pool)
    let evaluation = try classifier.evaluate(dataset, split, threads: pool.threads, cache: cache)
    try self.init(evaluation.answers, of: model, rule: rule, subject: subject, calibrates: calibrates)
  }
}

extension Answers {
  /// The same answers with probabilities at another temperature.
  func calibrated(_ temperature: Temperature) throws(EvaluationError) -> Answers {
    try Answers(
      truths: truths, probabilities: truths.indices.flatMap { temperature.apply(row($0)) }, classNames: classNames)
  }
}
