import NunchiDatasets

extension FuzzTarget {
  /// Rows that are written and read again are the same.
  static let csv = FuzzTarget(
    name: "csv",
    seeds: {
      [
        "a,b,label\n1,2.5,cat\r\n-1e3,0,\"do\"\"g, or\nnot\"\r3,4,dog\n", "\u{FEFF}x;y\n\" 1\t\";2\n",
        "1\t2\n3\t4\n3\t4\n",
      ]
      .map { Array($0.utf8) }
    },
    body: { bytes in
      let rows: [[String]]
      do throws(DatasetError) {
        rows = try CSVText(bytes, path: "").rows.map(\.fields)
      } catch {
        return require(!error.description.isEmpty, "an error without words")
      }
      // A comma in the first line says what separates.
      if let first = rows.first, first.count > 1 {
        let text = "\u{FEFF}" + rows.map { $0.map(CSVText.field).joined(separator: ",") + "\n" }.joined()
        let again = (try? CSVText(Array(text.utf8), path: ""))?.rows.map(\.fields)
        let isSame = again?.elementsEqual(rows) { $0.elementsEqual($1) { $0.utf8.elementsEqual($1.utf8) } } ?? false
        require(isSame, "other rows after writing: \(text)")
      }
      let path = Scratch.file("table.csv", bytes)
      if let table = try? Table.open(path: path) {
        require(table.rows * table.columns.count == table.values.count, "a table with holes")
      }
    })
}
