import ImageSamples
import NunchiImages
import Testing

/// Against pictures that programs turned by a note in a PNG's texts, and against texts that cost the picture or the memory.
@Suite struct PNGOrientationTests {
  private func exif(_ orientation: Int) -> [UInt8] { ImageSamples.exif(orientation: orientation, bigEndian: true) }

  /// Which of the eight ways a picture of these chunks is turned.
  private func orientation(_ chunks: PNGText.Chunk..., behind: [PNGText.Chunk] = []) throws -> Int? {
    var writer = PNGWriter(width: 3, height: 2, bitDepth: 8, colourType: 0)
    let lying = try ImageDecoder().decode(writer.file { x, y in [x * 40 + y * 100] })
    (writer.extra, writer.trailing) = (chunks, behind)
    let bytes = writer.file { x, y in [x * 40 + y * 100] }
    let upright = try ImageDecoder().decode(bytes)
    #expect(try ImageDecoder().header(of: bytes).isTurned == (upright != lying))
    let corners = [upright[0, 0], upright[upright.width - 1, 0]]
    return [
      [[0], [80]]: 1, [[80], [0]]: 2, [[180], [100]]: 3, [[100], [180]]: 4, [[0], [100]]: 5, [[100], [0]]: 6,
      [[180], [80]]: 7, [[80], [180]]: 8,
    ][corners]
  }

  @Test(arguments: 1...8) func everyPlace(number: Int) throws {
    let (name, packet) = (PNGText.profileName, PNGText.packetName)
    let profile = PNGText.profile(exif(number))
    let named = Array("Exif".utf8) + [0, 0] + exif(number)
    #expect(try orientation(("eXIf", exif(number))) == number)
    #expect(try orientation(PNGText.plain(name, profile)) == number)
    #expect(try orientation(PNGText.compressed(name, profile)) == number)
    #expect(try orientation(PNGText.international(name, profile)) == number)
    #expect(try orientation(PNGText.international(name, profile, isCompressed: true)) == number)
    #expect(try orientation(PNGText.compressed(name, PNGText.profile(named))) == number)
    #expect(try orientation(PNGText.plain("exif", named)) == number)
    for asElement in [false, true] {
      let text = PNGText.packet(orientation: number, asElement: asElement)
      #expect(try orientation(PNGText.international(packet, text)) == number)
      #expect(try orientation(PNGText.international(packet, text, isCompressed: true)) == number)
    }
    #expect(try orientation(behind: [PNGText.compressed(name, profile)]) == number)
  }

  @Test func whichOfSeveralCounts() throws {
    let profile = PNGText.plain(PNGText.profileName, PNGText.profile(exif(6)))
    let packet = PNGText.international(PNGText.packetName, PNGText.packet(orientation: 3))
    #expect(try orientation(packet, profile, ("eXIf", exif(8))) == 8)
    #expect(try orientation(packet, profile) == 6)
    // The chunk says nothing of the orientation: so does the profile then, and the packet is asked.
    var silent = exif(8)
    silent[22...23] = [1, 1]
    #expect(try orientation(packet, profile, ("eXIf", silent)) == 3)
    // A number that there is none of is an answer all the same.
    #expect(try orientation(packet, ("eXIf", exif(9))) == 1)
    #expect(try orientation(profile, behind: [PNGText.plain(PNGText.profileName, PNGText.profile(exif(2)))]) == 2)
  }

  @Test func damagedTextsLeaveThePictureAsItLies() throws {
    let (name, packet) = (PNGText.profileName, PNGText.packetName)
    let profile = PNGText.profile(exif(6))
    for count in 0..<profile.count - 40 {
      #expect(try orientation(PNGText.plain(name, Array(profile.prefix(count)))) == 1, "\(count) bytes")
    }
    let compressed = PNGText.compressed(name, profile).body
    for count in 0..<compressed.count - 4 { #expect(try orientation(("zTXt", Array(compressed.prefix(count)))) == 1) }
    let international = PNGText.international(packet, PNGText.packet(orientation: 6), isCompressed: true).body
    for count in 0..<international.count - 4 {
      #expect(try orientation(("iTXt", Array(international.prefix(count)))) == 1)
    }
    #expect(try orientation(PNGText.compressed(name, profile, method: 1)) == 1)
    #expect(try orientation(PNGText.plain(name, Array("\nexif\n 4\n4d4d0".utf8))) == 1)
    #expect(try orientation(PNGText.plain(name, Array("\nexif\n 4\n4x4d".utf8))) == 1)
    #expect(try orientation(PNGText.plain("raw profile type exif", profile)) == 1)
    for text in ["tiff:Orientation", "tiff:Orientation=", "tiff:Orientation=\"", "tiff:Orientation='6'", ""] {
      #expect(try orientation(PNGText.international(packet, Array(text.utf8))) == 1)
    }
    #expect(try orientation(PNGText.international(packet, PNGText.packet(orientation: 9))) == 1)
    // A length that reaches beyond the file.
    var file = PNGWriter(width: 3, height: 2, bitDepth: 8, colourType: 0)
    file.trailing = [PNGText.plain(name, profile)]
    var bytes = file.file { x, y in [x * 40 + y * 100] }
    let place = bytes.count - 12 - 4 - file.trailing[0].body.count - 8
    bytes[place] = 0x7F
    #expect(try !ImageDecoder().header(of: bytes).isTurned)
  }

  @Test func longTextsAreNotExpanded() throws {
    let (name, limit) = (PNGText.profileName, 1 << 20)
    let profile = PNGText.profile(exif(6))
    let filled = profile + [UInt8](repeating: 0x0A, count: limit - profile.count)
    #expect(try orientation(PNGText.plain(name, filled)) == 6)
    #expect(try orientation(PNGText.plain(name, filled + [0x0A])) == 1)
    // The data of a flat picture are a bomb of four million equal bytes.
    let flat = Image(width: 2000, height: 2000, channels: 1, bytes: [UInt8](repeating: 9, count: 4_000_000))
    let bomb = try chunk("IDAT", in: flat.encodedPNG(level: 9))
    #expect(bomb.count < 10_000)
    #expect(try orientation(("zTXt", Array(name.utf8) + [0, 0] + bomb)) == 1)
  }

  /// The first chunk of this name.
  private func chunk(_ name: String, in file: [UInt8]) -> [UInt8] {
    var position = 8
    while position + 12 <= file.count {
      let length = file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let body = file[position + 8..<position + 8 + length]
      if file[position + 4..<position + 8].elementsEqual(name.utf8) { return Array(body) }
      position += length + 12
    }
    return []
  }
}
