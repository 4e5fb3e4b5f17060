import NunchiTensors

/// A colour with components in 0...1, and how much it covers.
struct Colour: Hashable {
  /// Red, green, blue, cover.
  var samples: SIMD4<Float>

  init(_ red: Float, _ green: Float, _ blue: Float, cover: Float = 1) { samples = SIMD4(red, green, blue, cover) }

  private init(_ samples: SIMD4<Float>) { self.samples = samples }

  static let black = Colour(0.06, 0.05, 0.06)
  static let white = Colour(0.98, 0.98, 0.97)

  /// Red, green and blue multiplied.
  func scaled(_ factor: Float) -> Colour { Colour(samples * SIMD4(factor, factor, factor, 1)) }

  /// The same colour covering `share` of what it did.
  func faded(_ share: Float) -> Colour { Colour(samples * SIMD4(1, 1, 1, share)) }

  func mixed(with other: Colour, _ share: Float) -> Colour { Colour(samples + (other.samples - samples) * share) }
}

extension RandomStream {
  /// One of the elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[integer(below: elements.count)] }

  /// A colour near one of `colours`: lighter or darker, and a little of any other colour.
  mutating func shade(of colours: [Colour]) -> Colour {
    let first = pick(colours)
    let shade = uniform(0.90...1.06)
    let tint = Colour(uniform(), uniform(), uniform())
    return first.scaled(shade).mixed(with: tint, 0.06)
  }
}
