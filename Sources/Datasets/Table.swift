import NunchiImages

/// Rows of numbers with something to predict from them, read from comma-separated values.
package struct Table: Sendable, Hashable {
  /// What is to be predicted, one for each row.
  package enum Targets: Sendable, Hashable {
    /// The names in order, and for each row an index among them.
    case classes(names: [String], labels: [Int])
    case numbers([Double])
  }

  package let path: String
  /// The names of the columns that are predicted from; their numbers from 1 where the file has no header.
  package let columns: [String]
  /// The name of the column that is predicted.
  package let target: String
  package let targets: Targets
  /// One number a column, row after row.
  package let values: [Double]
  /// Sentences for the user about what is odd but usable.
  package let warnings: [String]

  package var rows: Int { values.count / columns.count }

  /// Reads the file at `path`. The first row is a header where it is not made of numbers.
  ///
  /// - Parameter target: the column to predict, by its name or its number from 1; the last one where it is `nil`. Where
  ///   it holds anything but numbers, its texts are classes.
  package static func open(path: String, target: String? = nil) throws(DatasetError) -> Table {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch {
      throw DatasetError(.file(error.fileReason), path: path)
    }
    return try Table(CSVText(bytes, path: path).rows, path: path, target: target)
  }

  private init(_ all: [CSVText.Row], path: String, target wanted: String?) throws(DatasetError) {
    guard let first = all.first, first.fields.count >= 2 else {
      throw DatasetError(.damagedFile(expected: "a table of two columns or more", found: "none"), path: path)
    }
    let place = try Self.column(wanted, first.fields, path)
    let hasHeader = first.fields.indices.contains { $0 != place && Double(first.fields[$0]) == nil }
    let names = hasHeader ? first.fields : first.fields.indices.map { String($0 + 1) }
    let rows = hasHeader ? all.dropFirst() : all[...]
    guard !rows.isEmpty else {
      throw DatasetError(.damagedFile(expected: "rows below the header", found: "none"), path: path)
    }
    self.path = path
    columns = names.indices.filter { $0 != place }.map { names[$0] }
    target = names[place]
    var values: [Double] = []
    for row in rows { values += try Self.numbers(row, except: place, names, path) }
    self.values = values
    targets = Self.targets(rows.map { $0.fields[place] })
    warnings = Self.copies(rows)
  }

  private static func column(_ wanted: String?, _ names: [String], _ path: String) throws(DatasetError) -> Int {
    guard let wanted else { return names.count - 1 }
    if let place = names.firstIndex(of: wanted) { return place }
    if let number = Int(wanted), (1...names.count).contains(number) { return number - 1 }
    throw DatasetError(
      .line(1, expected: "the column '\(wanted)'", found: names.map { "'\($0)'" }.joined(separator: ", ")), path: path)
  }

  private static func numbers(
    _ row: CSVText.Row, except target: Int, _ names: [String], _ path: String
  ) throws(DatasetError) -> [Double] {
    guard row.fields.count == names.count else {
      throw DatasetError(
        .line(row.line, expected: "\(names.count) fields as in the first row", found: "\(row.fields.count)"), path: path
      )
    }
    return try row.fields.indices.filter { $0 != target }.map { index throws(DatasetError) in
      guard let value = Double(row.fields[index]), value.isFinite else {
        throw DatasetError(
          .line(row.line, expected: "a number in the column '\(names[index])'", found: "'\(row.fields[index])'"),
          path: path)
      }
      return value
    }
  }

  private static func targets(_ texts: [String]) -> Targets {
    let numbers = texts.compactMap { Double($0) }.filter(\.isFinite)
    if numbers.count == texts.count { return .numbers(numbers) }
    let composed = texts.map(\.composed)
    let names = Set(composed).sorted()
    let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return .classes(names: names, labels: composed.map { labels[$0]! })
  }

  private static func copies(_ rows: ArraySlice<CSVText.Row>) -> [String] {
    var first: [[String]: Int] = [:]
    return rows.compactMap { row in
      if let line = first[row.fields] { return "line \(row.line) repeats line \(line)" }
      first[row.fields] = row.line
      return nil
    }
  }
}
