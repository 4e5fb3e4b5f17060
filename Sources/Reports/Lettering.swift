import NunchiDatasets

/// Draws lines of text into images. Printable ASCII is drawn from `Glyphs`, with the same pixels on every machine.
/// Other characters come from the machine's fonts; a character that no font has is an empty frame.
///
/// Characters are not shaped: in scripts that join or reorder letters, such as Arabic, they stand apart, in the right
/// direction.
package struct Lettering: Sendable {
  /// The height of capitals in pixels. The distance of lines should be about twice that.
  package var height: Float
  package var weight: Weight
  private let fonts: SystemFonts

  package enum Weight: Sendable, Hashable {
    case regular, bold

    /// Half the width of strokes, in twelfths of the height of capitals.
    fileprivate var radius: Float {
      switch self {
      case .regular: 0.75
      case .bold: 1.15
      }
    }
  }

  package init(height: Float, weight: Weight = .regular, fonts: SystemFonts = .shared) {
    (self.height, self.weight, self.fonts) = (height, weight, fonts)
  }

  /// The width of a line of text, in pixels.
  package func width(_ text: String) -> Float {
    var line = Line()
    for letter in letters(text) { line.append(letter) }
    return unit * line.width
  }

  /// `text` cut to `width` pixels, with dots at the end where something was cut.
  package func fitted(_ text: String, _ width: Float) -> String {
    let text = text.composed
    // The line after each character that can be the last one.
    var lines = [Line()]
    for character in text {
      let line = lines[lines.count - 1].with(letter(character))
      if unit * line.width > width { break }
      lines.append(line)
    }
    if lines.count > text.count { return text }
    let dot = letter(".")
    while lines.count > 1, unit * lines[lines.count - 1].with(dot).with(dot).with(dot).width > width {
      lines.removeLast()
    }
    return text.prefix(lines.count - 1) + "..."
  }

  /// `text` wrapped at spaces into lines of at most `width` pixels.
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

  /// Draws `text` from `x` with its baseline at `y`. Calls `paint` with pixels and the shares 0...1 of them that a
  /// letter covers, at most once per pixel and letter.
  package func draw(_ text: String, x: Float, y: Float, paint: (_ x: Int, _ y: Int, _ share: Float) -> Void) {
    var left = x
    var previous: Letter?
    for letter in letters(text) {
      if let previous { left += unit * (previous.advance + Line.kerning(previous, letter)) }
      previous = letter
      switch letter.shape {
      case .blank: break
      case .strokes(let strokes):
        let strokes = strokes.map { $0.map { SIMD2(left, y - height) + unit * $0 } }
        Self.draw(strokes, radius: weight.radius * unit, paint)
      case .glyphs(let glyphs):
        var origin = left
        for glyph in glyphs {
          fonts.draw(glyph, height: height, bold: weight == .bold, x: origin, y: y, paint: paint)
          origin += fonts.advance(glyph, height: height, bold: weight == .bold)
        }
      }
    }
  }

  /// The characters of `text` that are drawn as empty frames.
  package func missing(in text: String) -> Set<Character> {
    Set(text.composed).filter {
      letter($0).isMissing && $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
  }

  private var unit: Float { height / 12 }

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

  /// The distance of a point from a line through several points.
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
  /// A character to draw. All measures are in twelfths of the height of capitals.
  private struct Letter {
    enum Shape {
      case blank
      /// Strokes, as lines through points.
      case strokes([[SIMD2<Float>]])
      case glyphs([SystemFonts.Glyph])
    }

    var shape: Shape
    /// The distance from its left edge to that of the next letter.
    var advance: Float
    var isMissing = false

    /// The space behind letters of strokes, which begin at their ink. Glyphs of fonts have their own space on both
    /// sides.
    static let space: Float = 3.4

    static let blank = Letter(shape: .blank, advance: 5.5)

    static func pen(_ strokes: [[SIMD2<Float>]], isMissing: Bool = false) -> Letter {
      let right = strokes.joined().reduce(0) { max($0, $1.x) }
      return Letter(shape: .strokes(strokes), advance: right + space, isMissing: isMissing)
    }
  }

  /// The width of a line while letters are added.
  private struct Line {
    private var advance: Float = 0
    private var last: Letter?

    /// The width up to the ink of the last letter.
    var width: Float {
      guard let last else { return 0 }
      if case .glyphs = last.shape { return advance }
      return advance - Letter.space
    }

    mutating func append(_ letter: Letter) {
      if let last { advance += Self.kerning(last, letter) }
      advance += letter.advance
      last = letter
    }

    func with(_ letter: Letter) -> Line {
      var line = self
      line.append(letter)
      return line
    }

    /// The correction of the distance between two letters.
    static func kerning(_ left: Letter, _ right: Letter) -> Float {
      switch (left.shape, right.shape) {
      case (.strokes, .glyphs): -Letter.space / 2
      case (.glyphs, .strokes): Letter.space / 2
      case (.blank, _), (_, .blank), (.strokes, .strokes), (.glyphs, .glyphs): 0
      }
    }
  }

  /// The letters of a line, from left to right.
  private func letters(_ text: String) -> [Letter] { VisualOrder.characters(text.composed).map(letter) }

  private func letter(_ character: Character) -> Letter {
    if character == " " { return .blank }
    if let strokes = Self.table[character] { return .pen(strokes) }
    let isBold = weight == .bold
    if let glyphs = fonts.glyphs(character, bold: isBold) {
      let advance = glyphs.reduce(0) { $0 + fonts.advance($1, height: height, bold: isBold) }
      return Letter(shape: .glyphs(glyphs), advance: advance / unit)
    }
    return character.isWhitespace && !character.isASCII ? .blank : .pen(Self.frame, isMissing: true)
  }

  private static let frame = lines(Glyphs.missing)
  private static let table = Glyphs.shapes.mapValues(lines)

  private static func lines(_ shape: String) -> [[SIMD2<Float>]] {
    shape.split(separator: " ").map { stroke in
      let isClosed = stroke.hasPrefix("@")
      let digits = stroke.drop { $0 == "@" || $0 == "~" }.map { Float(Int(String($0), radix: 17)!) }
      let points = stride(from: 0, to: digits.count, by: 2).map { SIMD2(digits[$0], digits[$0 + 1]) }
      return isClosed || stroke.hasPrefix("~") ? curve(points, isClosed: isClosed) : points
    }
  }

  /// A Catmull–Rom spline: a curve through all points, at each parallel to the line from the point before to the one
  /// after.
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
