import NunchiImages

/// A colour with components in 0...1.
struct Colour {
  var red: Float
  var green: Float
  var blue: Float

  init(_ red: Float, _ green: Float, _ blue: Float) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// This colour with every component multiplied.
  func scaled(_ factor: Float) -> Colour { Colour(red * factor, green * factor, blue * factor) }

  func mixed(with other: Colour, _ share: Float) -> Colour {
    Colour(
      red + (other.red - red) * share, green + (other.green - green) * share, blue + (other.blue - blue) * share)
  }
}

/// A square drawing whose shapes are signed distances (negative inside), with smooth edges one pixel wide.
struct Canvas {
  let size: Int
  private var samples: [Float]

  /// Drawing coordinates: the origin in pixels, the length of one unit in pixels, and a turn.
  struct Frame {
    var x: Float
    var y: Float
    var unit: Float
    var cosine: Float
    var sine: Float
  }

  init(size: Int) {
    self.size = size
    samples = [Float](repeating: 0, count: size * size * 3)
  }

  /// Paints where `distance` is negative. Coordinates and distances are those of `frame`; `colour` may depend on the
  /// place.
  @inline(__always)
  mutating func paint(
    _ frame: Frame, opacity: Float = 1, colour: (_ u: Float, _ v: Float) -> Colour,
    distance: (_ u: Float, _ v: Float) -> Float
  ) {
    let size = size
    samples.withUnsafeMutableBufferPointer { samples in
      for y in 0..<size {
        for x in 0..<size {
          let dx = (Float(x) + 0.5 - frame.x) / frame.unit
          let dy = (Float(y) + 0.5 - frame.y) / frame.unit
          let u = dx * frame.cosine + dy * frame.sine
          let v = dy * frame.cosine - dx * frame.sine
          let cover = 0.5 - distance(u, v) * frame.unit
          if cover <= 0 { continue }
          let share = min(cover, 1) * opacity
          let paint = colour(u, v)
          let place = (y * size + x) * 3
          samples[place] += (paint.red - samples[place]) * share
          samples[place + 1] += (paint.green - samples[place + 1]) * share
          samples[place + 2] += (paint.blue - samples[place + 2]) * share
        }
      }
    }
  }

  @inline(__always)
  mutating func paint(
    _ frame: Frame, _ colour: Colour, opacity: Float = 1, distance: (_ u: Float, _ v: Float) -> Float
  ) {
    paint(frame, opacity: opacity, colour: { _, _ in colour }, distance: distance)
  }

  /// The drawing in bytes, with `grain(index)` added to each sample.
  func image(grain: () -> Float) -> Image {
    Image(width: size, height: size, channels: 3) { output in
      for index in 0..<samples.count {
        output[index] = UInt8(min(max((samples[index] + grain()) * 255, 0), 255).rounded())
      }
    }
  }
}

/// Signed distances, exact or close to it near the edge.
enum Shape2D {
  @inline(__always)
  static func ellipse(_ u: Float, _ v: Float, _ centerU: Float, _ centerV: Float, _ radiusU: Float, _ radiusV: Float)
    -> Float
  {
    let x = (u - centerU) / radiusU
    let y = (v - centerV) / radiusV
    let length = (x * x + y * y).squareRoot()
    let gradient = (x * x / (radiusU * radiusU) + y * y / (radiusV * radiusV)).squareRoot()
    return gradient == 0 ? -min(radiusU, radiusV) : length * (length - 1) / gradient
  }

  /// A line with round ends.
  @inline(__always)
  static func stroke(
    _ u: Float, _ v: Float, from: SIMD2<Float>, to: SIMD2<Float>, radius: Float
  ) -> Float {
    let point = SIMD2(u, v) - from
    let line = to - from
    let share = min(max((point * line).sum() / max((line * line).sum(), 1e-9), 0), 1)
    let offset = point - line * share
    return (offset * offset).sum().squareRoot() - radius
  }

  /// A rectangle with round corners.
  @inline(__always)
  static func box(
    _ u: Float, _ v: Float, _ centerU: Float, _ centerV: Float, _ halfU: Float, _ halfV: Float, corner: Float
  ) -> Float {
    let x = abs(u - centerU) - halfU + corner
    let y = abs(v - centerV) - halfV + corner
    let outX = max(x, 0)
    let outY = max(y, 0)
    return (outX * outX + outY * outY).squareRoot() + min(max(x, y), 0) - corner
  }

  /// The arch v = centerV + bend·(1 - (u - centerU)² / half²) from side to side, with round ends.
  @inline(__always)
  static func bow(
    _ u: Float, _ v: Float, _ centerU: Float, _ centerV: Float, half: Float, bend: Float, radius: Float
  ) -> Float {
    let x = min(max(u - centerU, -half), half)
    let arch = centerV + bend * (1 - x * x / (half * half))
    let slope = 2 * bend * x / (half * half)
    let across = (v - arch) / (1 + slope * slope).squareRoot()
    let beyond = max(abs(u - centerU) - half, 0)
    return (across * across + beyond * beyond).squareRoot() - radius
  }
}
