import ImageSamples
import NunchiImages
import Testing

/// Against forms of PNG that are read as noise: palettes, depths, transparency, interlacing.
@Suite struct PNGFormTests {
  private func decode(_ bytes: [UInt8]) throws -> Image { try ImageDecoder().decode(bytes) }

  @Test(arguments: [1, 2, 4, 8], [false, true]) func palette(depth: Int, interlaced: Bool) throws {
    let colours = 1 << min(depth, 4)
    let palette = (0..<UInt8(colours)).flatMap { (index: UInt8) -> [UInt8] in [index * 10, 255 - index * 7, index * 3] }
    let writer = PNGWriter(width: 13, height: 11, bitDepth: depth, colourType: 3, palette: palette)
    let image = try decode(writer.file(interlaced: interlaced) { [($0 + 3 * $1) % colours] })
    #expect(image.channels == 3)
    for (x, y) in [(0, 0), (12, 10), (5, 7), (1, 0)] {
      let index = (x + 3 * y) % colours
      #expect(image[x, y] == Array(palette[3 * index..<3 * index + 3]))
    }
  }

  @Test(arguments: [false, true]) func sixteenBitsAreScaled(interlaced: Bool) throws {
    let writer = PNGWriter(width: 9, height: 9, bitDepth: 16, colourType: 0)
    let image = try decode(writer.file(interlaced: interlaced) { x, y in [(x * 9 + y) * 65535 / 80] })
    #expect(image.channels == 1)
    #expect(image[0, 0] == [0])
    #expect(image[8, 8] == [255])
    #expect(image[4, 4] == [127])
    // 66 * 65535 / 80 = 54066 is 210.37, and 54066 >> 8 is 211.
    #expect(image[7, 3] == [210])
  }

  @Test func fewBitsOfGraySpreadOverTheRange() throws {
    let writer = PNGWriter(width: 4, height: 1, bitDepth: 2, colourType: 0)
    #expect(try decode(writer.file { x, _ in [x] }).bytes == [0, 85, 170, 255])
  }

  @Test(arguments: [8, 16], [false, true]) func alphaLiesOverWhite(depth: Int, interlaced: Bool) throws {
    let top = 1 << depth - 1
    let gray = PNGWriter(width: 10, height: 9, bitDepth: depth, colourType: 4)
    let mixed = try decode(gray.file(interlaced: interlaced) { x, _ in [0, x * top / 9] })
    #expect(mixed.channels == 1)
    #expect(mixed[0, 3] == [255])
    #expect(mixed[9, 8] == [0])
    #expect(abs(Int(mixed[3, 0][0]) - 170) <= 1)
    let colour = PNGWriter(width: 10, height: 9, bitDepth: depth, colourType: 6)
    let red = try decode(colour.file(interlaced: interlaced) { _, y in [top, 0, 0, y < 4 ? 0 : top] })
    #expect(red[2, 3] == [255, 255, 255])
    #expect(red[2, 4] == [255, 0, 0])
  }

  @Test func transparentColoursLieOverWhite() throws {
    let palette = PNGWriter(
      width: 2, height: 1, bitDepth: 8, colourType: 3, palette: [10, 20, 30, 40, 50, 60], transparency: [0])
    #expect(try decode(palette.file { x, _ in [x] }).bytes == [255, 255, 255, 40, 50, 60])
    let key = PNGWriter(width: 2, height: 1, bitDepth: 8, colourType: 0, transparency: [0, 7])
    #expect(try decode(key.file { x, _ in [x == 0 ? 7 : 8] }).bytes == [255, 8])
  }

  @Test func orientationInTheExifChunk() throws {
    var writer = PNGWriter(width: 3, height: 2, bitDepth: 8, colourType: 0)
    writer.extra = [("eXIf", exif(orientation: 6, bigEndian: true))]
    let image = try decode(writer.file { x, y in [x + 10 * y] })
    #expect(image.width == 2 && image.height == 3)
    #expect(image.bytes == [10, 0, 11, 1, 12, 2])
  }
}
