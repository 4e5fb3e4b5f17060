import Foundation
import NunchiImages
import NunchiReports
import Testing

extension SystemFonts {
  /// A machine without fonts.
  static let none = SystemFonts(configuration: "/nowhere/fonts.conf")
}

/// Against letters of other scripts that look alike, stand in the wrong place, or are missing without a word. Their shapes
/// come from a font made here, so that the tests are the same on every machine.
@Suite struct ScriptTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/nunchi-fonts-" + UUID().uuidString

  private func withFonts(_ body: (SystemFonts) throws -> Void) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(TestFont.blocks.installed(in: folder))
  }

  private func drawn(_ text: String, _ letters: Lettering, x: Float = 0, y: Float = 0) -> [SIMD2<Int>: Float] {
    var pixels: [SIMD2<Int>: Float] = [:]
    letters.draw(text, x: x, y: y) { x, y, share in pixels[SIMD2(x, y), default: 0] += share }
    return pixels
  }

  private static let isBuiltIn = ConditionTrait.enabled(if: SystemFonts.isBuiltIn, "built without FreeType")

  /// The block of 800 by 700 thousandths of an em, 700 of which are `height` pixels: its area, its place, and one that is
  /// moved by a part of a pixel.
  @Test(isBuiltIn, arguments: [Float(7), 12, 31]) func standsOnTheBaselineAsHighAsCapitals(height: Float) throws {
    try withFonts { fonts in
      let letters = Lettering(height: height, fonts: fonts)
      let em = height / 0.7
      for (x, y) in [(Float(0), Float(0)), (3.5, 40.25)] {
        let pixels = drawn("א", letters, x: x, y: y)
        #expect(abs(pixels.values.reduce(0, +) - 0.8 * em * height) < 0.02 * em * height)
        let solid = pixels.filter { $0.value > 0.5 }.keys
        #expect(abs(Float(solid.map(\.y).min()!) - (y - height)) <= 1)
        #expect(abs(Float(solid.map(\.y).max()! + 1) - y) <= 1)
        #expect(abs(Float(solid.map(\.x).min()!) - (x + 0.05 * em)) <= 1)
        #expect(pixels.values.allSatisfy { (0...1).contains($0) })
      }
      #expect(abs(letters.width("אב") - 1.2 * em) < 0.05 * em)
    }
  }

  @Test(isBuiltIn) func namesDiffer() throws {
    try withFonts { fonts in
      let letters = Lettering(height: 12, fonts: fonts)
      let frame = drawn("🙂", letters)
      #expect(frame == drawn("가", letters) && !frame.isEmpty)
      #expect(
        Set([drawn("마", letters), drawn("노", letters), frame, drawn("마노", letters), drawn("노마", letters)]).count == 5)
      let bold = drawn("마", Lettering(height: 12, weight: .bold, fonts: fonts)).values.reduce(0, +)
      #expect(bold > 1.05 * drawn("마", letters).values.reduce(0, +))
    }
  }

  /// The pen draws what it can, whatever fonts there are; text in both stands in order.
  @Test(isBuiltIn) func ourOwnLettersStay() throws {
    try withFonts { fonts in
      let letters = Lettering(height: 12, fonts: fonts)
      let text = "All of ASCII: {x} ± 1.5 ~ @"
      #expect(drawn(text, letters) == drawn(text, Lettering(height: 12, fonts: .none)))
      #expect(letters.missing(in: text).isEmpty)
      let (mixed, first) = (drawn("I마I", letters), drawn("I", letters))
      let width = letters.width("I마I")
      #expect(first.allSatisfy { mixed[$0.key]! >= $0.value })
      #expect(abs(width - (Float(mixed.keys.map(\.x).max()!) - 0.5)) < 2)
      #expect(width > letters.width("I마") && letters.width("I마") > letters.width("마"))
    }
  }

  /// Decomposed letters are composed; marks stand over the letter before; what only steers a layout is not drawn.
  @Test(isBuiltIn) func compositionAndMarks() throws {
    try withFonts { fonts in
      let letters = Lettering(height: 12, fonts: fonts)
      let decomposed = String(String.UnicodeScalarView(["ᄆ", "ᅡ"].map { Unicode.Scalar($0)! }))
      #expect(drawn(decomposed, letters) == drawn("마", letters))
      let (marked, plain) = (drawn("א\u{307}", letters), drawn("א", letters))
      #expect(
        plain.allSatisfy { marked[$0.key]! >= $0.value } && marked.keys.map(\.y).min()! < plain.keys.map(\.y).min()!)
      #expect(letters.width("א\u{307}") == letters.width("א"))
      #expect(drawn("א\u{200E}", letters) == plain && letters.missing(in: "א\u{200E}").isEmpty)
      #expect(drawn("\u{1}", letters) == drawn("🙂", letters) && letters.missing(in: "\u{1}\n").isEmpty)
    }
  }

  /// The first letter of a word written from the right stands rightmost, numbers and our letters as they are.
  @Test(isBuiltIn) func fromTheRight() throws {
    try withFonts { fonts in
      let letters = Lettering(height: 12, fonts: fonts)
      func placed(_ pieces: String...) -> [SIMD2<Int>: Float] {
        var pixels: [SIMD2<Int>: Float] = [:]
        var left: Float = 0
        for piece in pieces {
          for (place, share) in drawn(piece, letters, x: left) { pixels[place, default: 0] += share }
          left += letters.width(piece)
        }
        return pixels
      }
      #expect(drawn("אב", letters) == placed("ב", "א") && drawn("אב", letters) != placed("א", "ב"))
      for (logical, visual) in [
        ("a אב b", "a בא b"), ("אב 12", "12 בא"), ("א(ב) b", "(ב)א b"), ("ab", "ab"), ("אב (b)", "בא (b)"),
      ] {
        #expect(String(VisualOrder.characters(logical)) == visual)
      }
    }
  }

  @Test(isBuiltIn) func longNamesAreCut() throws {
    try withFonts { fonts in
      let letters = Lettering(height: 12, fonts: fonts)
      let long = String(repeating: "마노a", count: 4000)
      let cut = letters.fitted(long, 300)
      #expect(cut.hasSuffix("...") && letters.width(cut) <= 300 && letters.width(cut) > 250)
      #expect(long.hasPrefix(cut.dropLast(3)))
      #expect(letters.fitted("마노", letters.width("마노")) == "마노" && letters.fitted("마", 0) == "...")
    }
  }

  private func sheet(_ caption: String, _ detail: String = "") -> PictureSheet {
    let image = Image(width: 200, height: 8, channels: 1, bytes: [UInt8](repeating: 0, count: 1600))
    let row = PictureSheet.Row(caption: caption, detail: detail, images: [image])
    return PictureSheet(title: "Sheet", sections: [.init(heading: "", rows: [row])])
  }

  @Test(isBuiltIn) func sheetsSayWhatIsMissing() throws {
    try withFonts { fonts in
      #expect(sheet("마노").notes(fonts: fonts).isEmpty && sheet("Mask").notes(fonts: .none).isEmpty)
      func bytes(_ caption: String, _ fonts: SystemFonts) -> [UInt8] { sheet(caption).drawn(fonts: fonts).bytes }
      let areDifferent = Set([bytes("마", fonts), bytes("노", fonts), bytes("마", .none)]).count == 3
      let areFrames = bytes("마", .none) == bytes("노", .none)
      #expect(areDifferent && areFrames)
      let empty = try TestFont.blocks.installed(in: folder + "/empty", isThere: false)
      for none in [SystemFonts.none, empty] {
        #expect(
          sheet("마스크", "노마스크").notes(fonts: none) == [
            "letters in \"마스크\" and 1 other text are empty boxes on the sheet, because no font here has them: install a "
              + "font, such as the package fonts-noto-cjk (Korean, Chinese, Japanese), fonts-nanum (Korean) or "
              + "fonts-noto-core (most others)"
          ])
      }
    }
  }

  @Test func joinedScriptsAreToldApart() {
    #expect(Script.allCases.filter { Script.joins($0.sample) } == [.arabic, .devanagari])
    #expect(Script.allCases.allSatisfy { !SystemFonts.none.has($0.sample) })
  }
}
