/// Sine and cosine by polynomials: the same bits on every platform, which the C library does not promise.
enum Circle {
  /// (cos, sin) of `turns` whole turns, to about 1e-6.
  static func point(_ turns: Float) -> SIMD2<Float> {
    let quarter = (turns * 4).rounded()
    let x = (turns * 4 - quarter) * (Float.pi / 2)
    let square = x * x
    let sineTail = -1 / 6 + square * (1 / 120 - square / 5040)
    let sine = x * (1 + square * sineTail)
    let cosineTail = 1 / 24 + square * (-1 / 720 + square / 40320)
    let cosine = 1 - square * (0.5 - square * cosineTail)
    switch Int(quarter) & 3 {
    case 0: return SIMD2(cosine, sine)
    case 1: return SIMD2(-sine, cosine)
    case 2: return SIMD2(-cosine, -sine)
    default: return SIMD2(sine, -cosine)
    }
  }
}
