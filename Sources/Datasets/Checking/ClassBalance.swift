import NunchiImages

/// How many readable pictures each class has, and what that alone gives away.
package struct ClassBalance: Sendable {
  package struct Row: Sendable {
    package let name: String
    /// In the order of `Examination.splits`.
    package let counts: [Int]
    package var total: Int { counts.reduce(0, +) }
  }

  package let splits: [Split?]
  package let rows: [Row]

  package init(_ examination: Examination) {
    splits = examination.splits
    let counts = splits.map { examination.counts($0) }
    rows = examination.subject.classes.enumerated().map { label, name in
      Row(name: name, counts: counts.map { $0[label] })
    }
  }

  /// Always answering the most frequent class: its name and the share of right answers over all pictures.
  package var baseline: (name: String, accuracy: Double)? {
    let all = rows.reduce(0) { $0 + $1.total }
    guard all > 0, let most = rows.indices.max(by: { (rows[$0].total, $1) < (rows[$1].total, $0) }) else { return nil }
    return (rows[most].name, Double(rows[most].total) / Double(all))
  }

  /// Where the most frequent class of the training pictures has this many times the pictures of the rarest.
  package static let unevenFrom = 3.0

  /// A sentence where the classes are uneven.
  package var warning: String? {
    let training = rows.map { ($0.name, $0.counts.first ?? 0) }
    guard let most = training.max(by: { $0.1 < $1.1 }), let least = training.min(by: { $0.1 < $1.1 }), least.1 > 0,
      Double(most.1) >= Self.unevenFrom * Double(least.1), let baseline
    else { return nil }
    let percent = Int((100 * baseline.accuracy).rounded())
    return
      "'\(most.0)' has \(most.1) pictures and '\(least.0)' \(least.1): always answering '\(baseline.name)' is right "
      + "for \(percent) % of all pictures; look at f1_macro and balanced accuracy, and keep --imbalance auto"
  }
}
