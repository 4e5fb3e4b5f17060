import NunchiDocuments
import NunchiEvaluation
import Testing

@Suite struct ScikitLearn {
  @Test func thousandCasesAgree() throws { try compare(fixture("metrics.json"), count: 1000, ours) }

  @Test func agreementAndAreasAgree() throws {
    try compare(fixture("agreement.json"), count: 1000) { example, _ in
      let metrics = try metrics(example)
      return Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.rawValue, metrics[$0].map { [$0] } ?? []) })
    }
  }

  @Test func classesAgree() throws {
    try compare(fixture("per_class.json"), count: 1000) { example, _ in
      let classes = try metrics(example).classes
      return [
        "precision": classes.map(\.precision), "recall": classes.map(\.recall),
        "support": classes.map { Double($0.support) }, "roc_auc": classes.compactMap(\.rocAUC),
        "average_precision": classes.compactMap(\.averagePrecision),
      ]
    }
  }

  @Test func intervalsOfClassesAgree() throws {
    let cases = try #require(fixture("per_class.json")["intervals"]?.arrayValue)
    for (number, expected) in cases.enumerated() {
      let classes = try metrics(Case(number: number)).classes
      let found = [classes.map(\.precisionInterval), classes.map(\.recallInterval)].map { intervals in
        intervals.compactMap { $0 }.flatMap { [$0.lower, $0.upper] }
      }
      #expect(close(found[0], numbers(expected[0] ?? .null), 1e-6), "precision of case \(number)")
      #expect(close(found[1], numbers(expected[1] ?? .null), 1e-6), "recall of case \(number)")
      for entry in classes {
        #expect((entry.precisionInterval == nil) == (entry.predictions == 0))
        #expect((entry.recallInterval == nil) == (entry.support == 0))
      }
    }
    #expect(cases.count == 100)
  }

  /// Agreement says little where the cases are all of one kind.
  @Test func oddCasesAreAmongThem() throws {
    var seen: [String: Int] = [:]
    for number in 0..<1000 {
      let example = Case(number: number)
      let predicted = example.rows.map { row in row.firstIndex(of: row.max()!)! }
      let (truths, answers) = (Set(example.truth), Set(predicted))
      let kinds: [(String, Bool)] = [
        ("one image", example.truth.count == 1),
        ("a class absent and never predicted", truths.union(answers).count < example.classes),
        ("a class absent but predicted", !answers.isSubset(of: truths)),
        ("a class never predicted", !truths.isSubset(of: answers)),
        ("one true class", truths.count == 1 && example.truth.count > 1),
        ("one answer", answers.count == 1 && example.truth.count > 1),
        ("all right", predicted == example.truth),
        ("all wrong", zip(predicted, example.truth).allSatisfy { $0 != $1 }),
        ("equally probable answers", example.rows.contains { row in row.count { $0 == row.max()! } > 1 }),
        ("equal scores", Set(example.rows.map { $0[0] }).count < example.rows.count),
        ("certain and wrong", zip(example.rows, example.truth).contains { $0[$1] == 0 }),
        ("two classes", example.classes == 2),
      ]
      for (kind, isOne) in kinds { seen[kind, default: 0] += isOne ? 1 : 0 }
    }
    #expect(seen.count == 12)
    for (kind, count) in seen { #expect(count >= 5, "\(kind)") }
  }

  @Test func curvesAgree() throws {
    try compare(fixture("curves.json"), count: 60) { example, number in
      let ranking = ranking(example, number)
      let (roc, recall) = (ranking.rocCurve, ranking.precisionRecallCurve)
      guard let roc, let recall else { return [:] }
      return [
        "false_positive_rate": roc.points.map(\.x), "recall": roc.points.map(\.y),
        "sensitivity": recall.points.map(\.x), "precision": recall.points.map(\.y),
      ]
    }
  }

  @Test func thresholdsAgree() throws {
    let fixtures = try fixture("curves.json")
    let rules = try #require(fixtures["rules"]?.arrayValue).map { try ThresholdRule(parsing: $0.stringValue!) }
    let place = try #require(fixtures["columns"]?.arrayValue?.firstIndex(of: "thresholds"))
    var compared = 0
    var unattainable = 0
    for (number, answers) in try #require(fixtures["cases"]?.arrayValue).enumerated() where !answers.isNull {
      let example = Case(number: number)
      let ranking = ranking(example, number)
      for (rule, expected) in zip(rules, try #require(answers[place]?.arrayValue)) {
        compared += 1
        guard !expected.isNull else {
          #expect(throws: EvaluationError.self, "\(rule) of case \(number)") {
            try ranking.choose(rule, className: "c0")
          }
          unattainable += 1
          continue
        }
        let choice = try ranking.choose(rule, className: "c0")
        #expect(
          [choice.truePositives, choice.falsePositives] == expected.arrayValue?.compactMap(\.intValue),
          "\(rule) of case \(number)")
        let accepted = scores(example, number).indices.filter { scores(example, number)[$0] >= choice.threshold }
        #expect(accepted.count == choice.truePositives + choice.falsePositives, "the threshold \(choice.threshold)")
        #expect(accepted.count { example.truth[$0] == 0 } == choice.truePositives)
      }
    }
    #expect(compared > 300 && unattainable > 10)
  }

  @Test func exactTestsAgree() throws {
    let pairs = try #require(fixture("tests.json")["mcnemar"]?.arrayValue)
    for pair in pairs.map(numbers) {
      let p = try comparison(fixes: Int(pair[0]), breaks: Int(pair[1])).pValue
      #expect(abs(p - pair[2]) <= 1e-10 * pair[2], "\(pair): \(p)")
    }
    #expect(pairs.count == 11)
  }

  @Test func temperaturesAgree() throws {
    let temperatures = numbers(try #require(fixture("tests.json")["temperatures"]))
    for (number, expected) in temperatures.enumerated() {
      let example = LogitCase(number: number)
      let fit = try TemperatureFit(truths: example.truths, logits: example.logits, classes: example.classes)
      #expect(abs(fit.temperature.value - expected) < 1e-8 * expected, "case \(number)")
      #expect(fit.logLoss < fit.logLossBefore && !fit.isAtLimit)
    }
    #expect(temperatures.count == 30)
  }

  // MARK: Ours

  private func metrics(_ example: Case) throws -> ClassificationMetrics {
    var accumulator = MetricsAccumulator(classNames: example.names, topK: [2])
    for (truth, row) in zip(example.truth, example.rows) { try accumulator.add(truth: truth, probabilities: row) }
    return try accumulator.metrics(resamples: 2)
  }

  private func ours(_ example: Case, _ number: Int) throws -> [String: [Double]] {
    let metrics = try metrics(example)
    let ranking = Ranking(scores: coarse(example), positive: example.truth.map { $0 == 0 })
    var answers: [String: [Double]] = [
      "confusion": metrics.confusion.rows.flatMap { $0 }.map(Double.init), "accuracy": [metrics.accuracy],
      "balanced_accuracy": [metrics.balancedAccuracy], "f1": metrics.classes.map(\.f1),
      "top_2": [metrics.topK.first?.accuracy ?? 1], "log_loss": [metrics.crossEntropy!],
      "roc_auc": ranking.rocAUC.map { [$0] } ?? [], "average_precision": ranking.averagePrecision.map { [$0] } ?? [],
      "ece": [metrics.calibration!.expectedError], "wilson_lower": [metrics.accuracyInterval.lower],
      "wilson_upper": [metrics.accuracyInterval.upper],
    ]
    for (name, scores) in [("macro", metrics.macro), ("weighted", metrics.weighted), ("micro", metrics.micro)] {
      answers["precision_\(name)"] = [scores.precision]
      answers["recall_\(name)"] = [scores.recall]
      answers["f1_\(name)"] = [scores.f1]
    }
    return answers
  }

  /// Few distinct scores, so that ties matter.
  private func coarse(_ example: Case) -> [Float] { example.rows.map { ($0[0] * 8).rounded(.down) } }

  private func scores(_ example: Case, _ number: Int) -> [Float] {
    number % 2 == 0 ? coarse(example) : example.rows.map { $0[0] }
  }

  private func ranking(_ example: Case, _ number: Int) -> Ranking {
    Ranking(scores: scores(example, number), positive: example.truth.map { $0 == 0 })
  }

  /// Compares every column of every case that `answers` has.
  private func compare(
    _ fixtures: JSON, count: Int, _ answers: (Case, Int) throws -> [String: [Double]]
  ) throws {
    let cases = try #require(fixtures["cases"]?.arrayValue)
    let columns = try #require(fixtures["columns"]?.arrayValue).compactMap(\.stringValue)
    #expect(cases.count == count)
    var worst: [String: (difference: Double, example: Int)] = [:]
    for (number, expected) in cases.enumerated() {
      let ours = try answers(Case(number: number), number)
      #expect(expected.isNull == ours.isEmpty, "case \(number)")
      for (place, column) in columns.enumerated() where column != "thresholds" && !ours.isEmpty {
        let expected = numbers(expected[place] ?? .null)
        let found = try #require(ours[column], "\(column)")
        try #require(expected.count == found.count, "case \(number), \(column)")
        for difference in zip(expected, found).map({ abs($0 - $1) })
        where !(difference <= worst[column]?.difference ?? -1) {
          worst[column] = (difference, number)
        }
      }
    }
    for (column, worst) in worst {
      #expect(worst.difference < 1e-6, "\(column) of case \(worst.example) is \(worst.difference) off")
    }
    #expect(worst.count == columns.count { $0 != "thresholds" })
    // The fixtures are rounded: exact equality would mean that nothing was compared.
    #expect(worst.values.contains { $0.difference > 0 })
  }
}

/// Two models of two classes, of which the second is right on `fixes` more images and wrong on `breaks` others.
func comparison(fixes: Int, breaks: Int, agreed: Int = 1, bootstrap: Bootstrap = Bootstrap(resamples: 2)) throws
  -> Comparison
{
  let images = fixes + breaks + agreed
  func answers(_ right: (Int) -> Bool) throws -> Answers {
    let rows = (0..<images).flatMap { image -> [Float] in (image % 2 == 0) == right(image) ? [0.8, 0.2] : [0.3, 0.7] }
    return try Answers(truths: (0..<images).map { $0 % 2 }, probabilities: rows, classNames: ["a", "b"])
  }
  return try Comparison(
    answers { $0 >= fixes }, answers { $0 < fixes || $0 >= fixes + breaks }, bootstrap: bootstrap)
}
