import NunchiArguments
import NunchiTraining

/// `nunchi train --folds`: cross-validation.
extension Train {
  /// Refuses options that do not fit folds.
  func validateFolds(_ settings: TrainingSettings) throws {
    guard folds != nil else { return }
    // A share in a config file may be meant for other trainings, so only the command line is checked.
    if frame.origin(of: "test") == .commandLine {
      throw ValidationError(
        "--folds tests every picture in its turn, found --test \(settings.fractions.test) beside it")
    }
    if findLr {
      throw ValidationError("--find-lr expects one training, found --folds beside it; look for a rate first")
    }
    if settings.timeBudget != nil {
      throw ValidationError(
        "--folds expects as many epochs in every fold, found --time, which fits them to the clock; give --epochs")
    }
  }

  /// The cross-validation that is asked for; nil for a single training.
  func newFolds(_ given: [Setting]) throws -> CrossValidator? {
    guard case .all(let count) = folds else { return nil }
    let settings = try freshSettings()
    return CrossValidator(settings, folds: count, origins: origins(given), stop: Interruption.stop)
  }

  func run(_ validator: CrossValidator) throws {
    let events = EventLines()
    if jsonl { validator.observe(events.observe) }
    let progress = TrainingProgress(isQuiet: quiet)
    validator.observe(progress.observe)
    let page = CrossValidationPage(try validator.run())
    if jsonl { return try events.finish(page) }
    try page.write("train", output)
  }
}
