import NunchiDocuments

/// A confusion matrix: a table with counts and shares of the row for few classes, an image for many.
struct ConfusionView {
  private let classes: [String]
  private let rows: [[Int]]
  private static let mostCells = 20
  private static let mostPairs = 10

  init(classes: [String], rows: [[Int]]) {
    self.classes = classes
    self.rows = rows
  }

  var body: String {
    let drawn = classes.count <= Self.mostCells ? table : picture
    return "<div class=\"card\">\(drawn)</div>\(pairs)"
  }

  private func share(_ truth: Int, _ predicted: Int) -> Double {
    Double(rows[truth][predicted]) / Double(max(rows[truth].reduce(0, +), 1))
  }

  /// Whether columns have numbers instead of names, because the names are long or many. Rows then have both.
  private var isNumbered: Bool { classes.count > 8 || classes.contains { TextTable.width(of: $0) > 14 } }

  private var table: String {
    let head = classes.enumerated().map { index, name in
      isNumbered
        ? "<th scope=\"col\"><abbr title=\"\(escaped(name))\">\(index + 1)</abbr></th>"
        : "<th scope=\"col\">\(escaped(name))</th>"
    }.joined()
    let body = classes.indices.map { truth in
      let cells = classes.indices.map { predicted in
        let share = share(truth, predicted)
        let kind = truth == predicted ? "" : " class=\"wrong\""
        return "<td><i\(kind) style=\"opacity:\(Figure.fixed(0.45 * share, 3))\"></i>"
          + "<b>\(Figure.grouped(rows[truth][predicted]))</b><span>\(Figure.percent(share))</span></td>"
      }
      let name = (isNumbered ? "\(truth + 1) " : "") + classes[truth]
      return "<tr><th class=\"text\" scope=\"row\">\(escaped(name))</th>\(cells.joined())</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="confusion matrix"><table class="confusion"><thead><tr><td></td>\
      <th class="over" colspan="\(classes.count)" scope="colgroup">predicted class</th></tr>
      <tr><th class="text" scope="col">true class</th>\(head)</tr></thead>
      <tbody>\(body.joined())</tbody></table></div><p class="note">Each cell: pictures, and their share of the row, that is of all \
      pictures of the true class.</p>

      """
  }

  /// The number of shades.
  private static let steps = 8

  /// The side of the image, and the margin for the names of its axes.
  private static let (side, margin) = (600, 54)

  private var picture: String {
    var paths = [String](repeating: "", count: 2 * Self.steps)
    for truth in classes.indices {
      for predicted in classes.indices where rows[truth][predicted] > 0 {
        let step = min(Int(share(truth, predicted) * Double(Self.steps)), Self.steps - 1)
        paths[step + (truth == predicted ? 0 : Self.steps)] += "M\(predicted) \(truth)h1v1h-1z"
      }
    }
    let marks = paths.enumerated().filter { !$0.element.isEmpty }.map { place, path in
      let depth = Double(place % Self.steps + 1) / Double(Self.steps)
      let colour = place < Self.steps ? "var(--accent)" : "var(--warn)"
      return "<path fill=\"\(colour)\" fill-opacity=\"\(Figure.fixed(0.25 + 0.75 * depth, 2))\" d=\"\(path)\"/>"
    }
    let (count, whole) = (classes.count, Self.side + Self.margin)
    let right = classes.indices.reduce(0) { $0 + rows[$1][$1] }
    let all = rows.reduce(0) { $0 + $1.reduce(0, +) }
    return """
      <div class="matrix">\
      <svg viewBox="0 0 \(whole + 6) \(whole + 6)" role="img" aria-label="confusion matrix of \(count) classes: \
      \(right) of \(all) pictures lie on the diagonal">\(axes)\
      <g transform="translate(\(Self.margin) \(Self.margin)) scale(\(Figure.fixed(Double(Self.side) / Double(count), 5)))" \
      shape-rendering="crispEdges"><rect width="\(count)" height="\(count)" fill="var(--soft)"/>\
      \(marks.joined())</g></svg></div><p class="note">Numbers are those of the classes in the table below. The stronger the \
      colour, the larger the share of the row, that is of all pictures of the true class: blue where the answer is right, \
      orange where it is wrong. The counts are in evaluation/confusion.csv.</p>

      """
  }

  /// The names of both axes, with the numbers of about ten classes along each.
  private var axes: String {
    let (side, margin) = (Double(Self.side), Double(Self.margin))
    let middle = Figure.fixed(margin + side / 2, 1)
    let ticks = Axis(from: 0, through: Double(classes.count), about: 12, isWhole: true).ticks.map { max(Int($0), 1) }
      .filter { $0 <= classes.count }
    let numbers = ticks.map { number in
      let place = Figure.fixed(margin + side * (Double(number) - 0.5) / Double(classes.count), 1)
      return "<text x=\"\(place)\" y=\"\(Self.margin - 8)\" text-anchor=\"middle\">\(number)</text>"
        + "<text x=\"\(Self.margin - 8)\" y=\"\(place)\" dy=\"5\" text-anchor=\"end\">\(number)</text>"
    }
    return "<text x=\"\(middle)\" y=\"18\" text-anchor=\"middle\">predicted class</text>"
      + "<text x=\"16\" y=\"\(middle)\" text-anchor=\"middle\" transform=\"rotate(-90 16 \(middle))\">true class</text>"
      + numbers.joined()
  }

  /// The most confused pairs, for many classes.
  private var pairs: String {
    guard classes.count > 2 else { return "" }
    let found = classes.indices.flatMap { truth in
      classes.indices.compactMap { predicted in
        truth != predicted && rows[truth][predicted] > 0 ? (truth: truth, predicted: predicted) : nil
      }
    }.sorted {
      (rows[$0.truth][$0.predicted], $1.truth, $1.predicted) > (rows[$1.truth][$1.predicted], $0.truth, $0.predicted)
    }
    guard !found.isEmpty else { return "" }
    var table = PageTable(
      "pairs most often confused", header: ["true class", "taken for", "pictures", "of the class"], textColumns: [0, 1])
    for pair in found.prefix(Self.mostPairs) {
      table.append([
        classes[pair.truth], classes[pair.predicted], Figure.grouped(rows[pair.truth][pair.predicted]),
        Figure.percent(share(pair.truth, pair.predicted)),
      ])
    }
    return "<div class=\"card\"><h3>Most often confused</h3>\(table.body)</div>"
  }
}
