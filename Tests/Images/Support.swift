import NunchiImages

/// A picture without symmetry, so that no turn or flip of it looks like another.
func scene(width: Int, height: Int, channels: Int = 3) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for channel in 0..<channels {
        bytes.append(UInt8((x * 7 + y * 29 + channel * 61 + (x * y) % 17 + (x < width / 3 ? 40 : 0)) % 256))
      }
    }
  }
  return Image(width: width, height: height, channels: channels, bytes: bytes)
}

/// A smooth picture, which JPEG keeps to within a few levels.
func gradient(width: Int, height: Int, channels: Int = 3) -> Image {
  var bytes: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      for channel in 0..<channels { bytes.append(UInt8(40 + (x * 90 / width) + (y * 60 / height) + 20 * channel)) }
    }
  }
  return Image(width: width, height: height, channels: channels, bytes: bytes)
}

func worstDifference(_ one: Image, _ other: Image) -> Int {
  precondition(one.width == other.width && one.height == other.height && one.channels == other.channels)
  return zip(one.bytes, other.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

/// The error of decoding, or `nil`.
func decodingError(_ bytes: [UInt8], pixelLimit: Int = 100_000_000) -> ImageError? {
  do throws(ImageError) {
    _ = try ImageDecoder(pixelLimit: pixelLimit).decode(bytes)
    return nil
  } catch {
    return error
  }
}
