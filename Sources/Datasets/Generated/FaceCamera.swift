import NunchiImages
import NunchiTensors

/// Light and camera: where the light comes from, its colour, exposure, blur, vignette and grain.
struct FaceCamera {
  private let direction: Point
  private let contrast: Float
  private let warmth: Float
  private let exposure: Float
  private let blur: Float
  private let vignette: Float
  private let grain: Float
  private let slant: Float
  /// The quality that a JPEG file of the picture has.
  let quality: Int
  private var noise: RandomStream

  init(_ stream: inout RandomStream, roughness: Float) {
    direction = Circle.point(stream.uniform())
    let side = stream.uniform()
    contrast = 0.5 * side * side * roughness
    warmth = stream.uniform(-0.10...0.10) * roughness
    let isDim = stream.flip(0.15 * roughness)
    exposure = isDim ? stream.uniform(0.45...0.75) : stream.uniform(0.85...1.12)
    let isBlurred = stream.flip(0.3 * roughness)
    let amount = stream.uniform()
    blur = isBlurred ? amount * 0.009 : amount * 0.002
    vignette = stream.uniform(0...0.35)
    let rough = stream.uniform()
    grain = 0.004 + 0.024 * rough * rough * rough * roughness
    slant = stream.uniform(-0.12...0.12)
    quality = 55 + stream.integer(below: 41)
    noise = stream
  }

  /// Shades the side of the head that looks away from the light.
  func shade(_ canvas: inout Canvas, _ head: Head) {
    let (direction, contrast) = (direction, contrast)
    let shadow = Colour(0.08, 0.06, 0.12)
    let region = Grown(head.outline, by: -0.03)
    canvas.paint(head.frame, region, softness: 0.16) { point in
      let away = (point * direction).sum() + 0.2
      return shadow.faded(contrast * min(max(away, 0), 1))
    }
  }

  mutating func develop(_ canvas: inout Canvas) -> Image {
    canvas.blur(blur * Float(canvas.size))
    let gain = SIMD4(exposure * (1 + warmth), exposure, exposure * (1 - warmth), 1)
    let (slant, vignette, grain) = (slant, vignette, grain)
    var stream = noise
    canvas.adjust { place, sample in
      let middle = place - 0.5
      let fall = (1 + slant * middle.x * 2) * (1 - vignette * (middle * middle).sum())
      let bits = stream.next32()
      // Sums of bytes: a noise of deviation about `grain`, part of it the same in all channels.
      let common = Float(bits & 0xFF) - 127.5
      let own = SIMD4(Float(bits >> 8 & 0xFF), Float(bits >> 16 & 0xFF), Float(bits >> 24), 127.5) - 127.5
      return sample * gain * fall + (own + common) * (grain / 104)
    }
    return canvas.image()
  }
}
