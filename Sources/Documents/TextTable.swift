/// A table for terminals: columns of text are aligned left, columns of numbers right.
package struct TextTable: Sendable {
  package var rows: [[String]]
  private let textColumns: Set<Int>

  /// - Parameters:
  ///   - header: the first row.
  ///   - textColumns: the columns of text. All others are numbers.
  package init(header: [String] = [], textColumns: Set<Int> = [0]) {
    rows = header.isEmpty ? [] : [header]
    self.textColumns = textColumns
  }

  /// Adds a row. Control characters, which file names may contain, become \u{FFFD}, so that they cannot control the
  /// terminal.
  package mutating func append(_ row: [String]) { rows.append(row.map(Self.visible)) }

  private static func visible(_ cell: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
    guard cell.unicodeScalars.contains(where: isControl) else { return cell }
    return String(String.UnicodeScalarView(cell.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
  }

  /// The lines of the table, with two spaces between columns and no trailing spaces. Each line ends with a line break.
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

  /// The width of `text` in terminal cells: Korean, Chinese and Japanese characters and emoji take two.
  package static func width(of text: String) -> Int {
    text.reduce(0) { total, character in total + (isWide(character.unicodeScalars.first!) ? 2 : 1) }
  }

  /// `text` cut to at most `cells`. Its beginning and end stay, with … between, because names often differ in their
  /// last characters.
  package static func shortened(_ text: String, to cells: Int = 32) -> String {
    guard width(of: text) > cells else { return text }
    let tail = fitting(text.reversed(), (cells - 1) / 2)
    return String(fitting(Array(text), cells - 1 - width(of: String(tail)))) + "…" + String(tail.reversed())
  }

  /// The first characters that fit into `cells`.
  private static func fitting(_ characters: [Character], _ cells: Int) -> ArraySlice<Character> {
    var used = 0
    return characters.prefix { character in
      used += width(of: String(character))
      return used <= cells
    }
  }

  /// Whether the character has East Asian Width W or F, by blocks.
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
