import NunchiDatasets
import NunchiDocuments

/// The output of `nunchi data stats`.
struct StatisticsPage {
  private let examination: Examination
  private let statistics: DatasetStatistics
  private let balance: ClassBalance
  private let unusable: Int

  init(_ examination: Examination) {
    self.examination = examination
    statistics = DatasetStatistics(examination)
    balance = ClassBalance(examination)
    unusable = examination.pictures.count - statistics.pictures
  }

  var warnings: [String] {
    let bad = unusable > 0 ? ["\(unusable) files cannot be used and are not counted; see nunchi data check"] : []
    return bad + (balance.warning.map { [$0] } ?? []) + examination.subject.warnings
  }

  var document: JSON {
    let bins = statistics.longerSide.map { bin -> JSON in
      ["from": JSON(bin.from), "to": JSON(bin.to), "count": JSON(bin.count)]
    }
    let formats = statistics.formats.map { JSON.Member($0.format.rawValue, JSON($0.count)) }
    return [
      "path": JSON(examination.subject.path), "kind": JSON(examination.subject.kind.word),
      "divided": JSON(examination.subject.isDivided), "pictures": JSON(statistics.pictures),
      "unusable": JSON(unusable), "classes": balance.document, "baseline": balance.baselineDocument,
      "width": Self.spread(statistics.width), "height": Self.spread(statistics.height),
      "bytes": Self.spread(statistics.bytes), "longer_side": .array(bins), "formats": .object(.init(formats)),
      "gray": JSON(statistics.gray), "mean": JSON(statistics.moments.mean),
      "deviation": JSON(statistics.moments.deviation),
    ]
  }

  private static func spread(_ spread: DatasetStatistics.Spread?) -> JSON {
    spread.map { ["min": JSON($0.least), "median": JSON($0.median), "max": JSON($0.greatest)] } ?? .null
  }

  var text: String {
    var sizes = TextTable(header: ["", "min", "median", "max"])
    if let width = statistics.width {
      sizes.append(["width", "\(width.least)", "\(width.median)", "\(width.greatest)"])
    }
    if let height = statistics.height {
      sizes.append(["height", "\(height.least)", "\(height.median)", "\(height.greatest)"])
    }
    if let bytes = statistics.bytes {
      sizes.append(["file", Text.bytes(bytes.least), Text.bytes(bytes.median), Text.bytes(bytes.greatest)])
    }
    var longer = TextTable(header: ["longer side", "pictures"])
    for bin in statistics.longerSide { longer.append(["\(bin.from) to \(bin.to)", Text.grouped(bin.count)]) }
    var colours = TextTable(header: ["", "red", "green", "blue"])
    colours.append(["mean"] + statistics.moments.mean.map { Text.fixed($0, 4) })
    colours.append(["deviation"] + statistics.moments.deviation.map { Text.fixed($0, 4) })
    let formats = statistics.formats.map { "\(Text.grouped($0.count)) \($0.format.rawValue)" }
    let gray = statistics.gray > 0 ? ["\(Text.grouped(statistics.gray)) gray"] : []
    let kinds = (formats + gray).joined(separator: ", ")
    let head =
      "\(examination.subject.path): \(Text.grouped(statistics.pictures)) pictures"
      + (kinds.isEmpty ? "" : " (\(kinds))") + "\n"
    let parts = [head, balance.rows.isEmpty ? "" : balance.table, sizes.text, longer.text, colours.text]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
