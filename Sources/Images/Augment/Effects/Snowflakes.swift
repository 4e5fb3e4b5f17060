import NunchiTensors

/// Falling snow: many small flakes, few large and blurred ones, and the haze that they make together. Sizes go with the
/// picture's shorter side.
package struct Snowflakes: Transform {
  package static let name = "snowflakes"
  package static let summary = "lets up to so many flakes per 10000 pixels fall before the picture"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("flakes", \.flakes, 0...500)] }

  package var flakes: Float = 120

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (seed, wind) = (stream.next(), stream.uniform(-0.6...0.6))
    // Flakes grow with the picture, so a larger one does not get more of them.
    let unit = max(Float(min(shape.width, shape.height)) / 224, 0.25)
    let area = Float(shape.width * shape.height) / (unit * unit)
    let count = Int((amount * flakes * area / 10000).rounded())
    if amount == 0 { return .none }
    return .pixels { pixels in
      var stream = RandomStream(seed: seed, name: Self.name)
      Veil(colour: 236).draw(pixels, cover: 0.35 * amount)
      for _ in 0..<count {
        let (x, y) = (stream.uniform() * Float(shape.width), stream.uniform() * Float(shape.height))
        let near = stream.uniform()
        // Most flakes are far: small and sharp. Near ones are large, and pale because they are out of focus.
        let size = unit * (0.5 + 2.6 * near * near * near)
        let fall = size * (0.6 + stream.uniform())
        let flake = Streak(
          x: x, y: y, across: fall * wind, down: fall, radius: size, opacity: 0.95 - 0.4 * near)
        flake.draw(pixels, colour: 252)
      }
    }
  }
}
