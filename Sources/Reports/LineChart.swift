/// A line chart as SVG.
struct LineChart {
  struct Series {
    let name: String
    /// The number of its colour.
    let colour: Int
    let points: [(x: Double, y: Double)]

    init(_ name: String, colour: Int, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.colour = colour
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
    }
  }

  /// The title, for screen readers.
  let title: String
  /// The name of the x axis.
  let along: String
  let x: Axis
  let y: Axis
  let series: [Series]
  /// A vertical line at this x, with its name.
  var mark: (x: Double, name: String)?
  /// Whether there is a thin diagonal: guessing in a ROC chart, perfect calibration in a reliability diagram.
  var hasDiagonal = false
  /// Lines with at most so many points show each as a dot.
  var mostDots = 0

  private static let (width, height) = (420.0, 270.0)
  static let (left, right, top, bottom) = (46.0, 400.0, 24.0, 224.0)

  /// Lines with more points are reduced to the minimum and maximum of neighbouring points.
  private static let mostPoints = 300

  var body: String {
    Self.frame(title: words, along: along, x: x, y: y, hasDiagonal: hasDiagonal, marks + series.map(line).joined())
  }

  /// A description for screen readers: where each line begins and ends.
  private var words: String {
    let lines = series.compactMap { series -> String? in
      guard let first = series.points.first, let last = series.points.last else { return nil }
      return series.points.count == 1
        ? "\(series.name): \(y.words(first.y))" : "\(series.name): from \(y.words(first.y)) to \(y.words(last.y))"
    }
    return ([title] + lines.prefix(4) + (mark.map { [$0.name] } ?? [])).joined(separator: "; ")
  }

  /// The legend; empty for one line.
  var legend: String {
    series.count > 1 ? Bars.legend(series.map { ($0.name, $0.colour) }) : ""
  }

  private var marks: String {
    guard let mark else { return "" }
    let place = Self.across(mark.x, x)
    // Above the frame, where no line runs. Near the edges the text extends inwards.
    let anchor = x.place(mark.x) > 0.85 ? "end" : x.place(mark.x) < 0.15 ? "start" : "middle"
    return """
      <line class="mark" x1="\(place)" y1="\(Self.top - 4)" x2="\(place)" y2="\(Self.bottom)"/>\
      <text x="\(place)" y="\(Self.top - 9)" text-anchor="\(anchor)">\(escaped(mark.name))</text>
      """
  }

  private func line(_ series: Series) -> String {
    let colour = PageStyle.colour(series.colour)
    let points = Self.thinned(series.points)
    let dots =
      points.count > mostDots
      ? []
      : points.map { point in
        "<circle cx=\"\(Self.across(point.x, x))\" cy=\"\(Self.up(point.y, y))\" r=\"2.4\" fill=\"\(colour)\"/>"
      }
    let path = points.map { Self.across($0.x, x) + "," + Self.up($0.y, y) }.joined(separator: " ")
    return "<polyline class=\"line\" stroke=\"\(colour)\" points=\"\(path)\"><title>\(escaped(series.name))</title>"
      + "</polyline>" + dots.joined()
  }

  private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > mostPoints else { return points }
    let pieces = mostPoints / 2
    return (0..<pieces).flatMap { piece in
      let part = points[piece * points.count / pieces..<(piece + 1) * points.count / pieces]
      let (least, most) = (part.min { $0.y < $1.y }!, part.max { $0.y < $1.y }!)
      return least.x <= most.x ? [least, most] : [most, least]
    }
  }

  static func across(_ value: Double, _ axis: Axis) -> String {
    Figure.fixed(left + (right - left) * axis.place(value), 1)
  }

  static func up(_ value: Double, _ axis: Axis) -> String {
    Figure.fixed(bottom - (bottom - top) * axis.place(value), 1)
  }

  /// The axes with ticks and names, and `content` drawn over them.
  static func frame(
    title: String, along: String, x: Axis, y: Axis, hasDiagonal: Bool, _ content: String
  ) -> String {
    let across = x.ticks.map { tick in
      "<text x=\"\(Self.across(tick, x))\" y=\"\(bottom + 17)\" text-anchor=\"middle\">\(x.label(tick))</text>"
    }
    let up = y.ticks.map { tick in
      let place = Self.up(tick, y)
      return """
        <line class="axis" x1="\(left)" y1="\(place)" x2="\(right)" y2="\(place)"/>\
        <text x="\(left - 6)" y="\(place)" dy="4" text-anchor="end">\(y.label(tick))</text>
        """
    }
    let diagonal =
      hasDiagonal ? "<line class=\"diagonal\" x1=\"\(left)\" y1=\"\(bottom)\" x2=\"\(right)\" y2=\"\(top)\"/>" : ""
    return """
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(escaped(title))">\
      \(up.joined())\(across.joined())\(content)\(diagonal)\
      <text x="\(right)" y="\(bottom + 36)" text-anchor="end">\(escaped(along))</text></svg>

      """
  }
}
