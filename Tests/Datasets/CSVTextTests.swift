import NunchiDatasets
import Testing

/// Against fields that are other ones once they have been written and read.
@Suite struct CSVTextTests {
  @Test(arguments: [
    "", "plain", "a,b", "a\"b", "\"", " a", "a ", "\ta", "a\t", "\u{0}\t", "a\nb", "a\rb", "a\r\n", "가;각", "\u{FEFF}a",
    "a\tb", "\"\u{324}", "\u{FEFF}\"", "a\"\u{301}b",
  ]) func fieldsAreReadAsTheyWereWritten(field: String) throws {
    let text = "x," + CSVText.field(field) + "," + CSVText.field(field) + "\n"
    let rows = try CSVText(Array(text.utf8), path: "").rows.map(\.fields)
    #expect(rows.count == 1 && rows[0].map { Array($0.utf8) } == ["x", field, field].map { Array($0.utf8) })
    // At the very beginning a file may have a byte order mark of its own.
    let first = try CSVText(Array((CSVText.field(field) + ",x\n").utf8), path: "").rows.map(\.fields)
    #expect(first.count == 1 && first[0].map { Array($0.utf8) } == [field, "x"].map { Array($0.utf8) })
  }
}
