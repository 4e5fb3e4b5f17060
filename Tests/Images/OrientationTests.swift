import ImageSamples
import NunchiImages
import Testing

/// Against photographs that lie on their side, in each of the eight ways, and against damaged metadata that costs the
/// picture.
@Suite struct OrientationTests {
  /// The picture with the APP1 segment `body` after the start marker.
  private func tagged(_ jpeg: [UInt8], _ body: [UInt8]) -> [UInt8] {
    let segment = Array("Exif".utf8) + [0, 0] + body
    let length = segment.count + 2
    return jpeg[..<2] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + segment + jpeg[2...]
  }

  /// Where the pixel (x, y) of the upright picture lies in the stored one of `width` by `height`.
  private func stored(_ orientation: Int, _ x: Int, _ y: Int, _ width: Int, _ height: Int) -> (Int, Int) {
    switch orientation {
    case 1: (x, y)
    case 2: (width - 1 - x, y)
    case 3: (width - 1 - x, height - 1 - y)
    case 4: (x, height - 1 - y)
    case 5: (y, x)
    case 6: (y, height - 1 - x)
    case 7: (width - 1 - y, height - 1 - x)
    default: (width - 1 - y, x)
    }
  }

  @Test(arguments: 1...8, [false, true]) func everyOrientation(orientation: Int, bigEndian: Bool) throws {
    let jpeg = try gradient(width: 24, height: 16).encodedJPEG(quality: 95)
    let lying = try ImageDecoder().decode(jpeg)
    let upright = try ImageDecoder().decode(tagged(jpeg, exif(orientation: orientation, bigEndian: bigEndian)))
    #expect(upright.width == (orientation < 5 ? 24 : 16))
    #expect(upright.height == (orientation < 5 ? 16 : 24))
    for y in 0..<upright.height {
      for x in 0..<upright.width {
        let (fromX, fromY) = stored(orientation, x, y, 24, 16)
        #expect(upright[x, y] == lying[fromX, fromY])
      }
    }
  }

  @Test func damagedMetadataLeavesThePictureAsItLies() throws {
    let jpeg = try gradient(width: 24, height: 16).encodedJPEG(quality: 95)
    let lying = try ImageDecoder().decode(jpeg)
    let whole = exif(orientation: 6, bigEndian: false)
    for count in 0..<30 { #expect(try ImageDecoder().decode(tagged(jpeg, Array(whole.prefix(count)))) == lying) }
    #expect(try ImageDecoder().decode(tagged(jpeg, exif(orientation: 9, bigEndian: true))) == lying)
    #expect(try ImageDecoder().decode(tagged(jpeg, exif(orientation: 0, bigEndian: true))) == lying)
    var far = whole
    far[4...7] = [0xFF, 0xFF, 0xFF, 0x7F]
    #expect(try ImageDecoder().decode(tagged(jpeg, far)) == lying)
  }
}
