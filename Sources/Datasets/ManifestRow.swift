import NunchiDocuments

/// One line of a manifest, with its path as it is spelt there.
struct ManifestRow {
  let line: Int
  let path: String
  let label: String
  let split: Split?
  let group: String?

  private init(
    line: Int, path: String?, label: String?, split: String?, group: String?, in file: String
  ) throws(DatasetError) {
    self.line = line
    guard let path, !path.isEmpty, !path.utf8.contains(0) else {
      throw DatasetError(.line(line, expected: "a path", found: "none"), path: file)
    }
    guard let label = label?.composed, !label.isEmpty else {
      throw DatasetError(.line(line, expected: "a label", found: "none"), path: file)
    }
    self.path = path
    self.label = label
    self.group = group.flatMap { $0.isEmpty ? nil : $0.composed }
    guard let split, !split.isEmpty else {
      self.split = nil
      return
    }
    guard let named = Split(folder: split) else {
      throw DatasetError(
        .line(line, expected: "the split train, validation or test", found: "'\(split)'"), path: file)
    }
    self.split = named
  }

  static func csv(_ text: CSVText, path: String) throws(DatasetError) -> [ManifestRow] {
    let header = text.rows.first?.fields.map { $0.lowercased() } ?? []
    guard let paths = header.firstIndex(of: "path"), let labels = header.firstIndex(of: "label") else {
      throw DatasetError(.table, path: path)
    }
    if let twice = header.indices.first(where: { header[..<$0].contains(header[$0]) && !header[$0].isEmpty }) {
      throw DatasetError(.line(1, expected: "each column once", found: "'\(header[twice])' twice"), path: path)
    }
    let (splits, groups) = (header.firstIndex(of: "split"), header.firstIndex(of: "group"))
    return try text.rows.dropFirst().map { row throws(DatasetError) in
      guard row.fields.count == header.count else {
        throw DatasetError(
          .line(row.line, expected: "\(header.count) fields as in the header", found: "\(row.fields.count)"),
          path: path)
      }
      return try ManifestRow(
        line: row.line, path: row.fields[paths], label: row.fields[labels],
        split: splits.map { row.fields[$0] }, group: groups.map { row.fields[$0] }, in: path)
    }
  }

  static func jsonLines(_ bytes: [UInt8], path: String) throws(DatasetError) -> [ManifestRow] {
    var rows: [ManifestRow] = []
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
    for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      rows.append(try row(line, number: index + 1, path: path))
    }
    return rows
  }

  private static func row(
    _ line: ArraySlice<UInt8>, number: Int, path: String
  ) throws(DatasetError) -> ManifestRow {
    let document: JSON
    do throws(JSONError) {
      document = try JSON(parsing: Array(line))
    } catch {
      throw DatasetError(.line(number, expected: "a JSON object", found: "\(error)"), path: path)
    }
    guard document.objectValue != nil else {
      throw DatasetError(.line(number, expected: "a JSON object", found: document.kind), path: path)
    }
    func text(_ key: String) throws(DatasetError) -> String? {
      guard let value = document[key], !value.isNull else { return nil }
      // Labels are often numbers.
      if let number = value.intValue { return String(number) }
      guard let text = value.stringValue else {
        throw DatasetError(.line(number, expected: "a text as \"\(key)\"", found: value.kind), path: path)
      }
      return text
    }
    return try ManifestRow(
      line: number, path: text("path"), label: text("label"), split: text("split"), group: text("group"), in: path)
  }
}
