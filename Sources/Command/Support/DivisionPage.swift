import NunchiDatasets
import NunchiDocuments
import NunchiSystem

/// The output of `nunchi data split`.
struct DivisionPage {
  private let division: DataDivision
  private let path: String
  private let out: String
  private let seed: UInt64

  init(_ division: DataDivision, path: String, out: String, seed: UInt64) {
    (self.division, self.path, self.out, self.seed) = (division, path, out, seed)
  }

  private var counts: [(split: Split, counts: [Int])] {
    Split.allCases.map { ($0, division.counts($0)) }.filter { $0.1.contains { $0 > 0 } }
  }

  var document: JSON {
    let classes = division.classes.enumerated().map { label, name -> JSON in
      let members = counts.map { JSON.Member($0.split.rawValue, JSON($0.counts[label])) }
      return [
        "name": JSON(name), "count": JSON(counts.reduce(0) { $0 + $1.counts[label] }),
        "splits": .object(.init(members)),
      ]
    }
    let sums = counts.map { JSON.Member($0.split.rawValue, JSON($0.counts.reduce(0, +))) }
    return [
      "path": JSON(path), "manifest": JSON(out), "seed": .seed(seed), "images": JSON(division.rows.count),
      "groups": JSON(division.groups), "splits": .object(.init(sums)), "classes": .array(classes),
    ]
  }

  var table: String {
    var table = TextTable(header: ["class"] + counts.map(\.split.rawValue) + ["all"])
    for (label, name) in division.classes.enumerated() {
      let row = counts.map { $0.counts[label] }
      table.append([name] + row.map(Text.grouped) + [Text.grouped(row.reduce(0, +))])
    }
    return table.text + "\(Text.grouped(division.rows.count)) pictures in \(Text.grouped(division.groups)) groups\n"
  }

  var next: String { "the list: \(quoted(out))\nnext: nunchi train \(quoted(out))\n" }
}
