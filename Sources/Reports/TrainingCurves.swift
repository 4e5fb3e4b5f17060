import NunchiEvaluation
import NunchiTraining

/// Charts of the measurements of a training, epoch by epoch.
struct TrainingCurves {
  private let run: RunRecord
  private let x: Axis

  init(_ run: RunRecord) {
    self.run = run
    let epochs = Double(run.history.last?.epoch ?? 1)
    x = Axis(from: 0, through: max(epochs, 2), about: 8, isWhole: true)
  }

  var body: String {
    "<div class=\"charts\">" + [losses, metrics, rates].map(card).joined() + summary + "</div>"
  }

  private func card(_ part: (heading: String, chart: LineChart)) -> String {
    "<div class=\"card\"><h3>\(escaped(part.heading))</h3>\(part.chart.legend)\(part.chart.body)</div>"
  }

  private var mark: (x: Double, name: String)? {
    run.bestEpoch > 0 ? (Double(run.bestEpoch), "best: \(run.bestEpoch)") : nil
  }

  private func points(_ value: (EpochRecord) -> Double?) -> [(x: Double, y: Double)] {
    run.history.compactMap { record in value(record).map { (Double(record.epoch), $0) } }
  }

  /// A table of the best epoch and the last one.
  private var summary: String {
    guard let last = run.history.last else { return "" }
    let shown = [run.best.map { ($0, "best") }, (last, "last")].compactMap { $0 }
    let isOne = run.best?.epoch == last.epoch
    let epochs = isOne ? [(last, "best and last")] : shown
    var table = PageTable(
      "the best and the last epoch", header: [""] + epochs.map { "epoch \($0.epoch), \($1)" })
    func add(_ name: String, _ decimals: Int, _ value: (EpochRecord) -> Double?) {
      let values = epochs.map { value($0.0) }
      guard values.contains(where: { $0 != nil }) else { return }
      table.append([name] + values.map { $0.map { Figure.fixed($0, decimals) } ?? "–" })
    }
    add("training loss", 4, \.trainLoss)
    add("validation loss", 4, \.validationLoss)
    for (name, metric) in [
      ("accuracy", Metric.accuracy), ("balanced accuracy", .balancedAccuracy), ("macro F1", .f1Macro),
    ] {
      add(name, 4) { $0.validation?[metric] }
    }
    add("seconds so far", 1, \.seconds)
    add("images a second", 0, \.imagesPerSecond)
    return "<div class=\"card\"><h3>Epochs in numbers</h3>\(table.body)</div>"
  }

  private var losses: (String, LineChart) {
    let series = [
      LineChart.Series("training", colour: 0, points(\.trainLoss)),
      LineChart.Series("validation", colour: 1, points(\.validationLoss)),
    ].filter { !$0.points.isEmpty }
    let most = series.flatMap(\.points).map(\.y).max() ?? 1
    return (
      "Loss",
      LineChart(
        title: "loss over the epochs", along: "epoch", x: x, y: Axis(from: 0, through: most), series: series,
        mark: mark,
        mostDots: 40)
    )
  }

  private var metrics: (String, LineChart) {
    let shown: [(String, Metric)] = [("accuracy", .accuracy), ("macro F1", .f1Macro)]
    let series = shown.enumerated().map { index, entry in
      LineChart.Series(entry.0, colour: index + 2, points { $0.validation?[entry.1] })
    }.filter { !$0.points.isEmpty }
    let least = series.flatMap(\.points).map(\.y).min() ?? 0
    let axis = least > 0.8 ? Axis(from: 0.8, through: 1) : least > 0.5 ? Axis(from: 0.5, through: 1) : .unit
    return (
      series.isEmpty ? "No validation pictures" : "On validation pictures",
      LineChart(
        title: "metrics of the validation pictures over the epochs", along: "epoch", x: x, y: axis, series: series,
        mark: mark, mostDots: 40)
    )
  }

  private var rates: (String, LineChart) {
    let points = points { Double($0.rate.description) }
    return (
      "Learning rate",
      LineChart(
        title: "learning rate over the epochs", along: "epoch", x: x,
        y: Axis(from: 0, through: points.map(\.y).max() ?? 1), series: [.init("learning rate", colour: 4, points)],
        mostDots: 40)
    )
  }
}
