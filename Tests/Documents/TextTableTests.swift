import NunchiDocuments
import Testing

@Suite struct TextTableTests {
  @Test func alignsColumnsByWhatTheTerminalShows() {
    var table = TextTable(header: ["class", "f1", "n"])
    table.append(["눈치", "0.5", "10"])
    table.append(["é", "1", ""])
    #expect(
      table.text == """
        class   f1   n
        눈치   0.5  10
        é        1

        """)
  }

  /// A file name must not clear the screen or begin a new row.
  @Test func controlCharactersAreShown() {
    var table = TextTable(textColumns: [0, 1])
    table.append(["a\nb\u{1B}[2J\t\r\n\u{9B}c", "눈치 é 😷"])
    #expect(table.text == "a\u{FFFD}b\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}c  눈치 é 😷\n")
  }

  @Test func longNamesKeepBothEnds() {
    #expect(TextTable.shortened("a class", to: 7) == "a class")
    #expect(TextTable.shortened("wearing_a_mask_1", to: 9) == "wear…sk_1")
    #expect(TextTable.shortened("wearing_a_mask_1", to: 8) == "wear…k_1")
    // Wide letters are not cut in half.
    #expect(TextTable.shortened("마스크없음", to: 10) == "마스크없음")
    for cells in 3...9 {
      #expect(TextTable.width(of: TextTable.shortened("마스크없음", to: cells)) <= cells, "\(cells)")
    }
    #expect(TextTable.shortened("마스크없음", to: 7) == "마스…음")
  }

  @Test func textColumnsStandAtTheLeft() {
    var table = TextTable(header: ["n", "step", "problem"], textColumns: [1, 2])
    table.append(["10", "product", "k4"])
    table.append(["5", "sum"])
    #expect(table.text == " n  step     problem\n10  product  k4\n 5  sum\n")
  }
}
