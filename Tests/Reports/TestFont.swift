import Foundation
import NunchiReports

/// A TrueType font made on the spot, so that what is drawn does not depend on the machine: each character is a polygon, in
/// thousandths of an em, whose capitals are 700 high.
struct TestFont {
  struct Glyph {
    let scalar: Unicode.Scalar
    let advance: Int
    let corners: [(x: Int, y: Int)]
  }

  /// Sorted by character.
  var glyphs: [Glyph]

  /// Blocks: a letter that our pen has too; 마 as high as a capital, 노 low and wide; א broad, ב narrow; a mark that stands
  /// over the letter before.
  static let blocks = TestFont(glyphs: [
    Glyph(scalar: "A", advance: 900, corners: [(50, 0), (50, 700), (850, 700), (850, 0)]),
    Glyph(scalar: "\u{307}", advance: 0, corners: [(-300, 750), (-300, 850), (-200, 850), (-200, 750)]),
    Glyph(scalar: "א", advance: 900, corners: [(50, 0), (50, 700), (850, 700), (850, 0)]),
    Glyph(scalar: "ב", advance: 300, corners: [(50, 0), (50, 700), (250, 700), (250, 0)]),
    Glyph(scalar: "노", advance: 900, corners: [(50, 0), (50, 300), (850, 300), (850, 0)]),
    Glyph(scalar: "마", advance: 900, corners: [(50, 0), (50, 700), (850, 700)]),
  ])

  /// The font alone, found through a configuration of its own in `folder`; without a font where `isThere` is false.
  func installed(in folder: String, isThere: Bool = true) throws -> SystemFonts {
    let fonts = folder + "/fonts"
    try FileManager.default.createDirectory(atPath: fonts, withIntermediateDirectories: true)
    if isThere { try Data(file).write(to: URL(fileURLWithPath: fonts + "/test.ttf")) }
    let configuration = folder + "/fonts.conf"
    let text =
      "<?xml version=\"1.0\"?>\n<fontconfig><dir>\(fonts)</dir><cachedir>\(folder)/cache</cachedir></fontconfig>\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
    return SystemFonts(configuration: configuration)
  }

  private var file: [UInt8] {
    let tables = [
      ("OS/2", style), ("cmap", characterMap), ("glyf", outlines.flatMap(\.self)), ("head", head),
      ("hhea", horizontalHead), ("hmtx", advances), ("loca", places), ("maxp", maxima), ("name", names), ("post", post),
    ]
    var directory: [UInt8] = big(0x10000) + big16(tables.count, 128, 3, tables.count * 16 - 128)
    var body: [UInt8] = []
    for (tag, bytes) in tables {
      directory += Array(tag.utf8) + big(0, 12 + 16 * tables.count + body.count, bytes.count)
      body += bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }
    return directory + body
  }

  private func big(_ values: Int...) -> [UInt8] {
    values.flatMap { value in stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) } }
  }

  private func big16(_ values: Int...) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  /// One contour each, its points absolute to the one before; an empty glyph first, which stands for what is missing.
  private var outlines: [[UInt8]] {
    [[]]
      + glyphs.map { glyph in
        let (x, y) = (glyph.corners.map(\.x), glyph.corners.map(\.y))
        var bytes = big16(1, x.min()!, y.min()!, x.max()!, y.max()!, x.count - 1, 0)
        bytes += [UInt8](repeating: 1, count: x.count)
        for values in [x, y] { for (from, to) in zip([0] + values, values) { bytes += big16(to - from) } }
        return bytes + [UInt8](repeating: 0, count: bytes.count % 2)
      }
  }

  private var places: [UInt8] {
    var end = 0
    return big(0)
      + outlines.flatMap { outline in
        end += outline.count
        return big(end)
      }
  }

  private var advances: [UInt8] {
    big16(500, 0) + glyphs.flatMap { big16($0.advance, $0.corners.map(\.x).min()!) }
  }

  private var characterMap: [UInt8] {
    let groups = glyphs.enumerated().flatMap { big(Int($1.scalar.value), Int($1.scalar.value), $0 + 1) }
    return big16(0, 1, 3, 10) + big(12) + big16(12, 0) + big(16 + groups.count, 0, glyphs.count) + groups
  }

  private var head: [UInt8] {
    big(0x10000, 0x10000, 0, 0x5F0F_3CF5) + big16(0, 1000) + big(0, 0, 0, 0)
      + big16(-300, 0, 900, 900, 0, 8, 2, 1, 0)
  }

  private var horizontalHead: [UInt8] {
    big(0x10000) + big16(900, -200, 0, 900, 0, 0, 900, 1, 0, 0, 0, 0, 0, 0, 0, glyphs.count + 1)
  }

  private var maxima: [UInt8] {
    big(0x10000) + big16(glyphs.count + 1, 8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
  }

  private var names: [UInt8] {
    let text = big16(0x54, 0x65, 0x73, 0x74)
    return big16(0, 2, 6 + 24) + big16(3, 1, 0x409, 1, text.count, 0) + big16(3, 1, 0x409, 2, text.count, 0) + text
  }

  private var post: [UInt8] { big(0x30000, 0, 0, 0, 0, 0, 0, 0) }

  /// Version 2, of regular weight and width, with capitals of 700.
  private var style: [UInt8] {
    big16(2, 600, 400, 5, 0) + big16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) + [UInt8](repeating: 0, count: 10)
      + big(0, 0, 0, 0) + Array("TEST".utf8) + big16(0x40, 0x20, 0xFFFF, 900, -200, 0, 900, 200) + big(1, 0)
      + big16(500, 700, 0, 32, 1)
  }
}
