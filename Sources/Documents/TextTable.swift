/// Rows of text in columns for a terminal: columns of text to the left, those of numbers to the right.
package struct TextTable: Sendable {
  package var rows: [[String]]
  private let textColumns: Set<Int>

  /// - Parameters:
  ///   - header: the first row.
  ///   - textColumns: the columns of text; all others are numbers.
  package init(header: [String] = [], textColumns: Set<Int> = [0]) {
    rows = header.isEmpty ? [] : [header]
    self.textColumns = textColumns
  }

  /// Control characters, which file names may have, show as \u{FFFD}: they would break lines or rule the terminal.
  package mutating func append(_ row: [String]) { rows.append(row.map(Self.visible)) }

  private static func visible(_ cell: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
    guard cell.unicodeScalars.contains(where: isControl) else { return cell }
    return String(String.UnicodeScalarView(cell.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
  }

  /// The lines, columns two spaces apart, without trailing spaces; each line ends with a line break.
  package var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.indices.contains(column) ? Self.width(of: $0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - Self.width(of: cell))
        return textColumns.contains(column) ? cell + space : space + cell
      }
      return Self.trimmed(cells.joined(separator: "  ")) + "\n"
    }.joined()
  }

  private static func trimmed(_ line: String) -> Substring {
    guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
    return line[...last]
  }

  /// The terminal cells that `text` takes: two for a Korean, Chinese or Japanese character and for an emoji.
  package static func width(of text: String) -> Int {
    text.reduce(0) { total, character in total + (isWide(character.unicodeScalars.first!) ? 2 : 1) }
  }

  /// `text` where it takes no more than `cells`, else its beginning and its end with … between: names often differ in their
  /// last characters.
  package static func shortened(_ text: String, to cells: Int = 32) -> String {
    guard width(of: text) > cells else { return text }
    let tail = fitting(text.reversed(), (cells - 1) / 2)
    return String(fitting(Array(text), cells - 1 - width(of: String(tail)))) + "…" + String(tail.reversed())
  }

  /// As many of the first characters as take no more than `cells`.
  private static func fitting(_ characters: [Character], _ cells: Int) -> ArraySlice<Character> {
    var used = 0
    return characters.prefix { character in
      used += width(of: String(character))
      return used <= cells
    }
  }

  /// East Asian Width W and F, in blocks.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
