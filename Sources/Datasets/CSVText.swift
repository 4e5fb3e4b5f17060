/// Comma-separated values as RFC 4180 has them: fields in quotes may hold separators, line breaks and doubled quotes.
///
/// UTF-8, with or without a byte order mark; lines end in LF, CRLF or CR. Where the first line has no comma outside
/// quotes, semicolons or tabs separate, as some spreadsheets write them.
package struct CSVText {
  package struct Row {
    /// The line that the row begins on, from 1.
    package let line: Int
    package let fields: [String]
  }

  /// Rows with at least one field that is not empty.
  package let rows: [Row]

  package init(_ bytes: [UInt8], path: String) throws(DatasetError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var scanner = Scanner(text: bytes, path: path, position: bytes.starts(with: mark) ? mark.count : 0)
    rows = try scanner.rows()
  }

  /// The field as it is written to a file: in quotes where it needs them.
  package static func field(_ text: String) -> String {
    let special = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0) }
    // Blanks at an end would be taken for those around a field, and a byte order mark for that of the file.
    let blanks: [UInt8?] = [0x20, 0x09]
    let isMarked = text.unicodeScalars.first == "\u{FEFF}"
    let hasBlanks = blanks.contains(text.utf8.first) || blanks.contains(text.utf8.last)
    guard special || isMarked || hasBlanks else { return text }
    // Scalar by scalar: with a combining mark behind it a quote is another character.
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }

  private struct Scanner {
    let text: [UInt8]
    let path: String
    var position: Int
    var line = 1
    var separator = UInt8(ascii: ",")

    mutating func rows() throws(DatasetError) -> [Row] {
      separator = separatorOfFirstLine()
      var rows: [Row] = []
      while position < text.count {
        let start = line
        var fields = [try field()]
        while position < text.count, text[position] == separator {
          position += 1
          fields.append(try field())
        }
        endLine()
        if !fields.allSatisfy(\.isEmpty) { rows.append(Row(line: start, fields: fields)) }
      }
      return rows
    }

    private func separatorOfFirstLine() -> UInt8 {
      var counts: [UInt8: Int] = [:]
      var quoted = false
      for byte in text[position...] {
        if byte == UInt8(ascii: "\"") { quoted.toggle() }
        if !quoted, byte == 0x0A || byte == 0x0D { break }
        if !quoted { counts[byte, default: 0] += 1 }
      }
      if counts[UInt8(ascii: ",")] != nil { return UInt8(ascii: ",") }
      return [UInt8(ascii: ";"), 0x09].first { counts[$0] != nil } ?? UInt8(ascii: ",")
    }

    private mutating func endLine() {
      guard position < text.count else { return }
      let first = text[position]
      position += 1
      if first == 0x0D, position < text.count, text[position] == 0x0A { position += 1 }
      line += 1
    }

    private mutating func field() throws(DatasetError) -> String {
      skipBlanks()
      guard position < text.count, text[position] == UInt8(ascii: "\"") else { return try plainField() }
      return try quotedField()
    }

    /// Blanks around a field are no part of it; they stay inside quotes.
    private mutating func skipBlanks() {
      while position < text.count, isBlank(text[position]) { position += 1 }
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte != separator && (byte == 0x20 || byte == 0x09) }

    private mutating func plainField() throws(DatasetError) -> String {
      let start = position
      while position < text.count, text[position] != separator, text[position] != 0x0A, text[position] != 0x0D {
        position += 1
      }
      let end = text[start..<position].lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
      return try decoded(text[start..<end], line)
    }

    private mutating func quotedField() throws(DatasetError) -> String {
      let start = line
      var bytes: [UInt8] = []
      position += 1
      while true {
        guard position < text.count else {
          throw DatasetError(.line(start, expected: "a closing quote", found: "the end of the file"), path: path)
        }
        let byte = text[position]
        position += 1
        if byte == UInt8(ascii: "\"") {
          guard position < text.count, text[position] == byte else { break }
          position += 1
        }
        if byte == 0x0A || (byte == 0x0D && (position == text.count || text[position] != 0x0A)) { line += 1 }
        bytes.append(byte)
      }
      skipBlanks()
      guard position == text.count || [separator, 0x0A, 0x0D].contains(text[position]) else {
        throw DatasetError(
          .line(line, expected: "the end of a field after its closing quote", found: "more text"), path: path)
      }
      return try decoded(bytes[...], start)
    }

    private func decoded(_ bytes: ArraySlice<UInt8>, _ line: Int) throws(DatasetError) -> String {
      guard let field = String(validating: bytes, as: UTF8.self) else {
        throw DatasetError(.line(line, expected: "text in UTF-8", found: "other bytes"), path: path)
      }
      return field
    }
  }
}
