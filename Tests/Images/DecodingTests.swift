import Foundation
import ImageSamples
import NunchiImages
import Testing

/// Against decoders that swap channels, lose a depth, or believe a name instead of the content.
@Suite struct DecodingTests {
  @Test(arguments: [1, 3]) func losslessRoundTripThroughPNG(channels: Int) throws {
    let image = scene(width: 31, height: 17, channels: channels)
    #expect(try ImageDecoder().decode(image.encodedPNG()) == image)
  }

  @Test(arguments: [1, 3]) func closeRoundTripThroughJPEG(channels: Int) throws {
    let image = gradient(width: 45, height: 33, channels: channels)
    let decoded = try ImageDecoder().decode(image.encodedJPEG(quality: 97))
    #expect(decoded.channels == channels)
    #expect(worstDifference(image, decoded) <= 4)
  }

  /// 8x8 pixels of the stored samples 40, 100, 200, 130, written by libjpeg. Adobe's marker means inverted inks.
  @Test func cmykInItsThreeForms() throws {
    let forms = [
      JPEGSamples.cmyk: [20, 51, 102], JPEGSamples.ycck: [20, 51, 102], JPEGSamples.plainCMYK: [105, 76, 27],
    ]
    for (bytes, colour) in forms {
      let image = try ImageDecoder().decode(bytes)
      #expect(image.channels == 3)
      let found = image[3, 4].map(Int.init)
      #expect(zip(found, colour).allSatisfy { abs($0 - $1) <= 3 }, "\(found) for \(colour)")
    }
  }

  @Test func unsupportedFormatsAreRefusedByName() throws {
    let box = { (brand: String) in [0, 0, 0, 24] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0] + Array("mif1".utf8) }
    let starts: [(ImageFormat, [UInt8])] = [
      (.tiff, [0x49, 0x49, 42, 0, 8, 0, 0, 0]), (.tiff, [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]), (.heic, box("heic")),
      (.avif, box("avif")), (.ico, [0, 0, 1, 0, 1, 0, 16, 16]), (.psd, Array("8BPS".utf8) + [0, 1]),
      (.jpegXL, [0xFF, 0x0A, 0, 0x10]), (.jpegXL, [0, 0, 0, 12] + Array("JXL \r\n".utf8) + [0x87, 10]),
      (.jpeg2000, [0, 0, 0, 12] + Array("jP  \r\n".utf8) + [0x87, 10]), (.jpeg2000, [0xFF, 0x4F, 0xFF, 0x51, 0]),
      (.pdf, Array("%PDF-1.7\n".utf8)), (.svg, Array("<?xml version=\"1.0\"?>\n<svg width=\"9\"/>".utf8)),
      (.svg, Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)),
    ]
    for (format, bytes) in starts {
      let error = try #require(decodingError(bytes))
      #expect(error.reason == .unsupported(format))
      #expect(error.description.contains("a \(format.rawValue) file; convert it to JPEG or PNG"))
    }
  }

  @Test func errorsSayWhoAndWhy() throws {
    #expect(decodingError([])?.reason == .emptyFile)
    for text in ["hello", "BMW, Audi and others", "<?xml version=\"1.0\"?><html/>", "P9 2 2 255 1234"] {
      #expect(decodingError(Array(text.utf8))?.reason == .notAnImage, "\(text)")
    }
    let png = try scene(width: 20, height: 10).encodedPNG()
    #expect(decodingError(png, pixelLimit: 199)?.reason == .tooLarge(width: 20, height: 10, limit: 199))
    #expect(decodingError(png, pixelLimit: 200) == nil)
    let missing = "/no-such-folder/photo.jpg"
    let error = #expect(throws: ImageError.self) { try Image(path: missing) }
    #expect(error?.source == missing)
    #expect(error?.description.hasPrefix(missing + ": expected a readable file, found ") == true)
  }

  @Test func contentDecidesNotTheName() throws {
    let folder = FileManager.default.temporaryDirectory
    let path = folder.appending(path: "nunchi-\(UUID().uuidString).jpg").path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let image = scene(width: 9, height: 5)
    try Data(image.encodedPNG()).write(to: URL(filePath: path))
    #expect(try Image(path: path) == image)
    #expect(throws: ImageError.self) { try image.write(to: "picture.webp") }
  }

  @Test func grayIsITUR601() {
    let image = Image(width: 4, height: 1, channels: 3, bytes: [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    #expect(image.converted(toChannels: 1).bytes == [76, 150, 29, 9])
    #expect(image.converted(toChannels: 1).converted(toChannels: 3)[1, 0] == [150, 150, 150])
  }
}
