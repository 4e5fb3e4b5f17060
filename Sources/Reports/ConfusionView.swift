import NunchiEvaluation

/// A confusion matrix drawn: cells with counts and shares of the row for a few classes, a picture for many.
struct ConfusionView {
  private let classes: [String]
  private let rows: [[Int]]
  private static let mostCells = 20
  private static let mostPairs = 20

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

  private var table: String {
    let head = classes.map { "<th>\(escaped($0))</th>" }.joined()
    let body = classes.indices.map { truth in
      let cells = classes.indices.map { predicted in
        let share = share(truth, predicted)
        let kind = truth == predicted ? "" : " class=\"wrong\""
        return "<td><i\(kind) style=\"opacity:\(Figure.fixed(0.45 * share, 3))\"></i>"
          + "<b>\(Figure.grouped(rows[truth][predicted]))</b><span>\(Figure.percent(share))</span></td>"
      }
      return "<tr><th class=\"text\" scope=\"row\">\(escaped(classes[truth]))</th>\(cells.joined())</tr>\n"
    }
    return """
      <div class="scroll"><table class="confusion"><thead><tr><th></th>\
      <th class="over" colspan="\(classes.count)">predicted class</th></tr>
      <tr><th class="text">true class</th>\(head)</tr></thead>
      \(body.joined())</table></div><p class="note">Each cell: pictures, and their share of the row, that is of all \
      pictures of the true class.</p>

      """
  }

  /// Steps of darkness.
  private static let steps = 8

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
    return """
      <div class="matrix"><p class="note">true class downwards, predicted class to the right, both in the order of the \
      classes; the darker, the larger the share of the row</p>\
      <svg viewBox="0 0 \(classes.count) \(classes.count)" shape-rendering="crispEdges" role="img" \
      aria-label="confusion matrix"><rect width="\(classes.count)" height="\(classes.count)" fill="var(--soft)"/>\
      \(marks.joined())</svg></div>

      """
  }

  /// Where the classes are many, the pairs say more than the picture.
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
    var table = PageTable(header: ["true class", "taken for", "pictures", "of the class"], textColumns: [0, 1])
    for pair in found.prefix(Self.mostPairs) {
      table.append([
        classes[pair.truth], classes[pair.predicted], Figure.grouped(rows[pair.truth][pair.predicted]),
        Figure.percent(share(pair.truth, pair.predicted)),
      ])
    }
    return "<div class=\"card\"><h3>Most often confused</h3>\(table.body)</div>"
  }
}
