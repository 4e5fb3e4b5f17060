/// Lines of text drawn into pictures, with a pen of our own: no font files, the same pixels on every machine.
package struct Lettering: Sendable, Hashable {
  /// The height of capitals in pixels; lines want about twice that.
  package var height: Float
  package var weight: Weight

  package enum Weight: Sendable, Hashable {
    case regular, bold

    /// Half the pen's width, in twelfths of the height of capitals.
    fileprivate var radius: Float {
      switch self {
      case .regular: 0.75
      case .bold: 1.15
      }
    }
  }

  package init(height: Float, weight: Weight = .regular) { (self.height, self.weight) = (height, weight) }

  /// What a line of text takes from left to right, in pixels.
  package func width(_ text: String) -> Float {
    guard !text.isEmpty else { return 0 }
    return unit * (text.reduce(0) { $0 + Self.advance($1) } - Self.space)
  }

  /// `text` as far as it fits into `width` pixels, with dots where something was left out.
  package func fitted(_ text: String, _ width: Float) -> String {
    if self.width(text) <= width { return text }
    var shorter = text
    while !shorter.isEmpty, self.width(shorter + "...") > width { shorter.removeLast() }
    return shorter + "..."
  }

  /// `text` broken at spaces into lines of at most `width` pixels.
  package func wrapped(_ text: String, _ width: Float) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, self.width(last + " " + word) <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(fitted(String(word), width))
      }
    }
    return lines
  }

  /// The share of every pixel that the pen covers, for `text` from `x` with its baseline at `y`: calls `paint` with the
  /// places of pixels and shares in 0...1, at most once a pixel for each letter.
  package func draw(_ text: String, x: Float, y: Float, paint: (_ x: Int, _ y: Int, _ share: Float) -> Void) {
    var left = x
    for character in text {
      let strokes = Self.strokes(character).map { $0.map { SIMD2(left, y - height) + unit * $0 } }
      Self.draw(strokes, radius: weight.radius * unit, paint)
      left += unit * Self.advance(character)
    }
  }

  private var unit: Float { height / 12 }

  /// Between two letters, in twelfths of the height of capitals.
  private static let space: Float = 3.4

  /// From one letter's left edge to the next one's.
  private static func advance(_ character: Character) -> Float {
    if character == " " { return 5.5 }
    return strokes(character).joined().reduce(0) { max($0, $1.x) } + space
  }

  private static func draw(
    _ strokes: [[SIMD2<Float>]], radius: Float, _ paint: (_ x: Int, _ y: Int, _ share: Float) -> Void
  ) {
    let points = strokes.joined()
    guard let first = points.first else { return }
    let reach = SIMD2<Float>(repeating: radius + 1)
    let low = points.reduce(first) { pointwiseMin($0, $1) } - reach
    let high = points.reduce(first) { pointwiseMax($0, $1) } + reach
    for y in Int(low.y.rounded(.down))...Int(high.y.rounded(.up)) {
      for x in Int(low.x.rounded(.down))...Int(high.x.rounded(.up)) {
        let centre = SIMD2(Float(x) + 0.5, Float(y) + 0.5)
        let nearest = strokes.reduce(Float.infinity) { min($0, distance(centre, $1)) }
        let share = min(max(radius + 0.5 - nearest, 0), 1)
        if share > 0 { paint(x, y, share) }
      }
    }
  }

  /// From a point to a line through several.
  private static func distance(_ point: SIMD2<Float>, _ line: [SIMD2<Float>]) -> Float {
    var least = Float.infinity
    for index in 0..<max(line.count - 1, 1) {
      let from = line[index]
      let along = (index + 1 < line.count ? line[index + 1] : from) - from
      let share = min(max(((point - from) * along).sum() / max((along * along).sum(), 1e-9), 0), 1)
      let away = point - from - share * along
      least = min(least, (away * away).sum())
    }
    return least.squareRoot()
  }
}

extension Lettering {
  /// A letter as lines through points, in twelfths of the height of capitals.
  private static func strokes(_ character: Character) -> [[SIMD2<Float>]] { table[character] ?? missing }

  private static let missing = lines(Glyphs.missing)
  private static let table = Glyphs.shapes.mapValues(lines)

  private static func lines(_ shape: String) -> [[SIMD2<Float>]] {
    shape.split(separator: " ").map { stroke in
      let isClosed = stroke.hasPrefix("@")
      let digits = stroke.drop { $0 == "@" || $0 == "~" }.map { Float(Int(String($0), radix: 17)!) }
      let points = stride(from: 0, to: digits.count, by: 2).map { SIMD2(digits[$0], digits[$0 + 1]) }
      return isClosed || stroke.hasPrefix("~") ? curve(points, isClosed: isClosed) : points
    }
  }

  /// The curve of Catmull and Rom: through all points, its direction at each that from the one before to the one behind.
  private static func curve(_ points: [SIMD2<Float>], isClosed: Bool) -> [SIMD2<Float>] {
    let count = points.count
    func point(_ index: Int) -> SIMD2<Float> {
      points[isClosed ? (index + count) % count : min(max(index, 0), count - 1)]
    }
    var curve = [points[0]]
    for start in 0..<(isClosed ? count : count - 1) {
      let (a, b, c, d) = (point(start - 1), point(start), point(start + 1), point(start + 2))
      for step in 1...6 {
        let t = Float(step) / 6
        let linear = 2 * b + t * (c - a)
        let square = t * t * (2 * a - 5 * b + 4 * c - d)
        let cube = t * t * t * (3 * (b - c) + d - a)
        curve.append(0.5 * (linear + square + cube))
      }
    }
    return curve
  }
}
