import NunchiImages
import NunchiTensors

/// The picture changed by one transform at one amount.
func changed(_ image: Image, _ transform: some Transform, _ amount: Float = 1, seed: UInt64 = 1) -> Image {
  let shape = PictureShape(width: image.width, height: image.height, channels: image.channels)
  var stream = RandomStream(seed: seed, name: "test")
  var draw = Augmentation.Draw(shape)
  draw.add(transform.change(amount, &stream, shape))
  return draw.apply(to: image)
}

/// A transform with its bounds changed.
func with<T: Transform>(_ transform: T, _ change: (inout T) -> Void) -> T {
  var copy = transform
  change(&copy)
  return copy
}

/// Mean and deviation of all samples.
func moments(_ samples: [Float]) -> (mean: Float, deviation: Float) {
  let mean = samples.reduce(0) { $0 + Double($1) } / Double(samples.count)
  let square = samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(samples.count)
  return (Float(mean), Float(square.squareRoot()))
}

func moments(_ image: Image) -> (mean: Float, deviation: Float) { moments(image.bytes.map(Float.init)) }

func flat(_ value: UInt8, width: Int = 24, height: Int = 16, channels: Int = 3) -> Image {
  Image(
    width: width, height: height, channels: channels, bytes: Array(repeating: value, count: width * height * channels))
}

/// A picture like a photograph of a garden: a light sky, a dark ground, a coloured disc, fine grain.
func garden(width: Int = 96, height: Int = 80, channels: Int = 3) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      let isSky = y * 2 < height
      let (across, down) = (2 * x - width, 2 * y - height)
      let isDisc = across * across + down * down < width * height / 6
      let grain = (x * 37 + y * 91 + (x * y) % 13) % 16
      let colour = isDisc ? [190, 60, 40] : isSky ? [120, 160, 205] : [40, 70, 30]
      for channel in 0..<channels { bytes.append(UInt8(colour[channel] + grain + 20 * y / height)) }
    }
  }
  return Image(width: width, height: height, channels: channels, bytes: bytes)
}

/// FNV-1a over size and samples.
func fingerprint(_ image: Image) -> UInt64 {
  let start: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(image.width) << 20 ^ UInt64(image.height)
  return image.bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

/// All transforms that leave every pixel in its place.
let effects: [any Transform] = [
  Brighten(), Contrast(), GammaContrast(), Saturation(), Hue(), Grayscale(), Invert(), Solarise(), Posterise(),
  Sharpen(), Emboss(), GaussianBlur(), MotionBlur(), Noise(), JPEGArtefacts(), CoarseSalt(), CoarseDropout(), Erase(),
  Superpixel(), Clouds(), Fog(), Snowflakes(), SnowyLandscape(), Rain(),
]
