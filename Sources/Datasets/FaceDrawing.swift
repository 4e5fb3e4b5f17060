#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import NunchiImages
import NunchiTensors

/// What lies over the lower half of a drawn face.
enum FaceCover: Hashable {
  /// A mask over mouth and nose.
  case mask
  case nothing
  /// A mask pulled down below the mouth.
  case chinMask
  /// A hand over the mouth, the nose free.
  case hand
  /// A cup before the mouth, of a mask's colour.
  case cup
}

/// One drawn face. Every number is drawn whatever the face wears, so that nothing but the cover tells the classes apart.
struct FaceDrawing {
  private var stream: RandomStream
  private var canvas: Canvas
  private let cover: FaceCover
  private var face: Canvas.Frame
  private let skin: Colour
  private let hair: Colour
  private let fabric: Colour
  private let clothes: Colour

  private static let skins = [
    Colour(0.99, 0.87, 0.77), Colour(0.96, 0.80, 0.66), Colour(0.90, 0.71, 0.54), Colour(0.79, 0.58, 0.42),
    Colour(0.63, 0.44, 0.31), Colour(0.47, 0.32, 0.23), Colour(0.35, 0.23, 0.17),
  ]
  private static let hairs = [
    Colour(0.10, 0.08, 0.08), Colour(0.24, 0.15, 0.10), Colour(0.42, 0.27, 0.16), Colour(0.62, 0.42, 0.22),
    Colour(0.86, 0.70, 0.40), Colour(0.60, 0.25, 0.14), Colour(0.62, 0.62, 0.64), Colour(0.88, 0.87, 0.86),
  ]
  private static let fabrics = [
    Colour(0.94, 0.96, 0.98), Colour(0.60, 0.80, 0.92), Colour(0.45, 0.68, 0.86), Colour(0.55, 0.82, 0.74),
    Colour(0.16, 0.17, 0.20), Colour(0.90, 0.62, 0.68), Colour(0.72, 0.22, 0.26), Colour(0.28, 0.34, 0.58),
    Colour(0.93, 0.80, 0.45), Colour(0.52, 0.42, 0.66), Colour(0.85, 0.70, 0.58), Colour(0.45, 0.55, 0.35),
  ]

  init(seed: UInt64, index: Int, size: Int, cover: FaceCover) {
    stream = RandomStream(seed: seed, name: "faces", position: (UInt32(truncatingIfNeeded: index), 0))
    canvas = Canvas(size: size)
    self.cover = cover
    let scale = Float(size)
    let unit = scale * stream.uniform(0.25...0.36)
    let degrees = stream.uniform(-14...14)
    face = Canvas.Frame(
      x: scale * stream.uniform(0.40...0.60), y: scale * stream.uniform(0.42...0.56), unit: unit,
      cosine: cosf(degrees * .pi / 180), sine: sinf(degrees * .pi / 180))
    skin = Self.pick(Self.skins, &stream)
    hair = Self.pick(Self.hairs, &stream)
    fabric = Self.pick(Self.fabrics, &stream)
    clothes = Self.pick(Self.fabrics, &stream)
  }

  private static func pick(_ colours: [Colour], _ stream: inout RandomStream) -> Colour {
    let first = colours[stream.integer(below: colours.count)]
    let shade = stream.uniform(0.90...1.06)
    let tint = Colour(stream.uniform(), stream.uniform(), stream.uniform())
    return first.scaled(shade).mixed(with: tint, 0.06)
  }

  /// The finished picture.
  mutating func draw() -> Image {
    drawBackground()
    let longHair = stream.flip(0.5)
    drawBody(longHair: longHair)
    drawHead()
    drawEyes()
    drawNoseAndMouth()
    drawHair(longHair: longHair)
    let glasses = stream.flip(0.25)
    let style = stream.integer(below: 4)
    let wobble = stream.uniform(-0.05...0.05)
    switch cover {
    case .nothing: break
    case .mask: drawMask(style: style, top: 0.16 + wobble, bottom: 1.02)
    case .chinMask: drawMask(style: style, top: 0.74 + wobble, bottom: 1.12)
    case .hand: drawHand(wobble)
    case .cup: drawCup(wobble)
    }
    if glasses { drawGlasses() }
    return finish()
  }

  private mutating func drawBackground() {
    let above = Self.pick(Self.fabrics + Self.skins, &stream)
    let below = Self.pick(Self.fabrics + Self.skins, &stream)
    let size = Float(canvas.size)
    let whole = Canvas.Frame(x: 0, y: 0, unit: size, cosine: 1, sine: 0)
    canvas.paint(whole, colour: { _, v in above.mixed(with: below, v) }, distance: { _, _ in -1 })
    for _ in 0..<5 {
      let colour = Self.pick(Self.fabrics + Self.skins, &stream)
      let u = stream.uniform()
      let v = stream.uniform()
      let half = stream.uniform(0.05...0.28)
      let other = stream.uniform(0.05...0.28)
      let opacity = stream.uniform(0.15...0.6)
      if stream.flip(0.5) {
        canvas.paint(whole, colour, opacity: opacity) { Shape2D.ellipse($0, $1, u, v, half, half) }
      } else {
        canvas.paint(whole, colour, opacity: opacity) { Shape2D.box($0, $1, u, v, half, other, corner: 0.03) }
      }
    }
  }

  private mutating func drawBody(longHair: Bool) {
    let length = stream.uniform(0.7...1.3)
    let back = hair.scaled(0.82)
    if longHair { canvas.paint(face, back) { Shape2D.box($0, $1, 0, length - 0.5, 0.98, length + 0.1, corner: 0.75) } }
    let neck = skin.scaled(0.86)
    canvas.paint(face, neck) { Shape2D.box($0, $1, 0, 1.05, 0.34, 0.45, corner: 0.12) }
    let clothes = clothes
    let width = stream.uniform(1.25...1.6)
    canvas.paint(face, colour: { u, _ in clothes.scaled(1 - 0.06 * abs(u)) }) {
      Shape2D.ellipse($0, $1, 0, 2.35, width, 1.05)
    }
    canvas.paint(face, neck) { Shape2D.ellipse($0, $1, 0, 1.34, 0.36, 0.16) }
  }

  private mutating func drawHead() {
    let width = stream.uniform(0.70...0.82)
    let light = stream.uniform(-0.12...0.12)
    let skin = skin
    for side in [Float(-1), 1] {
      canvas.paint(face, skin.scaled(0.93)) { Shape2D.ellipse($0, $1, side * width, 0.06, 0.13, 0.2) }
    }
    canvas.paint(face, colour: { u, v in skin.scaled(1 + light * u - 0.05 * max(v, 0)) }) {
      Shape2D.ellipse($0, $1, 0, 0, width, 1)
    }
    let blush = stream.uniform(0...0.3)
    for side in [Float(-1), 1] {
      canvas.paint(face, Colour(0.93, 0.45, 0.42), opacity: blush) {
        Shape2D.ellipse($0, $1, side * 0.42, 0.3, 0.15, 0.11)
      }
    }
  }

  private mutating func drawEyes() {
    let apart = stream.uniform(0.28...0.36)
    let open = stream.uniform(0.06...0.11)
    let look = stream.uniform(-0.04...0.04)
    let iris = Colour(stream.uniform(0.1...0.45), stream.uniform(0.15...0.45), stream.uniform(0.1...0.5))
    let lift = stream.uniform(-0.34 ... -0.26)
    let bend = stream.uniform(-0.08 ... -0.02)
    let brow = hair.scaled(0.75)
    for side in [Float(-1), 1] {
      let center = side * apart
      canvas.paint(face, Colour(0.98, 0.98, 0.97)) { Shape2D.ellipse($0, $1, center, -0.08, 0.15, open) }
      canvas.paint(face, iris) {
        max(
          Shape2D.ellipse($0, $1, center + look, -0.08, 0.085, 0.085),
          Shape2D.ellipse($0, $1, center, -0.08, 0.15, open))
      }
      canvas.paint(face, Colour(0.05, 0.04, 0.05)) { Shape2D.ellipse($0, $1, center + look, -0.08, 0.042, 0.042) }
      canvas.paint(face, Colour(1, 1, 1)) { Shape2D.ellipse($0, $1, center + look + 0.03, -0.11, 0.02, 0.02) }
      canvas.paint(face, Colour(0.12, 0.08, 0.08)) {
        Shape2D.bow($0, $1, center, -0.08, half: 0.15, bend: -open, radius: 0.018)
      }
      canvas.paint(face, brow) { Shape2D.bow($0, $1, center, lift, half: 0.16, bend: bend, radius: 0.032) }
    }
  }

  private mutating func drawNoseAndMouth() {
    let shade = skin.scaled(0.80)
    let nose = stream.uniform(0.07...0.11)
    canvas.paint(face, shade) { Shape2D.bow($0, $1, 0, 0.26, half: nose, bend: 0.05, radius: 0.026) }
    canvas.paint(face, shade, opacity: 0.5) {
      Shape2D.stroke($0, $1, from: SIMD2(0.03, -0.02), to: SIMD2(nose, 0.24), radius: 0.016)
    }
    let beard = stream.flip(0.2)
    let whiskers = hair.scaled(0.9)
    if beard {
      canvas.paint(face, whiskers, opacity: 0.9) {
        max(Shape2D.ellipse($0, $1, 0, 0.52, 0.62, 0.52), -Shape2D.ellipse($0, $1, 0, 0.28, 0.52, 0.40))
      }
      canvas.paint(face, whiskers) { Shape2D.bow($0, $1, 0, 0.43, half: 0.22, bend: -0.05, radius: 0.045) }
    }
    let lips = skin.scaled(0.75).mixed(with: Colour(0.80, 0.22, 0.26), stream.uniform(0.35...0.85))
    let half = stream.uniform(0.17...0.27)
    let smile = stream.uniform(-0.02...0.13)
    switch stream.integer(below: 3) {
    case 0:
      canvas.paint(face, lips) { Shape2D.bow($0, $1, 0, 0.54, half: half, bend: smile, radius: 0.034) }
    case 1:
      canvas.paint(face, lips) { Shape2D.ellipse($0, $1, 0, 0.57, half, 0.10) }
      canvas.paint(face, Colour(0.35, 0.08, 0.10)) { Shape2D.ellipse($0, $1, 0, 0.57, half - 0.04, 0.06) }
    default:
      canvas.paint(face, lips) {
        max(Shape2D.ellipse($0, $1, 0, 0.50, half + 0.03, 0.20), 0.49 - $1)
      }
      canvas.paint(face, Colour(0.98, 0.97, 0.94)) {
        max(Shape2D.ellipse($0, $1, 0, 0.52, half - 0.03, 0.13), 0.52 - $1)
      }
    }
  }

  private mutating func drawHair(longHair: Bool) {
    let hair = hair
    let line = stream.uniform(-0.62 ... -0.42)
    let part = stream.uniform(-0.4...0.4)
    let bald = stream.flip(0.1)
    let hat = stream.flip(0.12)
    let felt = Self.pick(Self.fabrics, &stream)
    if !bald || longHair {
      canvas.paint(face, colour: { u, v in hair.scaled(1 - 0.1 * u * v) }) { u, v in
        let cap = Shape2D.ellipse(u, v, 0, -0.10, 0.90, 1.02)
        let opening = Shape2D.ellipse(u, v, part * 0.3, line + 1.02, 0.76, 1.02)
        return max(max(cap, -opening), v - (longHair ? 0.5 : -0.05))
      }
    }
    if hat {
      canvas.paint(face, felt) { max(Shape2D.ellipse($0, $1, 0, -0.42, 0.88, 0.78), $1 + 0.46) }
      canvas.paint(face, felt.scaled(0.8)) { Shape2D.bow($0, $1, 0, -0.46, half: 0.88, bend: 0.04, radius: 0.07) }
    }
  }

  private mutating func drawGlasses() {
    let frame = Colour(0.12, 0.11, 0.13)
    for side in [Float(-1), 1] {
      canvas.paint(face, frame) { abs(Shape2D.box($0, $1, side * 0.32, -0.07, 0.23, 0.16, corner: 0.1)) - 0.02 }
    }
    canvas.paint(face, frame) { Shape2D.bow($0, $1, 0, -0.09, half: 0.1, bend: -0.03, radius: 0.02) }
  }

  // MARK: - Covers

  private mutating func drawMask(style: Int, top: Float, bottom: Float) {
    let fabric = fabric
    let middle = (top + bottom) / 2
    let half = (bottom - top) / 2
    let loop = Colour(0.93, 0.93, 0.93)
    for side in [Float(-1), 1] {
      for end in [middle - 0.5 * half, middle + 0.4 * half] {
        canvas.paint(face, loop) {
          Shape2D.stroke($0, $1, from: SIMD2(side * 0.56, end), to: SIMD2(side * 0.78, 0.06), radius: 0.016)
        }
      }
    }
    func outline(_ u: Float, _ v: Float) -> Float {
      // A rounded trapezoid, narrower at the chin, its upper edge raised over the nose.
      let share = (v - top) / (bottom - top)
      let width = 0.66 - 0.20 * share * share
      let raised = top - 0.07 * max(0, 1 - abs(u) / 0.3)
      let rounded = bottom - 0.16 * (u * u) / 0.36
      return max(max(abs(u) - width, raised - v), v - rounded)
    }
    canvas.paint(face, colour: { u, _ in fabric.scaled(1.03 - 0.14 * u * u) }, distance: outline)
    let shade = fabric.scaled(0.80)
    switch style {
    case 0, 1:
      for pleat in 1...3 {
        let v = top + (bottom - top) * Float(pleat) / 4
        canvas.paint(face, shade, opacity: 0.8) {
          max(Shape2D.bow($0, $1, 0, v, half: 0.6, bend: 0.03, radius: 0.013), outline($0, $1))
        }
      }
    case 2:
      canvas.paint(face, shade, opacity: 0.8) {
        Shape2D.stroke($0, $1, from: SIMD2(0, top - 0.04), to: SIMD2(0, bottom - 0.02), radius: 0.015)
      }
    default:
      let dots = clothes
      canvas.paint(face, dots, opacity: 0.8) { u, v in
        let x = u / 0.2 - (u / 0.2).rounded()
        let y = v / 0.2 - (v / 0.2).rounded()
        return max(((x * x + y * y).squareRoot() - 0.22) * 0.2, outline(u, v) + 0.02)
      }
    }
    canvas.paint(face, shade) { abs(outline($0, $1) + 0.012) - 0.008 }
  }

  private mutating func drawHand(_ wobble: Float) {
    let shade = skin.scaled(0.97)
    let line = skin.scaled(0.72)
    canvas.paint(face, clothes) {
      Shape2D.stroke($0, $1, from: SIMD2(0.75, 1.9), to: SIMD2(0.55, 1.25), radius: 0.24)
    }
    canvas.paint(face, line) { Shape2D.ellipse($0, $1, 0.30, 0.86 + wobble, 0.37, 0.33) }
    canvas.paint(face, shade) { Shape2D.ellipse($0, $1, 0.30, 0.86 + wobble, 0.35, 0.31) }
    for finger in 0..<4 {
      let v = 0.50 + 0.115 * Float(finger) + wobble
      let tip = -0.34 + 0.05 * abs(Float(finger) - 1.2)
      canvas.paint(face, line) { Shape2D.stroke($0, $1, from: SIMD2(0.3, v + 0.08), to: SIMD2(tip, v), radius: 0.072) }
      canvas.paint(face, shade) {
        Shape2D.stroke($0, $1, from: SIMD2(0.3, v + 0.08), to: SIMD2(tip, v), radius: 0.056)
      }
    }
  }

  private mutating func drawCup(_ wobble: Float) {
    let fabric = fabric
    let shade = fabric.scaled(0.78)
    canvas.paint(face, shade) { abs(Shape2D.ellipse($0, $1, 0.46, 0.82 + wobble, 0.16, 0.18)) - 0.045 }
    canvas.paint(face, colour: { u, _ in fabric.scaled(1.02 - 0.3 * u * u) }) {
      Shape2D.box($0, $1, 0, 0.80 + wobble, 0.40, 0.34, corner: 0.06)
    }
    canvas.paint(face, shade) { Shape2D.bow($0, $1, 0, 0.47 + wobble, half: 0.38, bend: 0.03, radius: 0.02) }
    for finger in 0..<3 {
      let v = 0.72 + 0.12 * Float(finger) + wobble
      canvas.paint(face, skin.scaled(0.95)) {
        Shape2D.stroke($0, $1, from: SIMD2(-0.46, v), to: SIMD2(-0.22, v), radius: 0.06)
      }
    }
  }

  /// Light and grain of a cheap camera.
  private mutating func finish() -> Image {
    let light = stream.uniform(-0.10...0.08)
    let grain = stream.uniform(0.004...0.02)
    let tint = Colour(0.5 + 5 * light, 0.5 + 5 * light, 0.45 + 5 * light)
    let whole = Canvas.Frame(x: 0, y: 0, unit: 1, cosine: 1, sine: 0)
    canvas.paint(whole, tint, opacity: abs(light)) { _, _ in -1 }
    return canvas.image { (stream.uniform() - 0.5) * 2 * grain }
  }
}
