import ImageSamples
import NunchiImages
import NunchiSystem
import NunchiTensors
import Testing

/// Against headers that ask for memory which their file cannot fill.
@Suite struct LimitTests {
  private func implausible(_ format: ImageFormat, _ bytes: [UInt8]) -> Bool {
    guard case .implausible(format, _, _, bytes.count) = decodingError(bytes)?.reason else { return false }
    return true
  }

  @Test func aBombIsRefusedByItsHeader() throws {
    let png = PNGWriter(width: 9000, height: 9000, bitDepth: 8, colourType: 0).file { _, _ in [] }
    #expect(implausible(.png, png))
    var gif = GIFWriter(width: 2, height: 2, palette: [0, 0, 0, 9, 9, 9])
    gif.canvas = (9000, 9000)
    #expect(implausible(.gif, gif.file { _, _ in 1 }))
    // The sizes of the canvas less one, behind the flags of the chunk VP8X.
    var webp = WebPSamples.animation
    webp.replaceSubrange(24..<30, with: littleEndian(8999, 3) + littleEndian(8999, 3))
    #expect(implausible(.webp, webp))
    // Two bytes height, two bytes width behind length and precision of the segment SOF2.
    var jpeg = JPEGSamples.progressive
    let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC2]) })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: bigEndian(9000, 2) + bigEndian(9000, 2))
    #expect(implausible(.jpeg, jpeg))
    var bmp = BMPWriter(width: 9000, height: 9000, bits: 8)
    bmp.compression = 1
    #expect(implausible(.bmp, bmp.file(data: [0, 1])))
    #expect(implausible(.pnm, Array("P6 9000 9000 255\n".utf8)))
  }

  @Test func sidesAndPixels() {
    let long = PNGWriter(width: 2_000_000, height: 1, bitDepth: 1, colourType: 0).file { _, _ in [] }
    #expect(decodingError(long)?.reason == .tooLong(width: 2_000_000, height: 1, limit: 1 << 20))
    let large = Array("P6 99999 99999 255\n".utf8)
    #expect(decodingError(large)?.reason == .tooLarge(width: 99999, height: 99999, limit: 100_000_000))
  }

  /// What a chunk says of its length is not believed: reading it takes no memory that the file does not have.
  @Test(arguments: ["eXIf", "tEXt", "iCCP", "zTXt", "sPLT", "abCd"]) func lengthsOfChunks(name: String) throws {
    let png = PNGWriter(width: 3, height: 2, bitDepth: 8, colourType: 0).file { x, y in [x + y] }
    let chunk = bigEndian(1 << 30, 4) + Array(name.utf8) + [1, 2, 3, 4]
    let before = ProcessMemory.peakMebibytes
    #expect(decodingError(png[..<33] + chunk + png[33...]) != nil)
    #expect(ProcessMemory.peakMebibytes - before < 512)
  }

  /// A flat picture deflates by a factor near the limit, and is no bomb.
  @Test func flatPicturesAreNoBombs() throws {
    let flat = Image(width: 2500, height: 2000, channels: 1, bytes: [UInt8](repeating: 9, count: 5_000_000))
    let png = try flat.encodedPNG(level: 9)
    #expect(flat.bytes.count / png.count > 600)
    #expect(try ImageDecoder().decode(png) == flat)
    let jpeg = try flat.encodedJPEG(quality: 1)
    #expect(try ImageDecoder().decode(jpeg).width == 2500)
  }

  @Test func headersSayWhatDecodingGives() throws {
    for sample in FileSamples.all {
      let header = try ImageDecoder().header(of: sample.bytes)
      let image = try ImageDecoder().decode(sample.bytes)
      #expect(header.width == image.width && header.height == image.height, "\(sample.name)")
      #expect(header.channels == image.channels, "\(sample.name)")
      #expect(header.isTurned == sample.name.contains("turned"), "\(sample.name)")
    }
  }
}
