import NunchiImages
import NunchiTensors
import Testing

@Suite struct PixelBufferTests {
  /// A colour picture of odd size, every pixel another.
  private let picture = Image(
    width: 5, height: 3, channels: 3, bytes: (0..<45).map { UInt8($0 * 37 % 251) })

  private func read(_ bytes: [UInt8], _ format: PixelFormat, width: Int = 5, height: Int = 3, stride: Int? = nil)
    -> Image
  {
    bytes.withUnsafeBytes {
      PixelBuffer($0.baseAddress!, width: width, height: height, stride: stride, format: format).image()
    }
  }

  /// Bytes swapped the wrong way, a fourth byte that is taken for a colour, a row that begins where the last one ended.
  @Test(arguments: [0, 7]) func packedFormatsAreTheSamePicture(padding: Int) {
    func packed(_ pixelBytes: Int, _ pixel: ([UInt8]) -> [UInt8]) -> [UInt8] {
      (0..<3).flatMap { y in
        (0..<5).flatMap { pixel(picture[$0, y]) } + [UInt8](repeating: 0xEE, count: padding)
      }
    }
    let cases: [(PixelFormat, [UInt8], Int)] = [
      (.rgb, packed(3) { $0 }, 15), (.bgr, packed(3) { $0.reversed() }, 15),
      (.rgba, packed(4) { $0 + [9] }, 20), (.bgra, packed(4) { $0.reversed() + [9] }, 20),
    ]
    for (format, bytes, row) in cases {
      #expect(read(bytes, format, stride: row + padding) == picture, "\(format)")
      if padding == 0 { #expect(read(bytes, format) == picture, "\(format)") }
    }
    let gray = picture.converted(toChannels: 1)
    let bytes = (0..<3).flatMap { y in gray.bytes[y * 5..<y * 5 + 5] + [UInt8](repeating: 1, count: padding) }
    #expect(read(bytes, .gray, stride: 5 + padding) == gray)
  }

  /// ITU-R 601 with Y from 16 to 235, by its formula.
  private func colour(_ y: Int, _ u: Int, _ v: Int) -> [UInt8] {
    let (light, blue, red) = (255.0 / 219 * Double(y - 16), Double(u - 128) * 255 / 224, Double(v - 128) * 255 / 224)
    let values = [
      light + 2 * (1 - 0.299) * red,
      light - 2 * (1 - 0.114) * 0.114 / 0.587 * blue - 2 * (1 - 0.299) * 0.299 / 0.587 * red,
      light + 2 * (1 - 0.114) * blue,
    ]
    return values.map { UInt8(min(max($0.rounded(), 0), 255)) }
  }

  /// A frame whose every Y, U and V is another: what belongs to a pixel is found by the definition of each format.
  @Test(arguments: [(6, 4), (5, 3), (2, 2), (1, 1)]) func cameraFormatsFollowTheirDefinition(width: Int, height: Int) {
    let (columns, rows) = ((width + 1) / 2, (height + 1) / 2)
    func luma(_ x: Int, _ y: Int) -> Int { (40 + 31 * x + 17 * y) % 256 }
    func blue(_ x: Int, _ y: Int) -> Int { (90 + 47 * x + 13 * y) % 256 }
    func red(_ x: Int, _ y: Int) -> Int { (200 + 29 * x + 71 * y) % 256 }
    let stride = 2 * columns + 2
    func plane(_ width: Int, _ height: Int, _ stride: Int, _ value: (Int, Int) -> Int) -> [UInt8] {
      (0..<height).flatMap { y in
        (0..<stride).map { $0 < width ? UInt8(value($0, y)) : 77 }
      }
    }
    let y = plane(width, height, stride, luma)
    let both = plane(2 * columns, rows, stride) { $0 % 2 == 0 ? blue($0 / 2, $1) : red($0 / 2, $1) }
    let (u, v) = (plane(columns, rows, stride / 2, blue), plane(columns, rows, stride / 2, red))
    for (format, bytes) in [(PixelFormat.nv12, y + both), (.i420, y + u + v)] {
      let image = read(bytes, format, width: width, height: height, stride: stride)
      for row in 0..<height {
        for x in 0..<width {
          #expect(
            image[x, row] == colour(luma(x, row), blue(x / 2, row / 2), red(x / 2, row / 2)), "\(format) \(x), \(row)")
        }
      }
    }
    let pairs = (0..<height).flatMap { row in
      (0..<columns).flatMap { pair in
        [luma(2 * pair, row), blue(pair, row), luma(2 * pair + 1, row), red(pair, row)].map { UInt8($0) }
      }
    }
    let image = read(pairs, .yuyv, width: width, height: height)
    for row in 0..<height {
      for x in 0..<width { #expect(image[x, row] == colour(luma(x, row), blue(x / 2, row), red(x / 2, row))) }
    }
  }

  /// The ends of the range: 16 is black, 235 white, and beyond both nothing wraps round.
  @Test func lightAndDarkStayInRange() {
    #expect(read([16, 128, 235, 128], .yuyv, width: 2, height: 1).bytes == [0, 0, 0, 255, 255, 255])
    #expect(read([0, 0, 255, 255], .yuyv, width: 2, height: 1).bytes == colour(0, 0, 255) + colour(255, 0, 255))
  }
}
