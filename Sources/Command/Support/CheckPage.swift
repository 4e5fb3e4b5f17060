import NunchiDatasets
import NunchiDocuments
import NunchiSystem

/// The output of `nunchi data check`.
struct CheckPage {
  private let report: CheckReport
  private let html: String?
  private var examination: Examination { report.examination }
  private static let named = 10

  init(_ report: CheckReport, html: String?) { (self.report, self.html) = (report, html) }

  // MARK: - JSON

  var document: JSON {
    let subject = examination.subject
    return [
      "path": JSON(subject.path), "kind": JSON(subject.kind.word), "divided": JSON(subject.isDivided),
      "pictures": JSON(examination.pictures.count),
      "readable": JSON(examination.pictures.count - report.unusable.count),
      "files": .array(subject.isFiles ? examination.pictures.map(file) : []),
      "duplicates": .array(report.duplicates.groups.map(duplicate)),
      "shortcuts": .array(report.shortcuts.map(shortcut)), "classes": report.balance.document,
      "baseline": report.balance.baselineDocument, "html": JSON(html), "warnings": JSON(report.warnings),
    ]
  }

  private func file(_ picture: CheckedPicture) -> JSON {
    [
      "path": JSON(picture.path), "status": JSON(picture.outcome.word), "format": JSON(picture.format?.rawValue),
      "width": picture.pixels.map { JSON($0.width) } ?? .null,
      "height": picture.pixels.map { JSON($0.height) } ?? .null,
      "bytes": picture.bytes.map { JSON($0) } ?? .null, "reason": JSON(picture.reason),
      "split": JSON(picture.split?.rawValue), "class": JSON(picture.label.map { examination.subject.classes[$0] }),
    ]
  }

  private func duplicate(_ group: DuplicateGroup) -> JSON {
    let members = group.members.map { examination.pictures[$0] }
    let pairs = group.pairs.map { pair -> JSON in
      [
        "first": JSON(examination.pictures[pair.first].path), "second": JSON(examination.pictures[pair.second].path),
        "distance": JSON(pair.distance), "likeness": JSON(pair.likeness), "mirrored": JSON(pair.isMirrored),
      ]
    }
    return [
      "kind": JSON(group.kind.rawValue), "across": JSON(group.across.rawValue), "paths": JSON(members.map(\.path)),
      "splits": JSON(Set(members.compactMap { $0.split?.rawValue }).sorted()),
      "classes": JSON(Set(members.compactMap(\.label)).sorted().map { examination.subject.classes[$0] }),
      "pairs": .array(pairs),
    ]
  }

  private func shortcut(_ shortcut: Shortcut) -> JSON {
    [
      "feature": JSON(shortcut.feature.rawValue), "split": JSON(shortcut.split?.rawValue ?? "all"),
      "balanced_accuracy": JSON(shortcut.balancedAccuracy), "chance": JSON(shortcut.chance),
      "bound": JSON(shortcut.bound), "warn": JSON(shortcut.isWarning),
    ]
  }

  // MARK: - Text

  var text: String {
    var parts = [summary]
    if !report.balance.rows.isEmpty { parts.append(report.balance.table) }
    if !report.unusable.isEmpty { parts.append(files) }
    if !report.duplicates.groups.isEmpty { parts.append(duplicates) }
    if !report.shortcuts.isEmpty { parts.append(shortcuts) }
    parts.append(
      report.warnings.isEmpty
        ? "nothing stands out\n"
        : report.warnings.count == 1 ? "1 warning, above\n" : "\(report.warnings.count) warnings, above\n")
    if let html { parts.append("the page: \(quoted(html))\n") }
    return parts.joined(separator: "\n")
  }

  private var summary: String {
    let count = examination.pictures.count
    let classes = examination.subject.classes.count
    if case .file = examination.subject.kind, let picture = examination.pictures.first {
      let size = picture.pixels.map { ", \($0.width)x\($0.height)" } ?? ""
      return "\(picture.path): \(picture.outcome.word)\(picture.format.map { ", \($0.rawValue)" } ?? "")\(size)"
        + (picture.reason.map { ": \($0)" } ?? "") + "\n"
    }
    return
      "\(examination.subject.path): \(Text.grouped(count - report.unusable.count)) of \(Text.grouped(count)) pictures "
      + "can be used" + (classes > 0 ? ", \(classes) classes" : "") + "\n"
  }

  private var files: String {
    var table = TextTable(header: ["file", "status", "reason"], textColumns: [0, 1, 2])
    for picture in report.unusable.prefix(Self.named) {
      table.append([picture.path, picture.outcome.word, picture.reason ?? ""])
    }
    return table.text + more(report.unusable.count)
  }

  private var duplicates: String {
    let groups = report.duplicates.groups
    var table = TextTable(header: ["copies", "across", "pictures"], textColumns: [0, 1, 2])
    for group in groups.prefix(Self.named) {
      let paths = group.members.prefix(3).map { examination.pictures[$0].path }
      let rest = group.members.count - paths.count
      table.append([
        group.kind.rawValue, group.across.rawValue,
        paths.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : ""),
      ])
    }
    return table.text + more(groups.count)
  }

  private var shortcuts: String {
    let splits = examination.splits.filter { split in report.shortcuts.contains { $0.split == split } }
    var table = TextTable(header: ["told from the"] + splits.map { $0?.rawValue ?? "all" })
    for feature in Shortcut.Feature.allCases {
      let found = splits.map { split in report.shortcuts.first { $0.feature == feature && $0.split == split } }
      guard found.contains(where: { $0 != nil }) else { continue }
      table.append(
        [feature.words]
          + found.map {
            $0.map { Text.fixed(100 * $0.balancedAccuracy, 0) + " %" + ($0.isWarning ? " !" : "  ") } ?? "-"
          })
    }
    let chance = report.shortcuts.first.map { Text.fixed(100 * $0.chance, 0) } ?? "-"
    return table.text + "balanced accuracy of a tiny tree on nothing else; guessing is \(chance) %, ! is a warning\n"
  }

  private func more(_ count: Int) -> String {
    count > Self.named ? "and \(count - Self.named) more, all of them with --json or --html\n" : ""
  }
}

extension CheckSubject.Kind {
  /// The name in documents.
  var word: String {
    switch self {
    case .dataset(let kind): kind.rawValue
    case .pictures: "pictures"
    case .file: "file"
    }
  }
}

extension ClassBalance {
  var document: JSON {
    .array(
      rows.map { row in
        let counts = zip(splits, row.counts).map { JSON.Member($0?.rawValue ?? "all", JSON($1)) }
        return ["name": JSON(row.name), "count": JSON(row.total), "splits": .object(.init(counts))]
      })
  }

  var baselineDocument: JSON {
    baseline.map { ["class": JSON($0.name), "accuracy": JSON($0.accuracy)] } ?? .null
  }

  var table: String {
    let names = splits.compactMap { $0?.rawValue }
    var table = TextTable(header: ["class"] + names + ["all"])
    for row in rows {
      let counts = names.isEmpty ? [] : row.counts.map(Text.grouped)
      table.append([row.name] + counts + [Text.grouped(row.total)])
    }
    guard let baseline else { return table.text }
    return table.text
      + "always answering '\(baseline.name)' is right for \(Text.fixed(100 * baseline.accuracy, 1)) % of all pictures\n"
  }
}
