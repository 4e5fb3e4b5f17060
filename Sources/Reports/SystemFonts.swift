import NunchiFonts
import Synchronization

/// The fonts of this machine, for characters that `Glyphs` lacks. It has none without FreeType and fontconfig, or
/// without a font.
package final class SystemFonts: Sendable {
  /// The fonts that fontconfig finds.
  package static let shared = SystemFonts()

  /// A glyph of a font.
  struct Glyph {
    fileprivate let scalar: UInt32
    fileprivate let font: Int32
  }

  /// Whether the package was built with the font libraries.
  package static var isBuiltIn: Bool { nunchi_fonts_built_in() }

  /// Why characters are missing.
  static var cause: String {
    isBuiltIn ? "no font here has them" : "this program was built without FreeType and fontconfig"
  }

  /// How to get missing characters.
  package static var remedy: String {
    isBuiltIn
      ? "install a font, such as the package fonts-noto-cjk (Korean, Chinese, Japanese), fonts-nanum (Korean) or "
        + "fonts-noto-core (most others)"
      : "install FreeType's and fontconfig's headers (libfreetype-dev, libfontconfig-dev; macOS: brew install freetype "
        + "fontconfig) and build again"
  }

  private enum Chain {
    case unopened(configuration: String?)
    case opened(Handle?)
  }

  /// Only used under the lock.
  private struct Handle: @unchecked Sendable { let fonts: OpaquePointer }

  private let chain: Mutex<Chain>

  /// - Parameter configuration: a configuration file of fontconfig; nil for the machine's.
  package init(configuration: String? = nil) { chain = Mutex(.unopened(configuration: configuration)) }

  deinit {
    chain.withLock { if case .opened(let handle?) = $0 { nunchi_fonts_close(handle.fonts) } }
  }

  /// Whether a font has this character.
  package func has(_ character: Character) -> Bool { glyphs(character, bold: false) != nil }

  /// The glyphs of a character: its letter and the marks on it. `nil` where no font has the letter; empty for
  /// characters that only control layout.
  func glyphs(_ character: Character, bold: Bool) -> [Glyph]? {
    let scalars = character.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }.map(\.value)
    if scalars.isEmpty { return [] }
    let font = withFonts { nunchi_fonts_find($0, bold, scalars, scalars.count) } ?? -1
    return font < 0 ? nil : scalars.map { Glyph(scalar: $0, font: font) }
  }

  /// The advance of a glyph in pixels, for capitals of `height` pixels.
  func advance(_ glyph: Glyph, height: Float, bold: Bool) -> Float {
    var drawn = nunchi_glyph()
    withFonts { _ = nunchi_fonts_glyph($0, bold, glyph.font, glyph.scalar, height, 0, 0, false, &drawn) }
    return drawn.advance
  }

  /// Draws a glyph with its origin at (x, y). Calls `paint` with pixels and the shares of them that the glyph covers.
  func draw(
    _ glyph: Glyph, height: Float, bold: Bool, x: Float, y: Float, paint: (_ x: Int, _ y: Int, _ share: Float) -> Void
  ) {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    withFonts { fonts in
      var drawn = nunchi_glyph()
      guard
        nunchi_fonts_glyph(fonts, bold, glyph.font, glyph.scalar, height, x - left, y - top, true, &drawn),
        let shares = drawn.shares
      else { return }
      for row in 0..<Int(drawn.height) {
        for column in 0..<Int(drawn.width) {
          let share = shares[row * Int(drawn.stride) + column]
          if share > 0 {
            paint(Int(left) + Int(drawn.left) + column, Int(top) + Int(drawn.top) + row, Float(share) / 255)
          }
        }
      }
    }
  }

  /// Calls `body` with the fonts, which are opened on first use. fontconfig then reads or makes its cache.
  private func withFonts<Result>(_ body: (OpaquePointer) -> Result) -> Result? {
    chain.withLock { chain in
      if case .unopened(let configuration) = chain {
        chain = .opened(nunchi_fonts_open(configuration).map { Handle(fonts: $0) })
      }
      guard case .opened(let handle?) = chain else { return nil }
      return body(handle.fonts)
    }
  }
}
