import NunchiTensors

/// What all parts of a drawn face share: where the head is, how it is turned, and whose it is.
///
/// Coordinates: the origin in the middle of the face, half a head's height as unit; the eyes lie near v = -0.1, the tip of
/// the nose near 0.27, the mouth near 0.55, the chin near 1.
struct Head {
  typealias Outline = Together<Ellipse, Ellipse>

  let frame: Canvas.Frame
  let turn: HeadTurn
  /// Half the width at the temples.
  let width: Float
  let outline: Outline
  let skin: Colour
  let hair: Colour
  /// 0 young, 1 old.
  let age: Float

  private static let skins = [
    Colour(0.99, 0.87, 0.77), Colour(0.97, 0.81, 0.68), Colour(0.91, 0.73, 0.56), Colour(0.81, 0.60, 0.44),
    Colour(0.66, 0.46, 0.33), Colour(0.50, 0.34, 0.25), Colour(0.38, 0.25, 0.19),
  ]
  private static let hairs = [
    Colour(0.11, 0.09, 0.09), Colour(0.16, 0.12, 0.11), Colour(0.26, 0.17, 0.12), Colour(0.42, 0.27, 0.16),
    Colour(0.62, 0.42, 0.22), Colour(0.86, 0.70, 0.40), Colour(0.62, 0.27, 0.14), Colour(0.36, 0.13, 0.12),
  ]
  private static let grays = [Colour(0.62, 0.62, 0.64), Colour(0.84, 0.83, 0.82), Colour(0.45, 0.45, 0.47)]
  private static let dyed = [Colour(0.82, 0.38, 0.55), Colour(0.30, 0.42, 0.72), Colour(0.32, 0.58, 0.50)]

  init(_ stream: inout RandomStream, size: Int, variety: FaceVariety) {
    let isSmall = stream.flip(variety.smallShare)
    let nearness = stream.uniform()
    let unit =
      isSmall
      ? 0.14 + 0.08 * nearness
      : variety.nearness.lowerBound + (variety.nearness.upperBound - variety.nearness.lowerBound) * nearness
    let room = max(0.46 - unit, 0.06)
    let x = 0.5 + stream.uniform(-1...1) * room * variety.drift
    let highest = min(unit * 1.2, 0.42)
    let lowest = max(min(0.98 - unit * 1.25, 0.6), highest + 0.1)
    let y = (highest + lowest) / 2 + stream.uniform(-0.5...0.5) * (lowest - highest) * variety.drift
    let turns = stream.uniform(-0.03...0.03) * (stream.flip(0.15) ? 2.4 : 1) * variety.turning
    frame = Canvas.Frame(origin: Point(x, y) * Float(size), unit: unit * Float(size), turns: turns)
    let yaw = stream.uniform(-1...1)
    let nod = stream.uniform(-1...1)
    turn = HeadTurn(yaw: 0.045 * yaw * abs(yaw) * variety.turning, nod: 0.012 * nod)
    width = stream.uniform(0.70...0.80)
    let jaw = width * stream.uniform(0.74...0.90)
    outline = Together(Ellipse(0, -0.14, width, 0.86), Ellipse(0, 0.36, jaw, 0.64), blend: 0.25)
    skin = stream.shade(of: Self.skins)
    age = max(stream.uniform(-0.6...1), 0)
    let natural = stream.shade(of: Self.hairs)
    let gray = stream.shade(of: Self.grays)
    let colour = stream.shade(of: Self.dyed)
    let isDyed = stream.flip(0.05)
    hair = isDyed ? colour : stream.uniform(0.35...1.2) < age ? gray : natural
  }

  /// A figure on the face, turned with it.
  func on<F: Figure>(_ figure: F) -> Turned<F> { Turned(figure, turn) }

  /// A figure on the face that ends a little outside of its outline.
  func over<F: Figure>(_ figure: F, margin: Float) -> Overlap<Turned<F>, Grown<Outline>> {
    Overlap(Turned(figure, turn), Grown(outline, by: margin))
  }

  /// Where a point on the face is seen.
  func seen(_ u: Float, _ v: Float) -> Point { turn.seen(Point(u, v)) }

  /// The side that looks away: -1 or 1.
  var farSide: Float { turn.yaw.y > 0 ? 1 : -1 }

  /// Ears, neck side of the jaw and the skin of the face.
  func draw(_ canvas: inout Canvas) {
    for side in [Float(-1), 1] {
      let far = side * turn.yaw.y
      let ear = Ellipse(side * (width - 0.01) - 0.3 * turn.yaw.y, 0.04, max(0.14 - 0.25 * far, 0.06), 0.2)
      canvas.paint(frame, ear, skin.scaled(0.92))
      var hollow = ear
      hollow.radii *= 0.55
      canvas.paint(frame, hollow, skin.scaled(0.76).faded(0.8), softness: 0.05)
    }
    let skin = skin
    canvas.paint(frame, outline) { point in
      let rim = max(abs(point.x) - 0.45, 0)
      return skin.scaled(1.02 - 0.45 * rim * rim - 0.03 * point.y)
    }
    canvas.paint(frame, on(Ellipse(0, -0.55, 0.36, 0.2)), Colour.white.faded(0.10), softness: 0.3)
    canvas.paint(
      frame, over(Arch(0, 0.9, half: 0.5, bend: 0.1, 0.05), margin: 0), skin.scaled(0.8).faded(0.25), softness: 0.14)
  }
}
