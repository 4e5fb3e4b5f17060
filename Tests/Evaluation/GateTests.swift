import NunchiDocuments
import NunchiEvaluation
import Testing

@Suite struct Gates {
  /// Accuracy 0.6667.
  private let metrics = try! ClassificationMetrics(
    truth: [0, 0, 0, 1, 1, 2], predicted: [0, 0, 1, 1, 2, 2], classNames: ["a", "b", "c"], resamples: 1)

  @Test func everyMetricCanBeDemanded() throws {
    for metric in Metric.allCases {
      let gate = try Gate(parsing: " \(metric.rawValue) >= 0.5 ")
      #expect(gate == Gate(metric, .atLeast, 0.5) && gate.description == metric.rawValue + ">=0.5")
    }
    #expect(try Gate(parsing: "log_loss<=3").description == "log_loss<=3")
  }

  @Test(arguments: [
    ("accuracy>=0.6", true, "expected accuracy>=0.6, found accuracy 0.6667"),
    ("accuracy>=0.9", false, "expected accuracy>=0.9, found accuracy 0.6667"),
    ("accuracy<=0.5", false, "expected accuracy<=0.5, found accuracy 0.6667"),
    ("accuracy<=0.7", true, "expected accuracy<=0.7, found accuracy 0.6667"),
    ("log_loss<=0.5", false, "expected log_loss<=0.5, found log_loss no value"),
    // Rounded, the accuracy would seem to meet the bound.
    ("accuracy>=0.6667", false, "expected accuracy>=0.6667, found accuracy 0.6666666666666666"),
    ("f1_micro>=0.6666666666666666", true, "expected f1_micro>=0.6666666666666666, found f1_micro 0.6667"),
  ])
  func outcomes(_ text: String, _ isMet: Bool, _ sentence: String) throws {
    let outcome = try Gate(parsing: text).check(metrics)
    #expect(outcome.isMet == isMet && outcome.sentence == sentence)
  }

  @Test func json() throws {
    #expect(
      try Gate(parsing: "balanced_accuracy>=0.9").check(metrics).json
        == [
          "metric": "balanced_accuracy", "relation": ">=", "bound": 0.9, "found": .number(metrics.balancedAccuracy),
          "met": false,
        ])
    #expect(try Gate(parsing: "ece<=0.1").check(metrics).json["found"] == .null)
  }

  @Test func whatIsNoGate() {
    for text in ["f1_macro", "f1_macro=0.9", "f1_macro>0.9", "", "accuracy=>0.9"] {
      let error = #expect(throws: EvaluationError.self) { try Gate(parsing: text) }
      #expect(
        error?.description
          == "gate: expected a metric, >= or <=, and a number, such as f1_macro>=0.9, found '\(text)'")
    }
    let metric = #expect(throws: EvaluationError.self) { try Gate(parsing: "f1>=0.9") }
    #expect(metric?.description.hasPrefix("gate: expected one of the metrics accuracy, balanced_accuracy, ") == true)
    #expect(metric?.description.hasSuffix(", found 'f1'") == true)
    for bound in ["", "high", "nan", "inf"] {
      let error = #expect(throws: EvaluationError.self) { try Gate(parsing: "kappa<=\(bound)") }
      #expect(error?.description == "gate: expected a number after <=, found 'kappa<=\(bound)'")
    }
  }
}
