import NunchiTensors

/// Cloth, paper or paint: a colour, and perhaps a print in a second one. Masks, clothes, hats, scarves, cups and
/// backgrounds are made of it.
struct Fabric {
  enum Print: CaseIterable {
    case plain, stripes, checks, dots, flowers, zigzag, camouflage, speckles
  }

  let base: Colour
  let second: Colour
  let print: Print
  let period: Float
  private let slant: Point
  private let noise: Noise

  static let colours = [
    Colour(0.95, 0.96, 0.97), Colour(0.93, 0.91, 0.88), Colour(0.60, 0.80, 0.92), Colour(0.45, 0.68, 0.86),
    Colour(0.55, 0.82, 0.74), Colour(0.13, 0.13, 0.15), Colour(0.20, 0.20, 0.24), Colour(0.90, 0.62, 0.68),
    Colour(0.72, 0.22, 0.26), Colour(0.28, 0.34, 0.58), Colour(0.93, 0.80, 0.45), Colour(0.52, 0.42, 0.66),
    Colour(0.85, 0.70, 0.58), Colour(0.78, 0.52, 0.38), Colour(0.45, 0.34, 0.27), Colour(0.45, 0.55, 0.35),
    Colour(0.88, 0.48, 0.30), Colour(0.62, 0.63, 0.66),
  ]

  /// - Parameter plain: the chance of no print.
  init(_ stream: inout RandomStream, plain: Float = 0.5) {
    base = stream.shade(of: Self.colours)
    let other = stream.shade(of: Self.colours)
    second = base.mixed(with: other, stream.uniform(0.5...1))
    let isPlain = stream.flip(plain)
    let drawn = stream.pick(Print.allCases)
    print = isPlain ? .plain : drawn
    period = stream.uniform(0.14...0.34)
    slant = Circle.point(stream.uniform())
    noise = Noise(&stream)
  }

  func colour(_ point: Point) -> Colour {
    switch print {
    case .plain: return base
    case .stripes: return mixed(wave((point * slant).sum()) * 4 - 2)
    case .checks: return base.mixed(with: second, (step(wave(point.x)) + step(wave(point.y))) / 2)
    case .dots: return mixed((0.3 - radius(point)) * 8)
    case .flowers: return flower(point)
    case .zigzag: return mixed(wave(point.y + wave(point.x) * period * 0.6) * 5 - 2.2)
    case .camouflage: return camouflage(point)
    case .speckles:
      let grain = noise.value(point * (9 / period))
      return base.mixed(with: second, 0.5 * grain * grain)
    }
  }

  /// The distance to the next whole multiple of the period, 0...1.
  private func wave(_ place: Float) -> Float {
    let share = place / period
    return abs(share - share.rounded()) * 2
  }

  private func step(_ value: Float) -> Float { min(max(value * 6 - 2.5, 0), 1) }

  private func mixed(_ share: Float) -> Colour { base.mixed(with: second, min(max(share, 0), 1)) }

  /// The place in a grid turned by the slant, whole periods as units, from the middle of its cell.
  private func cell(_ point: Point) -> Point {
    let turned = Point((point * slant).sum(), point.y * slant.x - point.x * slant.y) / period
    return turned - Point(turned.x.rounded(), turned.y.rounded())
  }

  private func radius(_ point: Point) -> Float {
    let place = cell(point)
    return (place * place).sum().squareRoot()
  }

  private func flower(_ point: Point) -> Colour {
    let place = cell(point)
    let square = (place * place).sum()
    // Four petals: (x² - y²)² / r⁴ is the squared cosine of twice the angle.
    let petals = (place.x * place.x - place.y * place.y) / max(square, 1e-6)
    let edge = 0.2 + 0.2 * petals * petals
    if square < 0.012 { return Colour(0.95, 0.85, 0.35) }
    return mixed((edge - square.squareRoot()) * 9)
  }

  private func camouflage(_ point: Point) -> Colour {
    let patch = noise.cloud(point * (1.2 / period))
    return patch < 0.42 ? base.scaled(0.72) : patch < 0.55 ? base : second
  }
}
