import NunchiDatasets
import NunchiEvaluation
import NunchiSystem
import NunchiTraining

/// The report of a training: the metrics of the model, its training, its mistakes, and how to repeat it.
///
/// It is made from the run folder. Images are shown where the data set is unchanged.
package struct RunPage {
  private let run: RunRecord
  private let pictures: RunPictures
  private let facts: RunFacts
  private let version: String
  private let split: Split?
  private let metrics: MetricsRecord?
  private let answers: RunAnswers?
  /// The folds; nil for a single training.
  private let folds: FoldsView?

  /// - Parameter version: the version of the program that makes the page.
  package init(_ run: RunRecord, version: String) throws(TrainingError) {
    self.run = run
    self.version = version
    pictures = RunPictures(run)
    facts = RunFacts(run)
    folds = FoldsView(run)
    split = run.headline
    metrics = split.flatMap { run.metrics($0) }
    answers = if let split { try run.answers(split) } else { nil }
  }

  /// Writes the page of the run at `path` into its folder, whole or not at all, and returns the path of the page.
  @discardableResult
  package static func write(_ path: String, version: String, to target: String? = nil) throws -> String {
    let target = target ?? path + "/report.html"
    try AtomicFile.write(try RunPage(try RunRecord(path: path), version: version).html, to: target)
    return target
  }

  package var html: String {
    let path = run.data.path ?? run.settings.data
    let lead =
      "\(escaped(run.settings.model)) \(run.folds.map { "cross-validated in \($0) folds" } ?? "trained") on <span class=\"path\">\(escaped(path))</span>"
      + (run.environment.started.map { ", \(escaped($0))" } ?? "")
    var page = WebPage(title: run.name, lead: lead)
    page.add(nil, tiles)
    page.add("What to look at", remarks)
    if let folds { page.add("Folds", folds.body) }
    if !run.history.isEmpty { page.add("Training", TrainingCurves(run).body) }
    addAnswers(to: &page)
    if folds == nil { page.add("What training saw", pictures.augmentedBatch) }
    page.add("Data", facts.data)
    page.add("How to repeat it", facts.repeating)
    page.add("Settings", facts.settings)
    page.add("Machine and versions", facts.machine + "<p class=\"note\">Page made by nunchi \(escaped(version)).</p>")
    return page.html
  }

  private func addAnswers(to page: inout WebPage) {
    guard let split, let metrics, let classes = ClassTable(metrics) else { return }
    page.add(
      "Confusion, \(split.rawValue) pictures", ConfusionView(classes: classes.names, rows: metrics.confusion).body)
    page.add("Classes, \(split.rawValue) pictures", classes.body)
    guard let answers else { return }
    page.add("Probabilities", ProbabilityCharts(answers.answers).body)
    page.add("Worst mistakes", pictures.mistakes(answers, split))
  }

  // MARK: - Top

  private var tiles: String {
    var tiles = Tiles()
    if let split {
      for (metric, words) in [(Metric.accuracy, "accuracy"), (.f1Macro, "macro F1")] {
        guard let value = metrics?[metric] else { continue }
        tiles.add(Figure.fixed(value, 4), "\(words), \(split.rawValue)\(interval(metric))")
      }
      if let baseline = metrics?.baseline {
        tiles.add(Figure.fixed(baseline.accuracy, 4), "by always answering “\(baseline.className)”")
      }
      tiles.add(Figure.grouped(metrics?.images ?? 0), "\(split.rawValue) pictures")
    } else if let value = run.best?.validation?[.f1Macro] {
      tiles.add(Figure.fixed(value, 4), "macro F1, validation, epoch \(run.bestEpoch)")
    }
    folds?.addTiles(to: &tiles)
    if folds == nil { tiles.add("\(run.bestEpoch) of \(run.history.count)", "best epoch, by \(run.settings.monitor)") }
    tiles.add(Figure.duration(run.seconds), "training")
    if let parameters = run.parameters { tiles.add(Figure.scaled(parameters), "parameters") }
    return tiles.body
  }

  private func interval(_ metric: Metric) -> String {
    metrics?.interval(metric).map { "; 95\u{A0}%: \(Figure.range($0.lower, $0.upper, 3))" } ?? ""
  }

  private var remarks: String {
    let warnings = warnings.map { "<li>\(escaped(Self.sentence($0)))</li>" }
    // Skipped files are shown as a warning already.
    let notes = run.notes.filter { $0.kind != .skippedFiles }
      .map { "<li>\(escaped(Self.sentence($0.text)))</li>" }
    return
      (warnings.isEmpty
      ? "<p class=\"fine\">Nothing stands out.</p>" : "<ul class=\"warnings\">\(warnings.joined())</ul>")
      + (notes.isEmpty ? "" : "<ul class=\"notes\">\(notes.joined())</ul>")
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }

  private var warnings: [String] {
    var warnings: [String] = []
    switch run.ending {
    case .completed, .stoppedEarly: break
    case .interrupted:
      let place = folds == nil ? " after \(run.history.count) epochs" : ""
      warnings.append("The training was interrupted\(place); nunchi train --resume goes on.")
    case .diverged:
      warnings.append(
        "The training diverged after \(run.history.count) epochs; what it said of that stands below. Resumed it would end "
          + "there again: train anew, as the note says.")
    case nil: warnings.append("The training has not ended, or was killed; nunchi train --resume goes on.")
    }
    if split == .validation {
      warnings.append(
        "There are no test pictures: the numbers are of those by which the epoch was chosen, and flatter.")
    }
    let skipped = run.data.skipped.count
    if skipped > 0 { warnings.append("\(Figure.grouped(skipped)) files of the data set were left out.") }
    if let interval = metrics?.accuracyInterval, let baseline = metrics?.baseline, interval.lower <= baseline.accuracy {
      warnings.append("The accuracy is not surely above that of always giving the most frequent answer.")
    }
    return warnings + (metrics?.warnings ?? [])
  }
}
