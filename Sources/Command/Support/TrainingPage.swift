import NunchiDocuments
import NunchiInference
import NunchiReports
import NunchiSystem
import NunchiTraining

/// The output of `train`.
struct TrainingPage: FinalPage {
  let result: TrainingResult
  private let written: WrittenReport
  /// The path of the report; nil where it could not be written.
  var report: String? { written.path }

  /// Runs a training. The report is written even after divergence, and the failure then names it.
  init(running trainer: Trainer) throws {
    do {
      self.init(try trainer.run())
    } catch TrainingError.diverged(let divergence) {
      let failure = Failure(TrainingError.diverged(divergence))
      guard let run = divergence.run, let report = try? RunPage.write(run, version: Program.version) else {
        throw failure
      }
      throw failure.hinting("\(report) shows how it went")
    }
  }

  /// Writes the report of the run.
  private init(_ result: TrainingResult) {
    self.result = result
    written = WrittenReport(of: result.run)
  }

  /// The failure of an interrupted training; nil for a complete one.
  var interruption: Failure? {
    guard result.ending == .interrupted else { return nil }
    let kept = result.run.map { "what was learned is in \($0)" } ?? "nothing was written"
    let after = result.history.isEmpty ? "before the first epoch was over" : "after \(epochs)"
    return Failure(
      Interruption.status, "interrupted", "interrupted \(after); \(kept)",
      hint: result.run.map { "go on with nunchi train --resume \(quoted($0))" }, path: result.run)
  }

  /// Warnings about the data and the answers. Notes of the training itself are not repeated.
  var warnings: [String] {
    let warnings = (result.test ?? result.validation)?.metrics.warnings ?? []
    return warnings + [written.problem, result.skipped.warning].compactMap(\.self)
  }

  private var epochs: String { "\(result.history.count) epoch\(result.history.count == 1 ? "" : "s")" }

  var document: JSON {
    var object = JSON.Object([
      .init("run", JSON(result.run)), .init("model", JSON(result.modelPath)),
      .init("report", JSON(report)),
      .init("ending", JSON(result.ending.rawValue)), .init("best_epoch", JSON(result.bestEpoch)),
      .init("epochs", JSON(result.history.count)), .init("seconds", JSON(result.seconds)),
      .init("notes", JSON(result.warnings)),
      .init("skipped", result.skipped.json),
    ])
    object["validation"] = result.validation?.metrics.json
    object["test"] = result.test?.metrics.json
    return .object(object)
  }

  var text: String {
    var parts: [String] = []
    if let test = result.test {
      parts.append("test images:\n" + test.metrics.table)
    } else if let validation = result.validation {
      parts.append("validation images, by which the epoch was chosen (no test images):\n" + validation.metrics.table)
    }
    var closing = "best epoch \(result.bestEpoch) of \(epochs), \(Text.duration(result.seconds))"
    if let model = result.modelPath {
      closing += "\nmodel:  \(model)"
      if let report { closing += "\nreport: \(report)" }
      closing += "\nnext:   nunchi predict \(quoted(model)) FILE…"
    }
    if result.bestEpoch > 0 { parts.append(closing) }
    return parts.joined(separator: "\n")
  }
}
