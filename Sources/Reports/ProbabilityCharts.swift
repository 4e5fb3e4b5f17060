import NunchiEvaluation

/// ROC and precision-recall curves, and the reliability diagram.
struct ProbabilityCharts {
  private let answers: Answers
  /// The most curves, so that no two have the same colour.
  private static let mostCurves = PageStyle.colours
  private static let mostPoints = 200

  init(_ answers: Answers) { self.answers = answers }

  var body: String {
    "<div class=\"charts\">" + curves + card("Reliability", "", reliability) + card("How to read them", "", note)
      + "</div>"
  }

  private func card(_ heading: String, _ legend: String, _ chart: String) -> String {
    "<div class=\"card\"><h3>\(escaped(heading))</h3>\(legend)\(chart)</div>"
  }

  /// The classes with curves. For two classes one is enough, because the curve of the other is its mirror image.
  private var shown: [(name: String, ranking: Ranking)] {
    let indices = answers.classes == 2 ? [0] : Array(0..<answers.classes)
    let ranked = indices.map { (name: answers.classNames[$0], ranking: answers.ranking(of: $0)) }
    guard ranked.count > Self.mostCurves else { return ranked }
    return Array(
      ranked.filter { $0.ranking.rocAUC != nil }.sorted { ($0.ranking.rocAUC ?? 1) < ($1.ranking.rocAUC ?? 1) }
        .prefix(Self.mostCurves))
  }

  private var curves: String {
    let shown = shown
    let roc = series(shown, \.rocAUC, \.rocCurve)
    let recall = series(shown, \.averagePrecision, \.precisionRecallCurve)
    let first = LineChart(
      title: "ROC curve", along: "share of other classes taken for it", x: .unit, y: .unit, series: roc,
      hasDiagonal: true)
    let second = LineChart(
      title: "precision-recall curve", along: "recall", x: .unit, y: .unit, series: recall)
    return card("ROC: recall against false alarms", Bars.legend(roc.map { ($0.name, $0.colour) }), first.body)
      + card("Precision against recall", Bars.legend(recall.map { ($0.name, $0.colour) }), second.body)
  }

  private func series(
    _ shown: [(name: String, ranking: Ranking)], _ area: (Ranking) -> Double?, _ curve: (Ranking) -> Curve?
  ) -> [LineChart.Series] {
    shown.enumerated().compactMap { index, entry in
      guard let area = area(entry.ranking), let curve = curve(entry.ranking) else { return nil }
      let points = curve.thinned(to: Self.mostPoints).points.map { (x: $0.x, y: $0.y) }
      return LineChart.Series("\(entry.name): area \(Figure.fixed(area, 3))", colour: index, points)
    }
  }

  private var note: String {
    let classes = answers.classes
    let curves =
      classes == 2
      ? "Curves of the class “\(answers.classNames[0])”."
      : classes > Self.mostCurves
        ? "Curves of each class against all others, the \(Self.mostCurves) classes with the least area under the ROC curve."
        : "Curves of each class against all others."
    let sentences = [
      curves
        + " Upwards is the recall, the share of its pictures that are found, or the precision, the share of finds that "
        + "are right.",
      "The better the ranking, the closer a curve comes to the upper left corner (ROC) or the upper right one (precision "
        + "against recall). The dashed line of the ROC is guessing.",
      "Reliability: the bars say how often answers of that confidence are right. On the dashed line they are as right as "
        + "they are sure; below it the model believes too much in itself. The stronger the colour, the more answers a bar "
        + "stands for.",
    ]
    return sentences.map { "<p class=\"note\">\(escaped($0))</p>" }.joined()
  }

  private func reliabilityWords(_ calibration: Calibration) -> String {
    let bins = calibration.bins.filter { $0.images > 0 }.map {
      "confidence \(Figure.fixed($0.confidence, 2)): \(Figure.percent($0.accuracy)) of \(Figure.grouped($0.images)) right"
    }
    return (["reliability diagram"] + bins).joined(separator: "; ")
  }

  private var reliability: String {
    var calibration = Calibration(bins: 10)
    for image in answers.truths.indices {
      let (row, predicted) = (answers.row(image), answers.predicted[image])
      calibration.add(
        confidence: Double(row[row.startIndex + predicted]), correct: predicted == answers.truths[image])
    }
    let most = Double(calibration.bins.map(\.images).max() ?? 1)
    let width = (LineChart.right - LineChart.left) / Double(calibration.bins.count)
    let bars = calibration.bins.enumerated().filter { $0.element.images > 0 }.map { index, bin in
      let top = Double(LineChart.up(bin.accuracy, .unit)) ?? LineChart.bottom
      return """
        <rect x="\(Figure.fixed(LineChart.left + Double(index) * width + 1, 1))" y="\(Figure.fixed(top, 1))" \
        width="\(Figure.fixed(width - 2, 1))" height="\(Figure.fixed(max(LineChart.bottom - top, 1), 1))" \
        fill="var(--accent)" fill-opacity="\(Figure.fixed(0.25 + 0.65 * (Double(bin.images) / most).squareRoot(), 2))">\
        <title>\(Figure.grouped(bin.images)) answers of confidence \(Figure.fixed(bin.confidence, 2)): \
        \(Figure.percent(bin.accuracy)) right</title></rect>
        """
    }
    return LineChart.frame(
      title: reliabilityWords(calibration), along: "confidence of the answer", x: .unit, y: .unit, hasDiagonal: true,
      bars.joined())
  }
}
