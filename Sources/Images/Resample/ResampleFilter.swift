import NunchiSystem

/// How the samples of a scaled picture are made of those of the source: Pillow's filters under their usual names.
///
/// All but `nearest` are widened by the scale where a picture shrinks, which keeps fine patterns from turning into coarse
/// ones.
package enum ResampleFilter: String, Sendable, Hashable, CaseIterable {
  /// The one source pixel in whose middle a new one falls.
  case nearest
  /// The mean of the area that a new pixel covers; Pillow's `BOX`.
  case area
  /// The triangle max(0, 1 - |x|).
  case bilinear
  /// Keys's cubic with a = -½; overshoots at edges.
  case bicubic
  /// sinc(x) sinc(x/3) up to |x| = 3; overshoots at edges.
  case lanczos

  /// Where the weight becomes zero, in source pixels of a picture that keeps its size.
  var support: Double {
    switch self {
    case .nearest: 0
    case .area: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The weight of a sample at distance x.
  func weight(_ x: Double) -> Double {
    switch self {
    case .nearest: 1
    // Half open, so that a sample on the border of two new pixels belongs to one of them.
    case .area: x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: max(0, 1 - abs(x))
    case .bicubic: Self.cubic(abs(x))
    case .lanczos: abs(x) < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    }
  }

  private static func cubic(_ x: Double) -> Double {
    let a = -0.5
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }

  private static func sinc(_ x: Double) -> Double {
    if x == 0 { return 1 }
    let angle = x * Double.pi
    return sin(angle) / angle
  }
}
