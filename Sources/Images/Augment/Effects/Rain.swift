import NunchiTensors

/// Falling rain: thin slanting lines, and the gray haze that they make together. Sizes go with the picture's shorter side.
package struct Rain: Transform {
  package static let name = "rain"
  package static let summary = "lets up to so many drops per 10000 pixels fall before the picture"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("drops", \.drops, 0...500)] }

  package var drops: Float = 90

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (seed, slant) = (stream.next(), stream.uniform(-0.35...0.35))
    let unit = max(Float(min(shape.width, shape.height)) / 224, 0.25)
    let area = Float(shape.width * shape.height) / (unit * unit)
    let count = Int((amount * drops * area / 10000).rounded())
    if amount == 0 { return .none }
    return .pixels { pixels in
      var stream = RandomStream(seed: seed, name: Self.name)
      Veil(colour: 196).draw(pixels, cover: 0.35 * amount)
      for _ in 0..<count {
        let (x, y) = (stream.uniform() * Float(shape.width), stream.uniform() * Float(shape.height))
        let near = stream.uniform()
        let length = unit * (8 + 16 * near)
        let drop = Streak(
          x: x, y: y - length, across: length * slant, down: length, radius: unit * (0.15 + 0.5 * near),
          opacity: 0.35 + 0.3 * near)
        drop.draw(pixels, colour: 228)
      }
    }
  }
}
