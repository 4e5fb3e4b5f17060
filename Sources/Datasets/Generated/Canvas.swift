import NunchiImages

/// A square drawing of figures with smooth edges.
struct Canvas {
  let size: Int
  private(set) var pixels: [SIMD4<Float>]

  /// Drawing coordinates: the origin in pixels, the length of one unit in pixels, and a turn.
  struct Frame {
    var origin: Point
    var unit: Float
    /// Cosine and sine.
    var turn: Point

    init(origin: Point, unit: Float, turns: Float = 0) {
      self.origin = origin
      self.unit = unit
      turn = Circle.point(turns)
    }

    /// The pixel position of a point.
    func position(_ point: Point) -> Point {
      origin + Point(point.x * turn.x - point.y * turn.y, point.x * turn.y + point.y * turn.x) * unit
    }

    /// The frame at a point of this one, with units `scale` times as long, turned further.
    func inner(_ point: Point, scale: Float = 1, turns: Float = 0) -> Frame {
      var frame = self
      let further = Circle.point(turns)
      frame.origin = position(point)
      frame.unit = unit * scale
      frame.turn = Point(turn.x * further.x - turn.y * further.y, turn.y * further.x + turn.x * further.y)
      return frame
    }
  }

  /// The frame whose unit is the whole side, from the corner above on the left.
  var whole: Frame { Frame(origin: .zero, unit: Float(size)) }

  init(size: Int, _ colour: Colour = .black) {
    self.size = size
    pixels = [SIMD4<Float>](repeating: colour.samples, count: size * size)
  }

  /// Paints the inside of `figure`, given in coordinates of `frame`, with a colour that depends on the place. The edge is
  /// `softness` units wide and a pixel at least. Only the figure's bounds are visited.
  @inline(__always)
  mutating func paint<F: Figure>(
    _ frame: Frame, _ figure: F, softness: Float = 0, colour: (Point) -> Colour
  ) {
    guard let (columns, rows) = box(frame, figure.bounds.grown(by: softness + 1 / frame.unit)) else { return }
    let sharpness = 1 / max(softness, 1 / frame.unit)
    let step = Point(frame.turn.x, -frame.turn.y) / frame.unit
    let size = size
    pixels.withUnsafeMutableBufferPointer { pixels in
      for y in rows {
        let offset = Point(Float(columns.lowerBound), Float(y)) + 0.5 - frame.origin
        let start = Point(
          offset.x * frame.turn.x + offset.y * frame.turn.y, offset.y * frame.turn.x - offset.x * frame.turn.y)
        let first = start / frame.unit
        for x in columns {
          let point = first + step * Float(x - columns.lowerBound)
          let cover = 0.5 - figure.distance(point) * sharpness
          if cover <= 0 { continue }
          let paint = colour(point).samples
          let old = pixels[y * size + x]
          pixels[y * size + x] = old + (paint - old) * (min(cover, 1) * paint.w)
        }
      }
    }
  }

  @inline(__always)
  mutating func paint<F: Figure>(_ frame: Frame, _ figure: F, _ colour: Colour, softness: Float = 0) {
    paint(frame, figure, softness: softness) { _ in colour }
  }

  /// Replaces every pixel by `colour` at its place in units of the side.
  @inline(__always)
  mutating func fill(_ colour: (Point) -> Colour) {
    paint(whole, Block(0.5, 0.5, 1, 1), colour: colour)
  }

  /// How much of each pixel a figure covers, 0...1, rows from the top.
  func coverage<F: Figure>(_ frame: Frame, _ figure: F) -> [Float] {
    var other = Canvas(size: size, Colour(0, 0, 0))
    other.paint(frame, figure, Colour(1, 1, 1))
    return other.pixels.map(\.x)
  }

  /// The columns and rows that `bounds` may touch.
  private func box(_ frame: Frame, _ bounds: Bounds) -> (columns: Range<Int>, rows: Range<Int>)? {
    let corners = [bounds.low, Point(bounds.low.x, bounds.high.y), Point(bounds.high.x, bounds.low.y), bounds.high]
      .map(frame.position)
    let low = corners.reduce(corners[0], pointwiseMin)
    let high = corners.reduce(corners[0], pointwiseMax)
    func range(_ low: Float, _ high: Float) -> Range<Int> {
      let limit = Float(size)
      let first = Int(min(max(low.rounded(.down), 0), limit))
      return first..<max(first, Int(min(max(high.rounded(.up), 0), limit)))
    }
    let (columns, rows) = (range(low.x, high.x), range(low.y, high.y))
    return columns.isEmpty || rows.isEmpty ? nil : (columns, rows)
  }

  /// Blurs by `radius` pixels (the deviation, about): three running means along the rows, then along the columns.
  mutating func blur(_ radius: Float) {
    // A mean over 2r + 1 pixels has the variance r(r + 1) / 3; three of them in a row, r(r + 1).
    let reach = ((radius * radius + 0.25).squareRoot() - 0.5)
    let whole = min(Int(reach), size - 1)
    let rest = min(max(reach - Float(whole), 0), 1)
    guard reach > 0.01 else { return }
    var line = [SIMD4<Float>](repeating: .zero, count: size)
    for direction in 0..<2 {
      let (step, stride) = direction == 0 ? (1, size) : (size, 1)
      for start in 0..<size {
        for _ in 0..<3 { average(start * stride, step, whole, rest, &line) }
      }
    }
  }

  /// Means over 2·`reach` + 1 neighbours along one line, the next ones counting `rest`; the line is continued by its ends.
  private mutating func average(_ start: Int, _ step: Int, _ reach: Int, _ rest: Float, _ line: inout [SIMD4<Float>]) {
    let last = size - 1
    for index in 0...last { line[index] = pixels[start + index * step] }
    let scale = 1 / (Float(2 * reach + 1) + 2 * rest)
    var sum = SIMD4<Float>.zero
    for index in -reach...reach { sum += line[min(max(index, 0), last)] }
    for index in 0...last {
      let ends = line[max(index - reach - 1, 0)] + line[min(index + reach + 1, last)]
      pixels[start + index * step] = (sum + ends * rest) * scale
      sum += line[min(index + reach + 1, last)] - line[max(index - reach, 0)]
    }
  }

  /// Every pixel through `change`, which is given its place in units of the side.
  @inline(__always)
  mutating func adjust(_ change: (Point, SIMD4<Float>) -> SIMD4<Float>) {
    let scale = 1 / Float(size)
    for y in 0..<size {
      for x in 0..<size {
        let place = Point(Float(x) + 0.5, Float(y) + 0.5) * scale
        pixels[y * size + x] = change(place, pixels[y * size + x])
      }
    }
  }

  /// The drawing in bytes.
  func image() -> Image {
    Image(width: size, height: size, channels: 3) { output in
      for index in 0..<pixels.count {
        let bytes = pointwiseMin(pointwiseMax(pixels[index] * 255 + 0.5, .zero), SIMD4(repeating: 255))
        for channel in 0..<3 { output[index * 3 + channel] = UInt8(bytes[channel]) }
      }
    }
  }
}
