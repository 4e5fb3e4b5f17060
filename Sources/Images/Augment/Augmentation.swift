#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import NunchiTensors

/// Random changes of a training picture that leave its class alone. Each amount is an upper bound: the angle, for
/// example, is uniform in ±`rotationDegrees`. Zero turns a change off.
///
/// All geometry is one affine map and costs one bilinear resampling at the model's size. What lies outside the picture is
/// its mirror image: no black corners that a network could read the angle from.
public struct Augmentation: Sendable, Hashable, Codable {
  /// The probability of swapping left and right.
  public var horizontalFlip: Float = 0
  /// The probability of swapping top and bottom.
  public var verticalFlip: Float = 0
  /// The largest turn in degrees, either way.
  public var rotationDegrees: Float = 0
  /// The largest move as a share of the width and of the height, either way.
  public var shiftFraction: Float = 0
  /// The largest change of size: the factor is uniform in 1 ± `scaleFraction`.
  public var scaleFraction: Float = 0
  /// The largest change of brightness: samples are multiplied by a factor uniform in 1 ± `brightness`.
  public var brightness: Float = 0
  /// The largest change of contrast: distances from the mean gray are multiplied by a factor uniform in 1 ± `contrast`.
  public var contrast: Float = 0

  public init() {}

  /// Pictures stay as they are.
  public static let none = Augmentation()

  /// Horizontal flip 0.5, rotation up to 10 degrees, shift up to 10 %, brightness and contrast up to 20 %.
  public static let light: Augmentation = {
    var light = Augmentation()
    light.horizontalFlip = 0.5
    light.rotationDegrees = 10
    light.shiftFraction = 0.1
    light.brightness = 0.2
    light.contrast = 0.2
    return light
  }()

  /// Whether every picture stays as it is.
  public var isNone: Bool { self == .none }

  /// The changes of one picture: a pure function of seed, epoch, identity and occurrence.
  public func draw(seed: UInt64, identity: String, epoch: Int, occurrence: Int = 0) -> Draw {
    var stream = RandomStream(
      seed: seed, name: "augmentation/" + identity,
      position: (UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: occurrence)))
    // Every number is drawn whether it is used or not: turning one change off leaves the others alone.
    var draw = Draw()
    draw.flipsHorizontally = stream.flip(horizontalFlip)
    draw.flipsVertically = stream.flip(verticalFlip)
    draw.degrees = Self.amount(&stream, rotationDegrees)
    draw.shiftX = Self.amount(&stream, shiftFraction)
    draw.shiftY = Self.amount(&stream, shiftFraction)
    draw.scale = 1 + Self.amount(&stream, scaleFraction)
    draw.brightness = max(0, 1 + Self.amount(&stream, brightness))
    draw.contrast = max(0, 1 + Self.amount(&stream, contrast))
    return draw
  }

  private static func amount(_ stream: inout RandomStream, _ bound: Float) -> Float { stream.uniform(-1...1) * bound }

  /// The changes drawn for one picture.
  public struct Draw: Sendable, Hashable {
    public var flipsHorizontally = false
    public var flipsVertically = false
    /// Clockwise.
    public var degrees: Float = 0
    /// To the right, as a share of the width.
    public var shiftX: Float = 0
    /// Down, as a share of the height.
    public var shiftY: Float = 0
    /// Above 1 the picture grows.
    public var scale: Float = 1
    public var brightness: Float = 1
    public var contrast: Float = 1

    public init() {}

    var keepsGrid: Bool { degrees == 0 && shiftX == 0 && shiftY == 0 && scale == 1 }
    var keepsLight: Bool { brightness == 1 && contrast == 1 }
  }
}

extension Augmentation.Draw {
  /// The changed picture.
  public func apply(to image: Image) -> Image {
    Image(width: image.width, height: image.height, channels: image.channels) { output in
      image.bytes.withUnsafeBufferPointer { input in
        write(input.baseAddress!, width: image.width, height: image.height, channels: image.channels, to: output)
      }
    }
  }

  /// Writes the changed picture to `target`, which must not overlap the source.
  package func write(
    _ source: UnsafePointer<UInt8>, width: Int, height: Int, channels: Int, to target: UnsafeMutablePointer<UInt8>
  ) {
    if keepsGrid {
      copyFlipped(source, width, height, channels, target)
    } else {
      AffineMap(self, width: width, height: height).resample(source, width, height, channels, to: target)
    }
    if !keepsLight { changeLight(target, pixels: width * height, channels: channels) }
  }

  private func copyFlipped(
    _ source: UnsafePointer<UInt8>, _ width: Int, _ height: Int, _ channels: Int, _ target: UnsafeMutablePointer<UInt8>
  ) {
    let row = width * channels
    for y in 0..<height {
      let input = source + (flipsVertically ? height - 1 - y : y) * row
      let output = target + y * row
      if !flipsHorizontally {
        output.update(from: input, count: row)
      } else {
        for x in 0..<width {
          let from = input + (width - 1 - x) * channels
          for channel in 0..<channels { output[x * channels + channel] = from[channel] }
        }
      }
    }
  }

  /// v ↦ (b·v - m)·c + m with the mean gray m of the brightened picture, through a table of the 256 values.
  private func changeLight(_ pixels: UnsafeMutablePointer<UInt8>, pixels count: Int, channels: Int) {
    var sum = 0
    if channels == 1 {
      for index in 0..<count { sum &+= Int(pixels[index]) }
    } else {
      var red = 0
      var green = 0
      var blue = 0
      for index in 0..<count {
        red &+= Int(pixels[3 * index])
        green &+= Int(pixels[3 * index + 1])
        blue &+= Int(pixels[3 * index + 2])
      }
      sum = (19595 * red + 38470 * green + 7471 * blue) >> 16
    }
    let mean = brightness * Float(sum) / Float(count)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { table in
      for value in 0..<256 {
        let changed = (brightness * Float(value) - mean) * contrast + mean
        table[value] = UInt8(min(max(changed.rounded(), 0), 255))
      }
      let table = table.baseAddress!
      for index in 0..<count * channels { pixels[index] = table[Int(pixels[index])] }
    }
  }
}

/// Where each pixel of the changed picture comes from: source = center + M (target - center - shift).
struct AffineMap {
  var xFromX: Double
  var xFromY: Double
  var xStart: Double
  var yFromX: Double
  var yFromY: Double
  var yStart: Double

  init(_ draw: Augmentation.Draw, width: Int, height: Int) {
    let angle = Double(draw.degrees) * Double.pi / 180
    let scale = 1 / Double(draw.scale)
    let flipX: Double = draw.flipsHorizontally ? -1 : 1
    let flipY: Double = draw.flipsVertically ? -1 : 1
    // The flips come first, then scale and turn, then the shift; this is the way back.
    xFromX = flipX * cos(angle) * scale
    xFromY = flipX * sin(angle) * scale
    yFromX = -flipY * sin(angle) * scale
    yFromY = flipY * cos(angle) * scale
    let centerX = Double(width - 1) / 2
    let centerY = Double(height - 1) / 2
    let movedX = centerX + Double(draw.shiftX) * Double(width)
    let movedY = centerY + Double(draw.shiftY) * Double(height)
    xStart = centerX - xFromX * movedX - xFromY * movedY
    yStart = centerY - yFromX * movedX - yFromY * movedY
  }

  /// Bilinear with weights of eight bits; positions in 1/65536 pixel, the start of each row exact.
  func resample(
    _ source: UnsafePointer<UInt8>, _ width: Int, _ height: Int, _ channels: Int,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    let row = width * channels
    let stepX = Int((xFromX * 65536).rounded())
    let stepY = Int((yFromX * 65536).rounded())
    for y in 0..<height {
      var atX = Int(((xStart + xFromY * Double(y)) * 65536).rounded())
      var atY = Int(((yStart + yFromY * Double(y)) * 65536).rounded())
      var output = target + y * row
      for _ in 0..<width {
        let left = mirrored(atX >> 16, width)
        let right = mirrored(atX >> 16 + 1, width)
        let top = source + mirrored(atY >> 16, height) * row
        let bottom = source + mirrored(atY >> 16 + 1, height) * row
        let shareX = Int32(truncatingIfNeeded: (atX >> 8) & 255)
        let shareY = Int32(truncatingIfNeeded: (atY >> 8) & 255)
        for channel in 0..<channels {
          let first = left * channels + channel
          let second = right * channels + channel
          let above = Int32(top[first]) &* (256 &- shareX) &+ Int32(top[second]) &* shareX
          let below = Int32(bottom[first]) &* (256 &- shareX) &+ Int32(bottom[second]) &* shareX
          output[channel] = UInt8(
            truncatingIfNeeded: (above &* (256 &- shareY) &+ below &* shareY &+ 0x8000) >> 16)
        }
        output += channels
        atX &+= stepX
        atY &+= stepY
      }
    }
  }
}

/// The position inside 0..<`count` that a mirror at either edge shows at `position`: … 1 0 0 1 2 … count-1 count-1 …
@inline(__always)
private func mirrored(_ position: Int, _ count: Int) -> Int {
  if UInt(bitPattern: position) < UInt(bitPattern: count) { return position }
  var folded = position % (2 * count)
  if folded < 0 { folded += 2 * count }
  return folded < count ? folded : 2 * count - 1 - folded
}
