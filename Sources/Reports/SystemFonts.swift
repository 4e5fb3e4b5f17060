import NunchiFonts
import Synchronization

/// The fonts of this machine, for letters that `Glyphs` has no shape for. Without FreeType and fontconfig, or without a
/// font, there are no letters in it.
package final class SystemFonts: Sendable {
  /// Those that fontconfig finds.
  package static let shared = SystemFonts()

  /// A character of one font, to measure and to draw.
  struct Glyph {
    fileprivate let scalar: UInt32
    fileprivate let font: Int32
  }

  /// Whether the libraries were there when the package was built.
  package static var isBuiltIn: Bool { nunchi_fonts_built_in() }

  /// Why letters are missing.
  static var cause: String {
    isBuiltIn ? "no font here has them" : "this program was built without FreeType and fontconfig"
  }

  /// How to get letters that are missing.
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

  /// Used under the lock alone.
  private struct Handle: @unchecked Sendable { let fonts: OpaquePointer }

  private let chain: Mutex<Chain>

  /// - Parameter configuration: a configuration file of fontconfig's, instead of the machine's.
  package init(configuration: String? = nil) { chain = Mutex(.unopened(configuration: configuration)) }

  deinit {
    chain.withLock { if case .opened(let handle?) = $0 { nunchi_fonts_close(handle.fonts) } }
  }

  /// Whether a font has this character, and so every text made of such.
  package func has(_ character: Character) -> Bool { glyphs(character, bold: false) != nil }

  /// What a character is drawn with: its letter and its marks, which stand on each other. `nil` where no font has the
  /// letter; nothing for characters that only steer how text is laid out.
  func glyphs(_ character: Character, bold: Bool) -> [Glyph]? {
    let scalars = character.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }.map(\.value)
    if scalars.isEmpty { return [] }
    let font = withFonts { nunchi_fonts_find($0, bold, scalars, scalars.count) } ?? -1
    return font < 0 ? nil : scalars.map { Glyph(scalar: $0, font: font) }
  }

  /// From this glyph to the next one, in pixels, where capitals are `height` high.
  func advance(_ glyph: Glyph, height: Float, bold: Bool) -> Float {
    var drawn = nunchi_glyph()
    withFonts { _ = nunchi_fonts_glyph($0, bold, glyph.font, glyph.scalar, height, 0, 0, false, &drawn) }
    return drawn.advance
  }

  /// Calls `paint` with the places of pixels and the shares of them that the glyph covers, its origin at (x, y).
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

  /// Opens the fonts when they are first wanted: fontconfig reads its cache, and makes it where there is none.
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
