import NunchiDocuments

extension FuzzTarget {
  /// What is read, written and read again is the same document, on one line and indented.
  static let json = FuzzTarget(
    name: "json",
    seeds: {
      [
        "{\"a\": [1, -0, -0.5, 1e300, 12345678901234567890], \"\": null, \"b\\u00e9\\ud83d\\ude00\\n\\\"\": {\"c\": true}}",
        "[[[[[]]]], {}, false, \"가각\u{2028}\u{7F}\", 0.1, 1E-7, 5e-324]",
      ]
      .map { Array($0.utf8) }
    },
    body: { bytes in
      do throws(JSONError) {
        let document = try JSON(parsing: bytes)
        for text in [document.compact(), document.pretty(), document.compact(keys: .sorted)] {
          guard let again = try? JSON(parsing: text) else { fatalError("what was written is no document: \(text)") }
          require(
            again.compact(keys: .sorted).utf8.elementsEqual(document.compact(keys: .sorted).utf8), "another document")
        }
      } catch {
        require(!error.description.isEmpty && error.line > 0 && error.column > 0, "an error without a place")
      }
    })
}
