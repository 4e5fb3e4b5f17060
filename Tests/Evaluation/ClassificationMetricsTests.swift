import Foundation
import NunchiDocuments
import NunchiEvaluation
import Testing

private let truth = [0, 0, 0, 1, 1, 2]
private let predicted = [0, 0, 1, 1, 2, 2]
private let names = ["a", "b", "c"]

@Suite struct WorkedExample {
  @Test func everyNumber() throws {
    let metrics = try ClassificationMetrics(truth: truth, predicted: predicted, classNames: names)
    #expect(metrics.confusion.rows == [[2, 1, 0], [0, 1, 1], [0, 0, 1]])
    #expect(close(metrics.classes.map(\.precision), [1, 0.5, 0.5]))
    #expect(close(metrics.classes.map(\.recall), [0.667, 0.5, 1]))
    #expect(close(metrics.classes.map(\.f1), [0.8, 0.5, 0.667]))
    #expect(metrics.classes.map(\.support) == [3, 2, 1])
    #expect(close([metrics.macro.f1, metrics.accuracy], [0.6556, 0.6667], 5e-5))
    #expect(metrics.baseline.className == "a" && metrics.baseline.accuracy == 0.5)
    #expect(metrics.warnings.isEmpty)
    #expect(metrics.crossEntropy == nil && metrics[.logLoss] == nil && metrics.topK.isEmpty)
  }

  /// Exchanging truth and prediction transposes the matrix and exchanges precision and recall.
  @Test func transposition() throws {
    let metrics = try ClassificationMetrics(truth: truth, predicted: predicted, classNames: names)
    let other = try ClassificationMetrics(truth: predicted, predicted: truth, classNames: names)
    for row in 0..<3 {
      for column in 0..<3 {
        #expect(
          metrics.confusion[truth: row, predicted: column] == other.confusion[truth: column, predicted: row])
      }
    }
    #expect(metrics.classes.map(\.precision) == other.classes.map(\.recall))
    #expect(metrics.classes.map(\.recall) == other.classes.map(\.precision))
    #expect(metrics.classes.map(\.f1) == other.classes.map(\.f1))
    #expect(metrics.confusion[truth: 0, predicted: 1] == 1 && other.confusion[truth: 0, predicted: 1] == 0)
  }

  @Test func aClassNeverPredictedCountsAsZeroAndIsNamed() throws {
    let metrics = try ClassificationMetrics(truth: [0, 1, 3], predicted: [0, 0, 3], classNames: names + ["d", "e"])
    #expect(metrics.classes[1].precision == 0 && metrics.classes[1].f1 == 0)
    #expect(close([metrics.macro.f1], [(2.0 / 3 + 0 + 1) / 3], 1e-12))
    #expect(
      metrics.warnings == [
        "class b: never predicted; precision counts as 0",
        "2 classes: no images and never predicted; averages leave out such classes: c, e",
      ])
    let many = (0..<14).map { "c\($0)" }
    let one = try ClassificationMetrics(
      truth: Array(0..<14), predicted: [Int](repeating: 0, count: 14), classNames: many)
    #expect(
      one.warnings == ["13 classes: never predicted; precision counts as 0: c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, …"]
    )
  }
}

@Suite struct Probabilities {
  @Test func streamedFlatAndNestedAgree() throws {
    let rows: [[Float]] = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2], [0.3, 0.6, 0.1]]
    let truth = [0, 2, 1, 0]
    let nested = try ClassificationMetrics(truth: truth, probabilities: rows, classNames: names)
    let flat = try ClassificationMetrics(truth: truth, flatProbabilities: rows.flatMap { $0 }, classNames: names)
    #expect(nested == flat)
    // The third row is a tie: the first class is the prediction.
    #expect(nested.confusion.rows == [[1, 1, 0], [1, 0, 0], [0, 0, 1]])
    let expected = -(log(0.7) + log(0.7) + log(0.4) + log(0.3)) / 4
    #expect(close([nested.crossEntropy!], [expected], 1e-6))
    #expect(nested.topK.isEmpty, "of three classes the first three always hold the true one")
    #expect(close([nested.classes[0].rocAUC!], [0.75], 1e-12))
    var streamed = MetricsAccumulator(classNames: names, topK: [2], keepsScores: false)
    for (truth, row) in zip(truth, rows) { try streamed.add(truth: truth, probabilities: row) }
    #expect(try streamed.metrics().topK.map(\.k) == [2])
    #expect(try streamed.metrics().topK.map(\.accuracy) == [1])
    #expect(try streamed.metrics().classes[0].rocAUC == nil)
  }

  @Test func certainAndWrongIsFinite() throws {
    let metrics = try ClassificationMetrics(truth: [0], probabilities: [[0, 1]], classNames: ["a", "b"])
    #expect(close([metrics.crossEntropy!], [36.0437], 1e-3))
    #expect(metrics.calibration!.expectedError == 1)
  }

  @Test func whatCannotBeCountedIsRefused() throws {
    var accumulator = MetricsAccumulator(classNames: names)
    #expect(throws: EvaluationError.empty) { try accumulator.metrics() }
    #expect(throws: EvaluationError.classOutOfRange(role: "true", found: 3, classes: 3)) {
      try accumulator.add(truth: 3, predicted: 0)
    }
    #expect(throws: EvaluationError.classOutOfRange(role: "predicted", found: -1, classes: 3)) {
      try accumulator.add(truth: 0, predicted: -1)
    }
    #expect(throws: EvaluationError.countMismatch(what: "probabilities of an image", expected: 3, found: 2)) {
      try accumulator.add(truth: 0, probabilities: [0.5, 0.5])
    }
    let notFinite = #expect(throws: EvaluationError.self) {
      try accumulator.add(truth: 0, probabilities: [0.5, .nan, 0.5])
    }
    #expect(
      notFinite?.description
        == "evaluation: expected finite probabilities, found another for class b of image 0")
    #expect(throws: EvaluationError.classOutOfRange(role: "true", found: 7, classes: 3)) {
      try accumulator.add(truth: 7, probabilities: [0.5, 0.2, 0.3])
    }
    #expect(accumulator.images == 0, "a refused answer leaves no trace")
  }
}

@Suite struct Intervals {
  /// The numbers that USERS quote: 98 % of 819 images.
  @Test func wilson() {
    let interval = Interval.wilson(successes: 803, of: 819)
    #expect(close([interval.lower, interval.upper], [0.9685, 0.9879], 1e-3))
    #expect(Interval.wilson(successes: 10, of: 10).upper == 1)
    #expect(close([Interval.wilson(successes: 10, of: 10).lower], [0.7225], 1e-4))
    #expect(Interval.wilson(successes: 0, of: 10).lower == 0)
  }

  @Test func bootstrapIsSeededAndHoldsTheEstimate() throws {
    let truth = (0..<200).map { $0 % 2 }
    let predicted = truth.enumerated().map { $0 % 10 == 0 ? 1 - $1 : $1 }
    let first = try ClassificationMetrics(truth: truth, predicted: predicted, classNames: ["a", "b"])
    let again = try ClassificationMetrics(
      truth: truth.reversed(), predicted: predicted.reversed(), classNames: ["a", "b"])
    let other = try ClassificationMetrics(truth: truth, predicted: predicted, classNames: ["a", "b"], seed: 1)
    #expect(first.f1MacroInterval == again.f1MacroInterval, "the order of the images does not matter")
    #expect(first.f1MacroInterval != other.f1MacroInterval)
    #expect(first.f1MacroInterval.lower < first.macro.f1 && first.macro.f1 < first.f1MacroInterval.upper)
    // 180 of 200: the deviation of the share is √(0.9·0.1/200) = 0.0212.
    #expect(close([first.f1MacroInterval.lower, first.f1MacroInterval.upper], [0.858, 0.942], 0.015))
  }
}

@Suite struct ClassIntervals {
  /// What has no divisor has no interval, rather than one of nothing.
  @Test func whatIsNotThereHasNone() throws {
    let metrics = try ClassificationMetrics(truth: [0, 1, 1], predicted: [0, 0, 2], classNames: names + ["d"])
    #expect(metrics.classes.map { $0.precisionInterval == nil } == [false, true, false, true])
    #expect(metrics.classes.map { $0.recallInterval == nil } == [false, false, true, true])
    #expect(
      metrics.classes.map { $0.f1Interval == nil } == [false, true, true, true], "0 in every draw is no interval")
    let intervals = try #require(metrics.json["classes"]?.arrayValue).map {
      $0["intervals"]?.objectValue?.members.count
    }
    #expect(intervals == [3, 1, 1, 0])
  }

  /// Each class's F1 is resampled by the draws of macro F1: the same that the bootstrap of any number gives.
  @Test func f1IsThatOfTheSameDraws() throws {
    let metrics = try ClassificationMetrics(
      truth: truth, predicted: predicted, classNames: names, resamples: 60, seed: 5)
    for label in 0..<3 {
      let expected = Bootstrap(resamples: 60, seed: 5).interval(truths: truth) { images in
        let (hits, all) = images.reduce((0, 0)) { sum, image in
          let (isTrue, isTaken) = (truth[image] == label, predicted[image] == label)
          return (sum.0 + (isTrue && isTaken ? 1 : 0), sum.1 + (isTrue ? 1 : 0) + (isTaken ? 1 : 0))
        }
        return all == 0 ? nil : 2 * Double(hits) / Double(all)
      }
      #expect(metrics.classes[label].f1Interval == expected)
    }
  }

  /// 90 of 100 right in both of two equal classes: F1 is 0.9, and by the delta method its deviation is 0.0223.
  @Test func f1HoldsTheEstimate() throws {
    let truth = (0..<200).map { $0 % 2 }
    let predicted = truth.enumerated().map { $0 < 20 ? 1 - $1 : $1 }
    let metrics = try ClassificationMetrics(truth: truth, predicted: predicted, classNames: ["a", "b"])
    for entry in metrics.classes {
      let interval = try #require(entry.f1Interval)
      #expect(close([entry.f1], [0.9], 1e-12))
      #expect(close([interval.lower, interval.upper], [0.9 - 1.96 * 0.0223, 0.9 + 1.96 * 0.0223], 0.012))
    }
  }
}

@Suite struct Documents {
  private let metrics = try! ClassificationMetrics(
    truth: truth, predicted: predicted, classNames: ["a", "b", "눈치"], resamples: 10)

  @Test func json() throws {
    let json = metrics.json
    for key in ["accuracy", "balanced_accuracy", "f1_macro", "precision_macro", "recall_macro"] {
      #expect(json[key]?.doubleValue != nil, "\(key)")
    }
    #expect(json["confusion"] == [[2, 1, 0], [0, 1, 1], [0, 0, 1]])
    for (key, value) in [("name", "b"), ("precision", 0.5), ("recall", 0.5), ("f1", 0.5), ("support", 2)]
      as [(String, JSON)]
    {
      #expect(json["classes"]?[1]?[key] == value, "\(key)")
    }
    let intervals = try #require(json["classes"]?[0]?["intervals"])
    // 2 of 2 and 2 of 3.
    #expect(close(["lower", "upper"].compactMap { intervals["precision"]?[$0]?.doubleValue }, [0.3424, 1], 1e-4))
    #expect(close(["lower", "upper"].compactMap { intervals["recall"]?[$0]?.doubleValue }, [0.2077, 0.9385], 1e-4))
    #expect(intervals["precision"]?["method"] == "wilson" && intervals["f1"]?["method"] == "bootstrap")
    #expect(json["intervals"]?["accuracy"]?["method"] == "wilson")
    #expect(json["intervals"]?["f1_macro"]?["method"] == "bootstrap")
    #expect(try JSON(parsing: json.pretty()) == json)
    #expect(json["log_loss"] == nil)
  }

  /// A member that is read under another name than it is written, an interval of the wrong number.
  @Test func theDocumentReadsBack() throws {
    let probabilities: [[Float]] = [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.2, 0.8]]
    let metrics = try ClassificationMetrics(truth: [0, 1, 1, 0], probabilities: probabilities, classNames: ["a", "b"])
    let record = MetricsRecord(reading: try JSON(parsing: metrics.json.pretty()))
    #expect(record.document == metrics.json)
    #expect(record.images == 4 && record.confusion == metrics.confusion.rows && record.warnings == metrics.warnings)
    for metric in Metric.allCases { #expect(record[metric] == metrics[metric], "\(metric)") }
    #expect(record.accuracyInterval == metrics.accuracyInterval && record.f1MacroInterval == metrics.f1MacroInterval)
    #expect(record.interval(.accuracy) == metrics.accuracyInterval && record.interval(.kappa) == nil)
    #expect(record.baseline?.className == "a" && record.baseline?.accuracy == 0.5)
    #expect(record.classes.count == 2)
    for (found, written) in zip(record.classes, metrics.classes) {
      #expect(found.name == written.name && found.support == written.support)
      #expect(found.precision == written.precision && found.recall == written.recall && found.f1 == written.f1)
      #expect(found.rocAUC == written.rocAUC && found.averagePrecision == written.averagePrecision)
      #expect(found.precisionInterval == written.precisionInterval && found.recallInterval == written.recallInterval)
      #expect(found.f1Interval == written.f1Interval)
    }
  }

  /// Older runs say less.
  @Test func anEmptyDocumentIsRead() {
    let record = MetricsRecord(reading: .null)
    #expect(record.images == 0 && record.classes.isEmpty && record.confusion.isEmpty && record.baseline == nil)
    #expect(record[.accuracy] == nil && record.accuracyInterval == nil && record.warnings.isEmpty)
    #expect(SpreadRecord(reading: nil) == nil && SpreadRecord(reading: ["folds": 3]) == nil)
    let spread = SpreadRecord(reading: ["metrics": ["kappa": ["mean": 0.5, "deviation": 0.25], "ece": ["mean": 1.0]]])
    #expect(spread?[.kappa]?.mean == 0.5 && spread?[.kappa]?.deviation == 0.25 && spread?[.calibrationError] == nil)
  }

  /// A model with thresholds answers otherwise than by the greatest probability: what is counted is what it answered.
  @Test func answersKeepWhatWasAnswered() throws {
    let rows: [[Float]] = [[0.9, 0.1], [0.7, 0.3], [0.6, 0.4], [0.2, 0.8]]
    var evaluated = MetricsAccumulator(classNames: ["a", "b"])
    for (row, (truth, answer)) in zip(rows, [(0, 0), (1, 1), (0, 1), (1, 1)]) {
      try evaluated.add(truth: truth, probabilities: row, answer: answer)
    }
    let metrics = try #require(evaluated.answers).metrics()
    #expect(metrics == (try evaluated.metrics()))
    #expect(metrics.confusion.rows == [[1, 1], [0, 2]])
    let given = try Answers(
      truths: [0, 1, 0, 1], predicted: [0, 1, 1, 1], probabilities: rows.flatMap { $0 }, classNames: ["a", "b"])
    #expect(given.predicted == [0, 1, 1, 1])
    #expect(given.value(of: .accuracy, among: [0, 1, 2, 3]) == 0.75 && metrics.accuracy == 0.75)
    #expect(throws: EvaluationError.classOutOfRange(role: "predicted", found: 2, classes: 2)) {
      try Answers(truths: [0], predicted: [2], probabilities: [1, 0], classNames: ["a", "b"])
    }
  }

  @Test func table() {
    #expect(
      metrics.confusion.table == """
        true \\ predicted  a  b  눈치
        a                 2  1     0
        b                 0  1     1
        눈치              0  0     1

        """)
    #expect(
      metrics.table.hasPrefix(
        """
        images                  6
        accuracy           0.6667  95 %: 0.3000–0.9032
        majority baseline  0.5000  always answering 'a'
        balanced accuracy  0.7222
        macro F1           0.6556  95 %:\u{20}
        """))
    #expect(
      metrics.table.contains("(the accuracy is not surely above the majority baseline)\n\nkappa 0.5000, MCC 0.5222\n"))
    #expect(
      metrics.table.contains(
        """
        class             precision       95 %  recall       95 %      F1  images
        a                    1.0000  0.34–1.00  0.6667  0.21–0.94  0.8000       3
        b                    0.5000  0.09–0.91  0.5000  0.09–0.91  0.5000       2
        눈치                 0.5000  0.09–0.91  1.0000  0.21–1.00  0.6667       1
        macro average        0.6667             0.7222             0.6556       6
        weighted average     0.7500             0.6667             0.6778       6

        true \\ predicted  a  b  눈치
        a                 2  1     0
        b                 0  1     1
        눈치              0  0     1

        most confused  taken for  images  of the class
        a              b               1          33 %
        b              눈치            1          50 %

        """))
  }

  /// No line of a table leaves a terminal, whatever the names and however many classes.
  @Test(arguments: [3, 12, 20, 21, 35, 300]) func tablesStayNarrow(classes: Int) throws {
    let names = (0..<classes).map { "마스크를 제대로 쓴 얼굴, seen from the front or from the side, number \($0)" }
    let truth = (0..<3 * classes).map { $0 % classes }
    let predicted = truth.enumerated().map { $0 < classes ? 0 : $1 }
    let metrics = try ClassificationMetrics(truth: truth, predicted: predicted, classNames: names, resamples: 5)
    let lines = metrics.table.split(separator: "\n").filter { !$0.hasPrefix("warning") }
    #expect(lines.allSatisfy { TextTable.width(of: String($0)) <= 120 })
    #expect(lines.count < 70)
    #expect(metrics.table.contains("true \\ predicted") == (classes <= 20))
    #expect(metrics.table.contains("classes of the least F1") == (classes > 30))
    #expect(metrics.table.contains("most confused"))
    if classes == 3 { #expect(lines.contains { $0.hasPrefix("1 마스크를 제대로") }) }
  }

  @Test func theBaselineIsRemarkedOnlyWhereItIsNear() throws {
    let truth = (0..<200).map { $0 % 2 }
    let good = try ClassificationMetrics(truth: truth, predicted: truth, classNames: ["a", "b"], resamples: 5)
    #expect(!good.table.contains("not surely above"))
  }

  @Test func everyMetricHasItsValue() throws {
    let metrics = try ClassificationMetrics(
      truth: [0, 1], probabilities: [[0.9, 0.1], [0.8, 0.2]], classNames: ["a", "b"])
    for metric in Metric.allCases { #expect(metrics[metric] != nil, "\(metric)") }
    #expect(Metric(rawValue: "f1_macro") == .f1Macro)
    #expect(!Metric.logLoss.risesWithQuality && Metric.f1Macro.risesWithQuality)
  }
}
