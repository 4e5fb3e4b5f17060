extension PictureSheet {
  /// Notes about the characters on the sheet: which texts have some that are empty frames, and how to get a font for
  /// them; which have some of a script whose letters join, which is not drawn.
  package func notes(fonts: SystemFonts = .shared) -> [String] {
    let letters = Lettering(height: 12, fonts: fonts)
    var notes: [String] = []
    let missing = texts.filter { !letters.missing(in: $0).isEmpty }
    if let first = missing.first {
      notes.append(
        "letters in \(Self.named(first, of: missing)) are empty boxes on the sheet, because \(SystemFonts.cause): "
          + SystemFonts.remedy)
    }
    let joined = texts.filter { text in text.contains { Script.joins($0) && fonts.has($0) } }
    if let first = joined.first {
      notes.append(
        "letters in \(Self.named(first, of: joined)) stand apart on the sheet, though their script joins them")
    }
    return notes
  }

  /// Every text on the sheet, once.
  private var texts: [String] {
    var seen: Set<String> = []
    let rows = sections.flatMap { [$0.heading] + $0.columns + $0.rows.flatMap { [$0.caption, $0.detail] } }
    return ([title, subtitle] + rows).filter { seen.insert($0).inserted }
  }

  private static func named(_ text: String, of texts: [String]) -> String {
    let shown = text.count > 24 ? text.prefix(24) + "..." : text
    let others = texts.count - 1
    return "\"\(shown)\"" + (others > 0 ? " and \(others) other text\(others == 1 ? "" : "s")" : "")
  }
}
