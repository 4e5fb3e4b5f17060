import NunchiDocuments
import NunchiImages
import NunchiSystem

/// A list of labelled images in a file: which belongs to which class, and where wanted to which split and group.
///
/// As CSV: a header that names the columns `path`, `label` and perhaps `split` and `group`, in any order; other columns
/// are left alone. As JSON lines (`.jsonl`, `.ndjson`): one object a line with these members. Paths are relative to the
/// folder of the list, or absolute; a path may go on inside an archive (`faces.zip/cat/1.png`).
package struct Manifest: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    /// A path that opens from the current folder, or absolute.
    package var path: String
    package var label: String
    package var split: Split?
    /// Entries of one group are never divided between splits.
    package var group: String?

    package init(path: String, label: String, split: Split? = nil, group: String? = nil) {
      self.path = path
      self.label = label
      self.split = split
      self.group = group
    }
  }

  package var entries: [Entry]

  /// The path that a list gives to an image of a data set; `nil` where its pixels lie among others in one file.
  package static func path(of item: Dataset.Item) -> String? {
    switch item.location {
    case .file(let path): path
    case .member(let archive, let index): archive.source(index)
    case .record: nil
    }
  }

  /// For each entry the path as the file spells it; it names the image in messages.
  let spellings: [String]
  /// For each entry the line of the file, from 1.
  let lines: [Int]

  package init(entries: [Entry]) {
    self.entries = entries
    spellings = entries.map(\.path)
    lines = entries.indices.map { $0 + 1 }
  }

  /// How a manifest is written down.
  enum Form {
    case csv, jsonLines

    /// By the ending of the file's name, in any case.
    init?(path: String) {
      switch path.lowercased() {
      case let name where name.hasSuffix(".csv"): self = .csv
      case let name where name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson"): self = .jsonLines
      default: return nil
      }
    }
  }

  /// Reads the file at `path`. A CSV file without the columns of a manifest is `DatasetError.Reason.table`.
  package init(path: String) throws(DatasetError) {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch {
      throw DatasetError(.file(error.fileReason), path: path)
    }
    let rows =
      switch Form(path: path) {
      case .csv, nil: try ManifestRow.csv(CSVText(bytes, path: path), path: path)
      case .jsonLines: try ManifestRow.jsonLines(bytes, path: path)
      }
    let folder = FilePath.folder(path)
    entries = rows.map { row in
      Entry(
        path: row.path.hasPrefix("/") ? row.path : folder + row.path, label: row.label, split: row.split,
        group: row.group)
    }
    spellings = rows.map(\.path)
    lines = rows.map(\.line)
  }

  // MARK: - Writing

  /// Writes the list whole or not at all: JSON lines where the name ends so, otherwise CSV. What lies in the folder of
  /// the list or below is written relative to it, everything else absolute, so that the list opens from anywhere.
  package func write(to path: String) throws(DatasetError) {
    let folder = FilePath.folder(FilePath.absolute(path))
    let written = entries.map { entry in
      var entry = entry
      let full = FilePath.absolute(entry.path)
      let inside = full.utf8.starts(with: folder.utf8)
      entry.path = inside ? String(decoding: full.utf8.dropFirst(folder.utf8.count), as: UTF8.self) : full
      return entry
    }
    let text = Form(path: path) == .jsonLines ? Self.jsonLines(written) : Self.csv(written)
    do throws(FileError) {
      try AtomicFile.write(text, to: path)
    } catch {
      throw DatasetError(.unwritable(error.reason), path: path)
    }
  }

  private static func csv(_ entries: [Entry]) -> String {
    let splits = entries.contains { $0.split != nil }
    let groups = entries.contains { $0.group != nil }
    var text = "path,label" + (splits ? ",split" : "") + (groups ? ",group" : "") + "\n"
    for entry in entries {
      text += CSVText.field(entry.path) + "," + CSVText.field(entry.label)
      if splits { text += "," + (entry.split?.rawValue ?? "") }
      if groups { text += "," + CSVText.field(entry.group ?? "") }
      text += "\n"
    }
    return text
  }

  private static func jsonLines(_ entries: [Entry]) -> String {
    entries.map { entry in
      var object = JSON.Object([.init("path", JSON(entry.path)), .init("label", JSON(entry.label))])
      object["split"] = entry.split.map { JSON($0.rawValue) }
      object["group"] = entry.group.map { JSON($0) }
      return JSON.object(object).compact() + "\n"
    }
    .joined()
  }
}
