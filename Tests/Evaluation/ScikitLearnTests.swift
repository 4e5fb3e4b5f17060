import NunchiDocuments
import NunchiEvaluation
import Testing

/// The generator of `Tools/metrics_fixtures.py`.
private struct SplitMix64 {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}

/// One case of `Tools/metrics_fixtures.py`, number for number.
private struct Case {
  let classes: Int
  var truth: [Int] = []
  var rows: [[Float]] = []

  init(number: Int) {
    var random = SplitMix64(state: UInt64(number))
    let classes = 2 + random.below(6)
    let images = 4 + random.below(60)
    let favours = (0..<classes).map { _ in [1, 1, 1, 4, 0][random.below(5)] }
    let occurring = classes > 2 ? classes - random.below(2) : classes
    self.classes = classes
    for _ in 0..<images {
      let weights = (0..<classes).map { (1 + favours[$0] * random.below(200)) * classes + $0 }
      let total = weights.reduce(0, +)
      let best = weights.firstIndex(of: weights.max()!)!
      rows.append(weights.map { Float(Double($0) / Double(total)) })
      truth.append(random.below(10) < 6 ? best % occurring : random.below(occurring))
    }
  }
}

@Suite struct ScikitLearn {
  @Test func thousandCasesAgree() throws {
    let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let fixtures = try MappedFile(path: "/\(path)/Fixtures/metrics.json").withBytes { try JSON(parsing: Array($0)) }
    let cases = try #require(fixtures["cases"]?.arrayValue)
    let columns = try #require(fixtures["columns"]?.arrayValue).compactMap(\.stringValue)
    #expect(cases.count == 1000)
    var worst: [String: (difference: Double, example: Int)] = [:]
    for (number, answers) in cases.enumerated() {
      let ours = try answersOfOurs(Case(number: number))
      for (place, column) in columns.enumerated() {
        let expected = numbers(answers[place] ?? .null)
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
    #expect(worst.count == columns.count)
    // The fixtures are rounded: exact equality would mean that nothing was compared.
    #expect(worst.values.contains { $0.difference > 0 })
  }

  /// All numbers in a document, in order; none for null.
  private func numbers(_ json: JSON) -> [Double] {
    json.arrayValue?.flatMap(numbers) ?? json.doubleValue.map { [$0] } ?? []
  }

  private func answersOfOurs(_ example: Case) throws -> [String: [Double]] {
    let names = (0..<example.classes).map { "c\($0)" }
    var accumulator = MetricsAccumulator(classNames: names, topK: [2], keepsScores: true)
    for (truth, row) in zip(example.truth, example.rows) { try accumulator.add(truth: truth, probabilities: row) }
    let metrics = try accumulator.metrics(resamples: 2)
    // Few distinct scores, so that ties matter.
    let ranking = Ranking(
      scores: example.rows.map { ($0[0] * 8).rounded(.down) }, positive: example.truth.map { $0 == 0 })
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
}
