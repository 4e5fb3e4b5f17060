import NunchiImages
import NunchiSystem

/// What is kept of a picture to find its copies: a perceptual hash, which finds candidates, and two small pictures, which
/// confirm or refuse them.
///
/// The hash has 63 bits: the signs, about their median, of the lowest 8 x 8 frequencies of the picture's cosine transform
/// at 32 x 32 pixels, without the constant one. Scaling, compressing and brightening move few of them. A mirror image
/// changes the sign of the odd horizontal frequencies and nothing else, so its hash comes from the same transform.
///
/// Pictures of one kind (faces looking at the camera) share their low frequencies. What tells unrelated pictures from copies is the
/// detail: 16 x 16 pixels less what a blur keeps of them. Cutting an edge off moves the detail, so a second view without
/// a fortieth of each side is kept beside the whole.
struct PictureSignature: Sendable {
  /// One way to look at the picture.
  struct View: Sendable {
    let hash: UInt64
    let mirrored: UInt64
    let shade: Pattern
    let detail: Pattern
  }

  let whole: View
  /// Without a fortieth of each side.
  let inner: View
  /// Red and blue less gray at 4 x 4 places, `[y][x][red, blue]`; `nil` for gray pictures.
  let colour: [Float]?

  static let side = 16
  private static let cut = 0.025

  /// `nil` for a picture that is too flat to be told from others.
  init?(_ picture: Image) {
    let working = picture.resized(width: 64, height: 64)
    let edge = 64 * Self.cut
    let inside = working.resampled(
      Box(left: edge, top: edge, right: 64 - edge, bottom: 64 - edge), width: 32, height: 32)
    let outside = working.resized(width: 32, height: 32)
    guard let whole = View(outside), let inner = View(inside) else { return nil }
    self.whole = whole
    self.inner = inner
    colour = Self.colour(outside)
  }

  private static func colour(_ picture: Image) -> [Float]? {
    guard picture.channels == 3 else { return nil }
    var sums = [Float](repeating: 0, count: 4 * 4 * 2)
    var greatest = 0
    for pixel in 0..<32 * 32 {
      let red = Int(picture.bytes[3 * pixel])
      let green = Int(picture.bytes[3 * pixel + 1])
      let blue = Int(picture.bytes[3 * pixel + 2])
      let gray = Float(19595 * red + 38470 * green + 7471 * blue) / 65536
      greatest = max(greatest, abs(red - green), abs(blue - green))
      let place = 2 * (pixel / 32 / 8 * 4 + pixel % 32 / 8)
      sums[place] += (Float(red) - gray) / 64
      sums[place + 1] += (Float(blue) - gray) / 64
    }
    // Three equal channels, but for what compression leaves.
    return greatest < 6 ? nil : sums
  }
}

extension PictureSignature.View {
  /// - Parameter picture: 32 x 32 pixels.
  init?(_ picture: Image) {
    let gray = picture.converted(toChannels: 1).bytes.map(Float.init)
    let side = PictureSignature.side
    var small = [Float](repeating: 0, count: side * side)
    for pixel in gray.indices { small[pixel / 32 / 2 * side + pixel % 32 / 2] += gray[pixel] / 4 }
    let blurred = Self.blurred(small)
    let fine = zip(small, blurred).map { $0 - $1 }
    guard let shade = Pattern(small, leastDeviation: 4), let detail = Pattern(fine, leastDeviation: 0.5) else {
      return nil
    }
    self.shade = shade
    self.detail = detail
    var frequencies = CosineTransform.lowest(gray)
    hash = Self.hash(frequencies)
    for odd in stride(from: 1, to: 64, by: 2) { frequencies[odd].negate() }
    mirrored = Self.hash(frequencies)
  }

  private static func hash(_ frequencies: [Float]) -> UInt64 {
    let median = frequencies.dropFirst().sorted()[31]
    var bits: UInt64 = 0
    for index in 1..<64 where frequencies[index] > median { bits |= 1 << UInt64(index) }
    return bits
  }

  /// The binomial blur 1 4 6 4 1 along both axes; edges repeat.
  private static func blurred(_ values: [Float]) -> [Float] {
    let side = PictureSignature.side
    let weights: [Float] = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]
    func pass(_ input: [Float], _ step: Int, _ across: Int) -> [Float] {
      var output = input
      for line in 0..<side {
        for place in 0..<side {
          var sum: Float = 0
          for tap in 0..<5 {
            let from = min(max(place + tap - 2, 0), side - 1)
            sum += weights[tap] * input[line * across + from * step]
          }
          output[line * across + place * step] = sum
        }
      }
      return output
    }
    return pass(pass(values, 1, side), side, 1)
  }
}

/// 16 x 16 numbers about their mean, as small whole numbers: correlations of patterns are sums of products.
struct Pattern: Sendable {
  let values: [Int8]
  /// 1 / the root of the sum of squares.
  let scale: Float

  /// `nil` where the standard deviation is below `leastDeviation`.
  init?(_ numbers: [Float], leastDeviation: Float) {
    let mean = numbers.reduce(0, +) / Float(numbers.count)
    let centred = numbers.map { $0 - mean }
    let squares = centred.reduce(0) { $0 + $1 * $1 }
    guard squares >= leastDeviation * leastDeviation * Float(numbers.count) else { return nil }
    let greatest = centred.reduce(0) { max($0, abs($1)) }
    let values = centred.map { Int8(($0 / greatest * 127).rounded()) }
    self.values = values
    scale = 1 / Float(values.reduce(0) { $0 + Int($1) * Int($1) }).squareRoot()
  }

  private init(values: [Int8], scale: Float) {
    self.values = values
    self.scale = scale
  }

  /// The pattern seen in a mirror.
  var mirrored: Pattern {
    let side = PictureSignature.side
    return Pattern(
      values: values.indices.map { values[$0 / side * side + side - 1 - $0 % side] }, scale: scale)
  }

  /// From -1 to 1.
  func correlation(_ other: Pattern) -> Float {
    let sum = values.withUnsafeBufferPointer { one in
      other.values.withUnsafeBufferPointer { two in
        var sum: Int32 = 0
        for index in 0..<256 { sum &+= Int32(one[index]) &* Int32(two[index]) }
        return sum
      }
    }
    return Float(sum) * scale * other.scale
  }
}

/// The two-dimensional cosine transform (type 2) of 32 x 32 numbers.
enum CosineTransform {
  /// `cosines[frequency * 32 + place]`.
  private static let cosines: [Float] = (0..<8).flatMap { frequency in
    (0..<32).map { place in Float(cos(Double.pi * Double(2 * place + 1) * Double(frequency) / 64)) }
  }

  /// The frequencies below 8 along both axes, `[vertical][horizontal]`.
  static func lowest(_ numbers: [Float]) -> [Float] {
    var rows = [Float](repeating: 0, count: 32 * 8)
    for y in 0..<32 {
      for frequency in 0..<8 {
        var sum: Float = 0
        for x in 0..<32 { sum += cosines[frequency * 32 + x] * numbers[y * 32 + x] }
        rows[y * 8 + frequency] = sum
      }
    }
    var result = [Float](repeating: 0, count: 64)
    for vertical in 0..<8 {
      for horizontal in 0..<8 {
        var sum: Float = 0
        for y in 0..<32 { sum += cosines[vertical * 32 + y] * rows[y * 8 + horizontal] }
        result[vertical * 8 + horizontal] = sum
      }
    }
    return result
  }
}
