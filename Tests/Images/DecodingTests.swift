import Foundation
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
    let forms = [cmykFixture: [20, 51, 102], ycckFixture: [20, 51, 102], plainFixture: [105, 76, 27]]
    for (text, colour) in forms {
      let image = try ImageDecoder().decode([UInt8](#require(Data(base64Encoded: text))))
      #expect(image.channels == 3)
      let found = image[3, 4].map(Int.init)
      #expect(zip(found, colour).allSatisfy { abs($0 - $1) <= 3 }, "\(found) for \(colour)")
    }
  }

  @Test func pnmOfEightAndSixteenBits() throws {
    let gray = Array("P5 # comment\n2 1\n255\n".utf8) + [7, 200]
    #expect(try ImageDecoder().decode(gray).bytes == [7, 200])
    let deep = Array("P6 1 1 65535 ".utf8) + [0xFF, 0xFF, 0x80, 0x00, 0, 0]
    #expect(try ImageDecoder().decode(deep).bytes == [255, 128, 0])
    #expect(decodingError(Array("P5 2 2 255\n".utf8) + [1, 2, 3]) != nil)
    #expect(decodingError(Array("P5 -2 2 255\n".utf8)) != nil)
  }

  @Test func unsupportedFormatsAreRefusedByName() throws {
    let box = { (brand: String) in [0, 0, 0, 24] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0] + Array("mif1".utf8) }
    let starts: [(ImageFormat, [UInt8])] = [
      (.webp, Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBPVP8 ".utf8)), (.gif, Array("GIF89a....".utf8)),
      (.bmp, Array("BM".utf8) + [9, 9, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0]),
      (.tiff, [0x49, 0x49, 42, 0, 8, 0, 0, 0]), (.tiff, [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]), (.heic, box("heic")),
      (.avif, box("avif")), (.ico, [0, 0, 1, 0, 1, 0, 16, 16]), (.psd, Array("8BPS".utf8) + [0, 1]),
    ]
    for (format, bytes) in starts {
      let error = try #require(decodingError(bytes))
      #expect(error.reason == .unsupported(format))
      #expect(error.description.contains("a \(format.rawValue) file; convert it to JPEG or PNG"))
    }
  }

  @Test func errorsSayWhoAndWhy() throws {
    #expect(decodingError([])?.reason == .emptyFile)
    #expect(decodingError(Array("hello".utf8))?.reason == .notAnImage)
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

/// CMYK with Adobe's marker.
private let cmykFixture =
  "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYI"
  + "CwwLCgwJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAkEB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/"
  + "2gAOBEMATQBZAEsAAD8AJ9h5IFD/2Q=="

/// YCCK with Adobe's marker.
private let ycckFixture =
  "/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYI"
  + "CwwLCgwJCgoK/9sAQwECAgICAgIFAwMFCgcGBwoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK"
  + "/8AAFAgACAAIBAEiAAIRAQMRAQQiAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAECP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAA"
  + "AAAAAAAAAAAAAAAI/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAA4EAQACEQMRBAAAPwDRAAHkwoAf/9k="

/// CMYK without a marker.
private let plainFixture =
  "/9j/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAAUCAAI"
  + "AAgEQxEATREAWREASxEA/8QAFgABAQEAAAAAAAAAAAAAAAAACQQH/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAA4EQwBNAFkASwAAPwAn"
  + "2HkgUP/Z"
