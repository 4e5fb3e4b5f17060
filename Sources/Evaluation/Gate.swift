import NunchiSystem

/// A bound that a metric must keep, such as `f1_macro>=0.9` or `log_loss<=0.3`.
package struct Gate: Hashable, Sendable, CustomStringConvertible {
  package enum Relation: String, Hashable, Sendable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
  }

  /// What checking a gate found.
  package struct Outcome: Hashable, Sendable {
    package let gate: Gate
    /// The value of the metric; `nil` where it is undefined.
    package let found: Double?

    /// Whether the bound is kept. An undefined metric and NaN never keep it.
    package var isMet: Bool {
      guard let found else { return false }
      return switch gate.relation {
      case .atLeast: found >= gate.bound
      case .atMost: found <= gate.bound
      }
    }

    /// Such as "expected f1_macro>=0.9, found f1_macro 0.8731". All digits are shown where four would make a missed
    /// bound look met.
    package var sentence: String {
      guard let found else { return "expected \(gate), found \(gate.metric.rawValue) no value" }
      let rounded = decimal(found)
      let looksRight = Outcome(gate: gate, found: Double(rounded)).isMet == isMet
      return "expected \(gate), found \(gate.metric.rawValue) \(looksRight ? rounded : found.description)"
    }
  }

  package let metric: Metric
  package let relation: Relation
  package let bound: Double

  package init(_ metric: Metric, _ relation: Relation, _ bound: Double) {
    (self.metric, self.relation, self.bound) = (metric, relation, bound)
  }

  /// Parses a metric's name, `>=` or `<=`, and a number. Spaces do not matter.
  package init(parsing text: String) throws(EvaluationError) {
    let word = text.filter { $0 != " " }
    guard let sign = word.firstIndex(where: { $0 == ">" || $0 == "<" }),
      let relation = Relation(rawValue: String(word[sign...].prefix(2)))
    else {
      throw .notUnderstood(
        what: "gate", expected: "a metric, >= or <=, and a number, such as f1_macro>=0.9", found: text)
    }
    guard let metric = Metric(rawValue: String(word[..<sign])) else {
      let names = Metric.allCases.map(\.rawValue).joined(separator: ", ")
      throw .notUnderstood(what: "gate", expected: "one of the metrics \(names)", found: String(word[..<sign]))
    }
    guard let bound = Double(String(word[sign...].dropFirst(2))), bound.isFinite else {
      throw .notUnderstood(what: "gate", expected: "a number after \(relation.rawValue)", found: text)
    }
    self.init(metric, relation, bound)
  }

  package var description: String { "\(metric.rawValue)\(relation.rawValue)\(NumberText.short(bound))" }

  package func check(_ metrics: ClassificationMetrics) -> Outcome { Outcome(gate: self, found: metrics[metric]) }
}
