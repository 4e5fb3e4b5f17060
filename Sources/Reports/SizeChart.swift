/// A chart of widths against heights as SVG: a dot for each size and class, larger for more images.
struct SizeChart {
  struct Dot: Hashable {
    let width: Int
    let height: Int
    let series: Int
  }

  /// The dots with their counts.
  let dots: [(dot: Dot, count: Int)]
  private static let most = 3000

  /// - Parameter sizes: one for each image.
  init(_ sizes: [Dot]) {
    let counted = Dictionary(grouping: sizes) { $0 }.mapValues(\.count)
    let sorted = counted.sorted {
      ($0.key.width, $0.key.height, $0.key.series) < ($1.key.width, $1.key.height, $1.key.series)
    }
    let step = max(1, (sorted.count + Self.most - 1) / Self.most)
    // Frequent sizes are drawn first, so that single images stay visible.
    dots = stride(from: 0, to: sorted.count, by: step).map { (dot: sorted[$0].key, count: sorted[$0].value) }
      .sorted {
        ($1.count, $0.dot.width, $0.dot.height, $0.dot.series) < ($0.count, $1.dot.width, $1.dot.height, $1.dot.series)
      }
  }

  private static let (left, top, side) = (46.0, 24.0, 330.0)

  var body: String {
    let greatest = Double(dots.map { max($0.dot.width, $0.dot.height) }.max() ?? 1)
    let step = Self.step(greatest)
    let end = (greatest / step).rounded(.up) * step
    func along(_ value: Double) -> Double { Self.left + Self.side * value / end }
    func up(_ value: Double) -> Double { Self.top + Self.side * (1 - value / end) }
    var marks = ""
    for tick in stride(from: 0, through: end, by: step) {
      let (x, y, label) = (Figure.fixed(along(tick), 1), Figure.fixed(up(tick), 1), Figure.fixed(tick, 0))
      marks += """
        <line class="axis" x1="\(x)" y1="\(Self.top)" x2="\(x)" y2="\(Self.top + Self.side)"/>\
        <line class="axis" x1="\(Self.left)" y1="\(y)" x2="\(Self.left + Self.side)" y2="\(y)"/>\
        <text x="\(x)" y="\(Self.top + Self.side + 16)" text-anchor="middle">\(label)</text>\
        <text x="\(Self.left - 6)" y="\(Figure.fixed(up(tick) + 4, 1))" text-anchor="end">\(label)</text>
        """
    }
    let most = Double(dots.first?.count ?? 1)
    for (dot, count) in dots {
      let radius = Figure.fixed(3 + 11 * (Double(count) / most).squareRoot() * (most > 1 ? 1 : 0), 1)
      marks += """
        <circle cx="\(Figure.fixed(along(Double(dot.width)), 1))" cy="\(Figure.fixed(up(Double(dot.height)), 1))" \
        r="\(radius)" fill="\(PageStyle.colour(dot.series))" fill-opacity=".5"><title>\(dot.width) x \(dot.height): \
        \(count)</title></circle>
        """
    }
    return """
      <svg viewBox="0 0 390 392" role="img" aria-label="width and height of the pictures">\(marks)\
      <text x="\(Self.left + Self.side)" y="\(Self.top + Self.side + 30)" text-anchor="end">width in pixels</text>\
      <text x="\(Self.left)" y="12">height in pixels</text></svg>

      """
  }

  /// A round step, so that four to ten of them reach `greatest`.
  private static func step(_ greatest: Double) -> Double {
    var step = 1.0
    while true {
      for factor in [1.0, 2, 5] where greatest <= 6 * step * factor { return step * factor }
      step *= 10
    }
  }
}
