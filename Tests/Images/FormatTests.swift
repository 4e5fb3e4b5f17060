import ImageSamples
import NunchiImages
import Testing

/// The picture that the samples of WebP hold.
private let ramp: Image = {
  var bytes: [UInt8] = []
  for y in 0..<6 {
    for x in 0..<8 { bytes += [UInt8(30 * x), UInt8(40 * y), UInt8(15 * (x + y))] }
  }
  return Image(width: 8, height: 6, channels: 3, bytes: bytes)
}()

/// Against WebP that loses its alpha, its canvas or its orientation.
@Suite struct WebPTests {
  @Test func lossless() throws {
    #expect(try ImageDecoder().decode(WebPSamples.lossless) == ramp)
  }

  @Test func lossy() throws {
    let image = try ImageDecoder().decode(WebPSamples.lossy)
    for (x, y) in [(0, 0), (31, 23), (16, 12)] {
      let wanted = [40 + 4 * x, 60 + 5 * y, 90 + x + y]
      #expect(zip(image[x, y], wanted).allSatisfy { abs(Int($0) - $1) <= 8 }, "\(image[x, y]) for \(wanted)")
    }
  }

  @Test func alphaLiesOverWhite() throws {
    let image = try ImageDecoder().decode(WebPSamples.transparent)
    #expect(image[2, 4] == [255, 255, 255])
    #expect(image[6, 4] == ramp[6, 4])
    // Half of 210, 0, 105 and half of white.
    #expect(image[7, 0] == [232, 127, 180])
    let lossy = try ImageDecoder().decode(WebPSamples.lossyTransparent)
    #expect(lossy[0, 12] == [255, 255, 255])
  }

  @Test func orientation() throws {
    let image = try ImageDecoder().decode(WebPSamples.turned)
    #expect(image.width == 6 && image.height == 8)
    for (x, y) in [(0, 0), (5, 0), (0, 7), (2, 3)] { #expect(image[x, y] == ramp[y, 5 - x]) }
  }

  @Test func firstFrameOfAnAnimationOnItsCanvas() throws {
    let image = try ImageDecoder().decode(WebPSamples.animation)
    #expect(image.width == 12 && image.height == 10)
    for y in 0..<10 {
      for x in 0..<12 {
        let inside = (2..<10).contains(x) && y >= 4
        #expect(image[x, y] == (inside ? ramp[x - 2, y - 4] : [255, 255, 255]))
      }
    }
  }
}

/// Against GIF whose rows, canvas or transparency come out wrong.
@Suite struct GIFTests {
  private func palette(_ colours: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<colours { bytes += [UInt8(index * 37 & 255), UInt8(index), UInt8(255 - index)] }
    return bytes
  }

  @Test(arguments: [2, 4, 16, 256], [false, true]) func everyDepth(colours: Int, interlaced: Bool) throws {
    var writer = GIFWriter(width: 13, height: 11, palette: palette(colours))
    writer.isInterlaced = interlaced
    let image = try ImageDecoder().decode(writer.file { (3 * $0 + 7 * $1) % colours })
    for y in 0..<11 {
      for x in 0..<13 {
        let index = (3 * x + 7 * y) % colours
        #expect(image[x, y] == Array(writer.palette[3 * index..<3 * index + 3]))
      }
    }
  }

  @Test func canvasAndTransparencyAreWhite() throws {
    var writer = GIFWriter(width: 3, height: 2, palette: palette(4))
    writer.canvas = (6, 5)
    (writer.left, writer.top, writer.transparent) = (1, 2, 3)
    let image = try ImageDecoder().decode(writer.file { x, _ in x == 1 ? 3 : 2 })
    #expect(image.width == 6 && image.height == 5)
    for y in 0..<5 {
      for x in 0..<6 {
        let painted = (2...3).contains(y) && (x == 1 || x == 3)
        #expect(image[x, y] == (painted ? [74, 2, 253] : [255, 255, 255]))
      }
    }
  }

  /// Some writers declare no canvas, or one that is too small.
  @Test func theCanvasGrowsToItsFrame() throws {
    var writer = GIFWriter(width: 3, height: 2, palette: palette(4))
    writer.canvas = (0, 0)
    let image = try ImageDecoder().decode(writer.file { x, _ in x })
    #expect(image.width == 3 && image.height == 2 && image[2, 1] == [74, 2, 253])
    writer.width = 0
    #expect(decodingError(writer.file { _, _ in 0 }) != nil)
  }
}

/// Against BMP that comes out upside down, with its colours exchanged, or shifted by the filling of rows.
@Suite struct BMPTests {
  private func colour(_ x: Int, _ y: Int) -> [UInt8] { [UInt8(20 * x), UInt8(30 * y), UInt8(5 + x + y)] }

  @Test(arguments: [12, 40, 108, 124], [5, -5]) func triples(header: Int, height: Int) throws {
    if header == 12 && height < 0 { return }
    var writer = BMPWriter(width: 7, height: height, bits: 24)
    writer.headerSize = header
    let image = try ImageDecoder().decode(
      writer.file { x, y in colour(x, y).reduce(0) { word, byte in word << 8 | Int(byte) } })
    #expect(image.width == 7 && image.height == 5)
    for y in 0..<5 { for x in 0..<7 { #expect(image[x, y] == colour(x, y)) } }
  }

  @Test(arguments: [1, 2, 4, 8], [12, 40]) func palettes(bits: Int, header: Int) throws {
    var writer = BMPWriter(width: 11, height: 3, bits: bits)
    writer.headerSize = header
    for index in 0..<1 << bits { writer.palette += [UInt8(index), UInt8(255 - index), 7] }
    let image = try ImageDecoder().decode(writer.file { (5 * $0 + $1) % (1 << bits) })
    for y in 0..<3 {
      for x in 0..<11 {
        let index = (5 * x + y) % (1 << bits)
        #expect(image[x, y] == [UInt8(index), UInt8(255 - index), 7])
      }
    }
  }

  @Test func bitFields() throws {
    var writer = BMPWriter(width: 3, height: 1, bits: 16)
    // Five bits each where nothing is said.
    #expect(
      try ImageDecoder().decode(writer.file { x, _ in 31 << (10 - 5 * x) }).bytes == [255, 0, 0, 0, 255, 0, 0, 0, 255])
    writer.compression = 3
    writer.masks = [0xF800, 0x07E0, 0x001F]
    let green = try ImageDecoder().decode(writer.file { x, _ in [0x07E0, 0x0400, 0xFFFF][x] })
    #expect(green.bytes == [0, 255, 0, 0, 130, 0, 255, 255, 255])
    var deep = BMPWriter(width: 2, height: 1, bits: 32)
    (deep.headerSize, deep.compression) = (108, 3)
    deep.masks = [0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000]
    let mixed = try ImageDecoder().decode(deep.file { x, _ in x == 0 ? 0x8000_00FF : 0xFF03_0201 })
    #expect(mixed.bytes == [255, 127, 127, 1, 2, 3])
    // An alpha that is zero everywhere is no alpha.
    #expect(try ImageDecoder().decode(deep.file { _, _ in 0x0003_0201 }).bytes == [1, 2, 3, 1, 2, 3])
  }

  @Test func runs() throws {
    let palette: [UInt8] = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    var writer = BMPWriter(width: 5, height: 3, bits: 8)
    (writer.compression, writer.palette) = (1, palette)
    // From the bottom: a run, an end of row; a move by (1, 0), three samples; the next row's run is too long.
    let eight = writer.file(data: [5, 2, 0, 0, 0, 2, 1, 0, 0, 3, 1, 2, 3, 0, 1, 1, 0, 0, 9, 3, 0, 1])
    let rows: [[UInt8]] = [[3, 3, 3, 3, 3], [0, 1, 2, 3, 1], [2, 2, 2, 2, 2]]
    let wanted = rows.flatMap { $0.flatMap { [$0, $0, $0] } }
    #expect(try ImageDecoder().decode(eight).bytes == wanted)
    (writer.compression, writer.bits) = (2, 4)
    let four = writer.file(data: [5, 0x22, 0, 0, 0, 2, 1, 0, 0, 4, 0x12, 0x31, 0, 0, 5, 0x33, 0, 1])
    #expect(try ImageDecoder().decode(four).bytes == wanted)
    let broken = decodingError(Array(four.dropLast(4)))
    #expect(broken?.reason == .damaged(.bmp, detail: "the file ends too early", readableRows: 2, height: 3))
  }

  @Test func whatIsNotThere() throws {
    var writer = BMPWriter(width: 4, height: 4, bits: 24)
    let whole = writer.file { _, _ in 0 }
    let error = decodingError(Array(whole.dropLast(13)))
    #expect(error?.reason == .damaged(.bmp, detail: "the file ends too early", readableRows: 2, height: 4))
    writer.compression = 4
    #expect(decodingError(writer.file { _, _ in 0 })?.description.contains("24 bits with compression 4") == true)
    writer = BMPWriter(width: 4, height: Int(Int32.min), bits: 24)
    #expect(decodingError(writer.file(data: [])) != nil)
  }
}

/// Against PNM whose numbers, bits or maximum are misread.
@Suite struct PNMTests {
  private func decode(_ text: String, _ samples: [UInt8] = []) throws -> [UInt8] {
    try ImageDecoder().decode(Array(text.utf8) + samples).bytes
  }

  @Test func binary() throws {
    #expect(try decode("P5 # comment\n2 1\n255\n", [7, 200]) == [7, 200])
    #expect(try decode("P6 1 1 65535 ", [0xFF, 0xFF, 0x80, 0x00, 0, 0]) == [255, 128, 0])
    #expect(try decode("P5 3 1 4\n", [0, 2, 9]) == [0, 128, 255])
    let (black, white) = ([UInt8](repeating: 0, count: 2), [UInt8](repeating: 255, count: 6))
    let rows = [0, 255, 0, 255] + white + [255, 0, 255, 255] + white
    #expect(try decode("P4 10 2\n", [0b1010_0000, 0, 0b0100_0000, 0]) == rows)
    #expect(try decode("P4 2 1\n", [0xC0]) == black)
  }

  @Test func text() throws {
    #expect(try decode("P1\n3 2\n101\n0 1 # rest\n0") == [0, 255, 0, 255, 0, 255])
    #expect(try decode("P2 2 2 100 0 50\n100\t7") == [0, 128, 255, 18])
    #expect(try decode("P3 1 2 255 1 2 3 4 5 6") == [1, 2, 3, 4, 5, 6])
  }

  @Test func pam() throws {
    let header = { (depth: Int) in "P7\nWIDTH 1\nHEIGHT 1\nDEPTH \(depth)\nMAXVAL 255\nTUPLTYPE X\nENDHDR\n" }
    #expect(try decode(header(1), [9]) == [9])
    #expect(try decode(header(2), [0, 128]) == [127])
    #expect(try decode(header(3), [1, 2, 3]) == [1, 2, 3])
    #expect(try decode(header(4), [1, 2, 3, 0]) == [255, 255, 255])
    #expect(decodingError(Array("P7\nWIDTH 1\nHEIGHT 1\nENDHDR\n".utf8) + [9]) != nil)
  }

  @Test func damage() {
    func rows(_ text: String, _ samples: [UInt8]) -> ImageError.Reason? {
      decodingError(Array(text.utf8) + samples)?.reason
    }
    #expect(
      rows("P5 2 2 255\n", [1, 2, 3])
        == .damaged(.pnm, detail: "the file ends too early", readableRows: 1, height: 2))
    #expect(
      rows("P2 2 3 255 1 2 3 4 x y z", [])
        == .damaged(.pnm, detail: "a number is missing", readableRows: 2, height: 3))
    #expect(rows("P5 -2 2 255\n", []) != nil)
    #expect(rows("P5 0 2 255\n", []) != nil)
    #expect(rows("P5 2 2 65536\n", [1, 2, 3, 4]) != nil)
    #expect(rows("P6", []) != nil)
  }
}

/// Against files written in another form than their name says.
@Suite struct WritingTests {
  @Test func pnm() throws {
    let (gray, colour) = (scene(width: 5, height: 3, channels: 1), scene(width: 5, height: 3))
    #expect(try ImageDecoder().decode(gray.encodedPNM()) == gray)
    #expect(try ImageDecoder().decode(colour.encodedPNM()) == colour)
    #expect(gray.encodedPNM().starts(with: "P5\n5 3\n255\n".utf8))
    #expect(throws: ImageError.self) { try colour.write(to: "picture.pgm") }
    #expect(throws: ImageError.self) { try colour.write(to: "picture.webp") }
  }
}
