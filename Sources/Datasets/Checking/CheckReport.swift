import NunchiImages
import NunchiSystem

/// What an examination comes to: everything that `nunchi data check` says.
package struct CheckReport: Sendable {
  package let examination: Examination
  package let duplicates: Duplicates
  package let shortcuts: [Shortcut]
  package let balance: ClassBalance
  /// Sentences for the user, the gravest first.
  package let warnings: [String]

  package init(
    _ examination: Examination, threads: Int, isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    self.examination = examination
    duplicates = Duplicates(examination, threads: threads, isStopped: isStopped)
    shortcuts = Shortcut.all(examination)
    balance = ClassBalance(examination)
    let parts: [[String]] = [
      Self.unusable(examination), Self.copies(duplicates, examination), Self.shortcuts(shortcuts),
      balance.warning.map { [$0] } ?? [], examination.subject.warnings,
    ]
    warnings = parts.flatMap { $0 }
  }

  /// The pictures that cannot be used.
  package var unusable: [CheckedPicture] { examination.pictures.filter { $0.pixels == nil } }

  private static func unusable(_ examination: Examination) -> [String] {
    let bad = examination.pictures.filter { $0.pixels == nil }
    guard let first = bad.first, let reason = first.reason else { return [] }
    let damaged = bad.count { if case .damaged = $0.outcome { true } else { false } }
    let kinds = [
      damaged > 0 ? "\(damaged) damaged" : nil, bad.count > damaged ? "\(bad.count - damaged) refused" : nil,
    ]
    let what = kinds.compactMap { $0 }.joined(separator: ", ")
    return [
      "\(bad.count) of \(examination.pictures.count) files cannot be used (\(what)): first \(first.path): \(reason)"
    ]
  }

  private static func copies(_ duplicates: Duplicates, _ examination: Examination) -> [String] {
    let pictures = examination.pictures
    let components = Dictionary(grouping: pictures.indices.filter { pictures[$0].pixels != nil }) {
      duplicates.components[$0]
    }.values.filter { $0.count > 1 }
    var sentences: [String] = []
    let contradictions = components.count { Set($0.map { pictures[$0].label }).count > 1 }
    if contradictions > 0 {
      sentences.append(
        "\(times(contradictions, "picture")) in more than one class: a label must be wrong; see the duplicates across classes"
      )
    }
    let leaking = components.filter { Set($0.map { pictures[$0].split }).count > 1 }
    if !leaking.isEmpty {
      let held = leaking.reduce(0) { $0 + $1.count { pictures[$0].split != .train } }
      sentences.append(
        "\(times(leaking.count, "picture")) in more than one split (\(held) in validation or test): accuracy will look "
          + "better than it is; nunchi data split keeps copies together")
    }
    let within = components.count - leaking.count
    if within > 0, !examination.subject.classes.isEmpty {
      sentences.append(
        "\(times(within, "picture")) more than once within a split: copies count several times in training")
    }
    return sentences
  }

  private static func times(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun) is there" : "\(count) \(noun)s are there"
  }

  /// One sentence a feature, over all splits.
  private static func shortcuts(_ shortcuts: [Shortcut]) -> [String] {
    Shortcut.Feature.allCases.compactMap { feature in
      let found = shortcuts.filter { $0.feature == feature && $0.isWarning }
      guard let first = found.first else { return nil }
      let places = found.map { shortcut in
        "\(NumberText.percent(shortcut.balancedAccuracy))" + (shortcut.split.map { " in \($0.rawValue)" } ?? "")
      }
      return "the \(feature.words) alone tells the classes apart (balanced accuracy \(places.joined(separator: ", ")); "
        + "guessing \(NumberText.percent(first.chance))); \(feature.advice)"
    }
  }

}
