import NunchiSystem
import NunchiTensors

extension RandomStream {
  /// A draw from Beta(`alpha`, `alpha`): a share, most often near 0 or 1 where alpha is below 1.
  mutating func beta(_ alpha: Float) -> Double {
    precondition(alpha > 0 && alpha.isFinite, "the alpha of a Beta distribution is positive, got \(alpha)")
    let one = gamma(Double(alpha))
    let other = gamma(Double(alpha))
    // Both vanish only where alpha is tiny; a share then is nothing or all.
    return one + other > 0 ? one / (one + other) : flip(0.5) ? 1 : 0
  }

  /// A draw from the gamma distribution of this shape and scale 1 (Marsaglia and Tsang).
  private mutating func gamma(_ shape: Double) -> Double {
    if shape < 1 {
      let power = pow(Double(uniform()) + 0x1p-25, 1 / shape)
      return gamma(shape + 1) * power
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Double(normal())
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      let u = Double(uniform()) + 0x1p-25
      if v > 0, log(u) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }
}
