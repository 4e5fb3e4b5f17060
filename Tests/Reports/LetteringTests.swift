import NunchiReports
import Testing

/// Against letters that are missing, empty or alike, and text that leaves its place.
@Suite struct LetteringTests {
  private let letters = Lettering(height: 12, fonts: .none)

  /// The shares of the pixels that `text` covers, by place.
  private func drawn(_ text: String, _ letters: Lettering, x: Float = 0, y: Float = 0) -> [SIMD2<Int>: Float] {
    var pixels: [SIMD2<Int>: Float] = [:]
    letters.draw(text, x: x, y: y) { x, y, share in pixels[SIMD2(x, y), default: 0] += share }
    return pixels
  }

  @Test func everyLetterIsItsOwn() {
    var seen: [[SIMD2<Int>: Float]: Character] = [:]
    for code in UInt8(33)...126 {
      let letter = Character(UnicodeScalar(code))
      let pixels = drawn(String(letter), letters)
      #expect(!pixels.isEmpty)
      #expect(seen[pixels] == nil, "\(letter) and \(seen[pixels] ?? " ")")
      #expect(pixels != drawn("마", letters), "\(letter) is missing")
      seen[pixels] = letter
    }
    #expect(drawn(" ", letters).isEmpty)
    #expect(!drawn("±", letters).isEmpty && drawn("±", letters) != drawn("마", letters))
    #expect(drawn("마", letters) == drawn("🙂", letters))
  }

  /// Capitals reach from the baseline to their height, whatever the size; text moves with its place.
  @Test(arguments: [Float(7), 12, 30]) func measures(height: Float) {
    let letters = Lettering(height: height, fonts: .none)
    let pixels = drawn("HIE", letters)
    let rows = pixels.filter { $0.value > 0.5 }.map(\.key.y)
    #expect(abs(Float(rows.min()!) + height) <= 0.08 * height + 1)
    #expect(abs(Float(rows.max()! + 1)) <= 0.08 * height + 1)
    let right = Float(pixels.keys.map(\.x).max()!)
    #expect(abs(right - letters.width("HIE")) <= 0.1 * height + 1.5)
    let moved = drawn("HIE", letters, x: 20, y: 31)
    #expect(moved.count == pixels.count)
    for (place, share) in pixels { #expect(abs(moved[place &+ SIMD2(20, 31), default: 0] - share) < 0.01) }
  }

  @Test func boldIsHeavier() {
    let regular = drawn("weight", letters).values.reduce(0, +)
    let bold = drawn("weight", Lettering(height: 12, weight: .bold, fonts: .none)).values.reduce(0, +)
    #expect(bold > 1.3 * regular)
  }

  @Test func breaksAtSpaces() {
    let text = "a rather long line of text"
    let lines = letters.wrapped(text, 90)
    #expect(lines.count > 1 && lines.joined(separator: " ") == text)
    #expect(lines.allSatisfy { letters.width($0) <= 90 })
    #expect(letters.wrapped(text, 1000) == [text] && letters.wrapped("", 90).isEmpty)
  }

  @Test func fitsItsRoom() {
    let text = "a rather long line of text"
    #expect(letters.fitted(text, letters.width(text)) == text)
    let shorter = letters.fitted(text, 90)
    #expect(shorter.hasSuffix("...") && letters.width(shorter) <= 90 && shorter.count > 6)
    #expect(letters.width("") == 0 && letters.width("ab") > letters.width("a"))
  }
}
