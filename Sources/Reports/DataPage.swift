import NunchiDatasets
import NunchiImages

/// The report of a data set: its contents, examples and problems.
package struct DataPage {
  private let report: CheckReport
  private let examination: Examination
  private let statistics: DatasetStatistics
  private var classes: [String] { examination.subject.classes }

  package init(_ report: CheckReport) {
    self.report = report
    examination = report.examination
    statistics = DatasetStatistics(report.examination)
  }

  /// The page. Making it decodes the images that it shows.
  package var html: String {
    let path = examination.subject.path
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var page = WebPage(title: name, lead: "<span class=\"path\">\(escaped(path))</span>")
    page.add(nil, tiles)
    page.add("What to look at", warnings)
    if !classes.isEmpty { page.add("Classes", classBars) }
    if let examples { page.add("Examples", examples) }
    if statistics.pictures > 0 { page.add("Sizes and colours", sizes) }
    if !report.shortcuts.isEmpty { page.add("What gives the classes away", shortcuts) }
    if !report.duplicates.groups.isEmpty { page.add("Copies", DuplicateGallery(report).body) }
    if !report.unusable.isEmpty { page.add("Files that cannot be used", unusable) }
    return page.html
  }

  private var tiles: String {
    let copies = Dictionary(grouping: report.duplicates.groups.flatMap(\.members)) { report.duplicates.components[$0] }
    var tiles = Tiles()
    tiles.add(Figure.grouped(statistics.pictures), statistics.pictures == 1 ? "picture" : "pictures")
    if !classes.isEmpty { tiles.add("\(classes.count)", "classes") }
    if let baseline = report.balance.baseline {
      tiles.add(Figure.percent(baseline.accuracy), "right by always answering “\(baseline.name)”")
    }
    tiles.add("\(copies.count)", "pictures that are there more than once", isWarning: !copies.isEmpty)
    tiles.add("\(report.unusable.count)", "files that cannot be used", isWarning: !report.unusable.isEmpty)
    return tiles.body
  }

  private var warnings: String {
    guard !report.warnings.isEmpty else {
      return
        "<p class=\"fine\">Nothing stands out: every file can be read, no picture is there twice, and no side issue "
        + "tells the classes apart.</p>\n"
    }
    return "<ul class=\"warnings\">" + report.warnings.map { "<li>\(escaped(sentence($0)))</li>" }.joined() + "</ul>\n"
  }

  private func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }

  private var classBars: String {
    let balance = report.balance
    let most = Double(max(balance.rows.map(\.total).max() ?? 1, 1))
    var bars = Bars()
    for row in balance.rows {
      let parts = row.counts.enumerated().map { index, count in
        Bars.Part(share: Double(count) / most, kind: .coloured(index))
      }
      bars.add(row.name, parts, Figure.grouped(row.total))
    }
    guard balance.splits.count > 1 else { return "<div class=\"card\">\(bars.body)</div>" }
    let names = balance.splits.compactMap { $0?.rawValue }
    var table = PageTable("pictures of each class", header: ["class"] + names + ["all"])
    for row in balance.rows { table.append([row.name] + row.counts.map(Figure.grouped) + [Figure.grouped(row.total)]) }
    return "<div class=\"card\">\(Bars.legend(names))\(bars.body)</div><div class=\"card\">\(table.body)</div>"
  }

  // MARK: - Examples

  private static let mostClasses = 40

  private var examples: String? {
    let readable = examination.pictures.indices.filter { examination.pictures[$0].pixels != nil }
    if classes.isEmpty {
      let row = thumbnails(readable, count: 24)
      return row.isEmpty ? nil : "<div class=\"card\"><div class=\"thumbs\">\(row)</div></div>"
    }
    let byClass = Dictionary(grouping: readable) { examination.pictures[$0].label ?? -1 }
    let shown = classes.prefix(Self.mostClasses)
    let count = max(4, min(12, 160 / max(shown.count, 1)))
    let rows = shown.enumerated().map { label, name in
      "<h3>\(escaped(name))</h3><div class=\"thumbs\">\(thumbnails(byClass[label] ?? [], count: count))</div>"
    }
    let rest = classes.count - shown.count
    return "<div class=\"card\">\(rows.joined())</div>"
      + (rest > 0 ? "<p class=\"note\">and \(rest) more classes</p>" : "")
  }

  /// Thumbnails of `count` images, evenly spaced in the list.
  private func thumbnails(_ indices: [Int], count: Int) -> String {
    let taken = min(count, indices.count)
    return (0..<taken).map { place in
      let index = indices[place * indices.count / taken]
      guard let picture = try? examination.picture(index) else { return "" }
      return Thumbnail.element(picture, caption: examination.pictures[index].path)
    }.joined()
  }

  // MARK: - Sizes

  private var sizes: String {
    let dots = examination.pictures.compactMap { picture in
      picture.pixels.map { SizeChart.Dot(width: $0.width, height: $0.height, series: picture.label ?? 0) }
    }
    let legend = classes.count > 1 && classes.count <= PageStyle.colours ? Bars.legend(classes) : ""
    return "<div class=\"two\"><div class=\"card\">\(legend)\(SizeChart(dots).body)</div><div class=\"card\">"
      + spreads + "<h3>Longer side</h3>" + histogram + "</div></div>"
  }

  private var spreads: String {
    var table = PageTable("sizes", header: ["", "least", "median", "most"])
    if let width = statistics.width {
      table.append(["width", "\(width.least)", "\(width.median)", "\(width.greatest)"])
    }
    if let height = statistics.height {
      table.append(["height", "\(height.least)", "\(height.median)", "\(height.greatest)"])
    }
    if let bytes = statistics.bytes {
      table.append(["file", Figure.bytes(bytes.least), Figure.bytes(bytes.median), Figure.bytes(bytes.greatest)])
    }
    let formats = statistics.formats.map { "\(Figure.grouped($0.count)) \($0.format.rawValue)" }
    let gray = statistics.gray > 0 ? ["\(Figure.grouped(statistics.gray)) of them gray"] : []
    let (mean, deviation) = (statistics.moments.mean, statistics.moments.deviation)
    var channels = PageTable("colours", header: ["", "red", "green", "blue"])
    channels.append(["mean"] + mean.map { Figure.fixed($0, 3) })
    channels.append(["deviation"] + deviation.map { Figure.fixed($0, 3) })
    let words = (formats + gray).joined(separator: ", ")
    return table.body + (words.isEmpty ? "" : "<p class=\"note\">\(escaped(words))</p>") + channels.body
  }

  private var histogram: String {
    let most = Double(max(statistics.longerSide.map(\.count).max() ?? 1, 1))
    var bars = Bars()
    for bin in statistics.longerSide {
      bars.add(
        bin.from == bin.to ? "\(bin.from)" : "\(bin.from)–\(bin.to)", [Bars.Part(share: Double(bin.count) / most)],
        Figure.grouped(bin.count))
    }
    return bars.body
  }

  // MARK: - Shortcuts and files

  private var shortcuts: String {
    let chance = report.shortcuts.first?.chance ?? 0.5
    let cards = examination.splits.compactMap { split -> String? in
      let found = report.shortcuts.filter { $0.split == split }
      guard !found.isEmpty else { return nil }
      var bars = Bars()
      for shortcut in found {
        bars.add(
          shortcut.feature.words,
          [Bars.Part(share: shortcut.balancedAccuracy, kind: shortcut.isWarning ? .warning : .plain)],
          Figure.percent(shortcut.balancedAccuracy), isWarning: shortcut.isWarning, mark: shortcut.chance)
      }
      return "<div class=\"card\">" + (split.map { "<h3>\($0.rawValue)</h3>" } ?? "") + bars.body + "</div>"
    }
    return
      "<p class=\"note\">How often a tiny decision tree finds the right class from one number that has nothing to do "
      + "with what the picture shows (balanced accuracy on pictures it has not seen). The line is guessing, "
      + "\(Figure.percent(chance)). What is far beyond it, a model may learn instead of the subject.</p>"
      + "<div class=\"two\">\(cards.joined())</div>"
  }

  private static let mostFiles = 200

  private var unusable: String {
    var table = PageTable("files that cannot be used", header: ["file", "", "why"], textColumns: [0, 1, 2])
    for picture in report.unusable.prefix(Self.mostFiles) {
      table.append([picture.path, picture.outcome.word, picture.reason ?? ""])
    }
    let rest = report.unusable.count - Self.mostFiles
    return "<div class=\"card\">\(table.body)</div>" + (rest > 0 ? "<p class=\"note\">and \(rest) more</p>" : "")
  }
}

/// Groups of copies, side by side.
private struct DuplicateGallery {
  private let report: CheckReport
  private var pictures: [CheckedPicture] { report.examination.pictures }
  private static let most = 30

  init(_ report: CheckReport) { self.report = report }

  /// The groups by severity: across classes, across splits, then within a split.
  var body: String {
    let order: [DuplicateGroup.Across] = [.labels, .split, .none]
    let groups = order.flatMap { across in report.duplicates.groups.filter { $0.across == across } }
    let cards = groups.prefix(Self.most).map(card)
    let rest = groups.count - Self.most
    return "<div class=\"pairs\">\(cards.joined())</div>"
      + (rest > 0 ? "<p class=\"note\">and \(rest) more groups; nunchi data check --json lists all of them</p>" : "")
  }

  private func card(_ group: DuplicateGroup) -> String {
    let extent: String? =
      switch group.across {
      case .labels: "across classes"
      case .split: "across splits"
      case .none: nil
      }
    let shown = group.members.prefix(4)
    let images = shown.compactMap { index in
      (try? report.examination.picture(index)).map { Thumbnail.element($0, caption: pictures[index].path) }
    }
    let more = group.members.count - shown.count
    let names = shown.map { escaped(pictures[$0].path) } + (more > 0 ? ["and \(more) more"] : [])
    let mirrored = group.pairs.contains { $0.isMirrored }
    let tags =
      "<span class=\"tag\">\(group.kind == .exact ? "same bytes" : "same picture")</span>"
      + (mirrored ? "<span class=\"tag\">mirrored</span>" : "")
      + (extent.map { "<span class=\"tag warn\">\($0)</span>" } ?? "")
    return "<div class=\"card\">\(tags)<div class=\"thumbs\">\(images.joined())</div><p>"
      + names.joined(separator: "<br>") + "</p></div>"
  }
}
