import Foundation
import NunchiDatasets
import Testing

/// Against rows that are lost, mixed up or lead elsewhere.
@Suite struct ManifestTests {
  private func error(_ path: String) -> DatasetError? {
    do throws(DatasetError) {
      _ = try Dataset.open(path: path)
      return nil
    } catch {
      return error
    }
  }

  private func write(_ text: String, _ name: String, _ folder: TemporaryFolder) throws {
    try folder.write(Array(text.utf8), name)
  }

  @Test func columnsInAnyOrderQuotesAndByteOrderMark() throws {
    let folder = try TemporaryFolder()
    try folder.images(["im/a, 1.png", "im/say \"hi\".png", "im/c.png", "im/d.png"])
    let rows = [
      "Split,note,label,path", "train,x,cat,\"im/a, 1.png\"", "", "TRAIN,\"two\nlines\",dog,\"im/say \"\"hi\"\".png\"",
      "val,,\"dog\",im/c.png", "testing,,cat, im/d.png ",
    ]
    for (mark, ending) in [("", "\n"), ("\u{FEFF}", "\r\n"), ("", "\r")] {
      try write(mark + rows.joined(separator: ending), "list.csv", folder)
      let dataset = try Dataset.open(path: folder.path + "/list.csv")
      #expect(dataset.kind == .manifest)
      #expect(dataset.classes == ["cat", "dog"])
      #expect(dataset.items(.train).map(\.identity) == ["im/a, 1.png", "im/say \"hi\".png"])
      #expect(dataset.items(.train).map(\.label) == [0, 1])
      #expect(dataset.items(.validation).map(\.label) == [1] && dataset.items(.test).map(\.label) == [0])
      for split in Split.allCases {
        for item in dataset.items(split) { #expect(try dataset.load(item).width == 12) }
      }
    }
  }

  @Test func jsonLines() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<20).map { "\($0).png" })
    let lines = (0..<20).map { "{\"path\":\"\($0).png\",\"label\":\($0 % 2),\"group\":\"g\($0 / 4)\"}" }
    try write(lines.joined(separator: "\r\n") + "\n\n", "list.jsonl", folder)
    let dataset = try Dataset.open(path: folder.path + "/list.jsonl")
    #expect(dataset.classes == ["0", "1"])
    #expect(Split.allCases.reduce(0) { $0 + dataset.items($1).count } == 20)
    try write("{\"path\":\"1.png\",\"label\":\"a\"}\n[]\n", "bad.jsonl", folder)
    #expect(error(folder.path + "/bad.jsonl")?.description.contains("found an array in line 2") == true)
  }

  /// Groups of one class stay whole whatever the seed.
  @Test func groupsStayTogether() throws {
    let folder = try TemporaryFolder()
    try folder.images((0..<60).map { "\($0).png" })
    let rows = (0..<60).map { "\($0).png,\($0 % 2),g\($0 % 10)" }
    try write("path,label,group\n" + rows.joined(separator: "\n"), "list.csv", folder)
    for seed in 0..<10 {
      let dataset = try Dataset.open(path: folder.path + "/list.csv", seed: UInt64(seed))
      var places: [Int: Set<Split>] = [:]
      for split in Split.allCases {
        for item in dataset.items(split) { places[Int(item.identity.dropLast(4))! % 10, default: []].insert(split) }
      }
      #expect(places.count == 10 && places.values.allSatisfy { $0.count == 1 })
    }
  }

  @Test(arguments: ["csv", "jsonl"]) func writtenListsOpenFromAnywhere(form: String) throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    try folder.images(["a \"b\".png", "deep/c, d.png", "deep/한국.png"])
    try other.images(["far.png"], shade: 9)
    let entries = [
      Manifest.Entry(path: folder.path + "/./a \"b\".png", label: " x,\n\"y\"", split: .train, group: "g"),
      Manifest.Entry(path: folder.path + "//deep/c, d.png", label: "z", split: .train),
      Manifest.Entry(path: folder.path + "/deep/한국.png", label: "z", split: .validation),
      Manifest.Entry(path: other.path + "/far.png", label: "z", split: .test),
    ]
    let file = folder.path + "/list." + form
    try Manifest(entries: entries).write(to: file)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(!text.contains(folder.path) && text.contains(other.path))
    let read = try Manifest(path: file)
    #expect(read.entries.map(\.label) == entries.map(\.label))
    #expect(read.entries.map(\.split) == entries.map(\.split) && read.entries.map(\.group) == entries.map(\.group))
    let moved = try TemporaryFolder()
    try FileManager.default.removeItem(atPath: moved.path)
    try FileManager.default.moveItem(atPath: folder.path, toPath: moved.path)
    let dataset = try Dataset.open(path: moved.path + "/list." + form)
    #expect(dataset.skipped.isEmpty)
    #expect(dataset.items(.train).count == 2 && dataset.items(.test).count == 1)
  }

  @Test func whatIsNotThereIsSkippedByName() throws {
    let folder = try TemporaryFolder()
    try folder.images(["a.png", "b.png", "c.png"])
    try write("no picture", "fake.png", folder)
    try write("path,label\na.png,x\nnone.png,x\nfake.png,y\nb.png,y\nc.png,y\na.png,x\nnone.png,w\n", "l.csv", folder)
    #expect(error(folder.path + "/l.csv")?.description.contains("in line 8") == true)
    try write("path,label\na.png,x\nnone.png,w\nfake.png,y\nb.png,y\nc.png,y\na.png,x\n", "l.csv", folder)
    let dataset = try Dataset.open(path: folder.path + "/l.csv")
    #expect(dataset.skipped.map(\.path) == ["none.png", "fake.png"])
    #expect(dataset.classes == ["x", "y"])
    #expect(
      dataset.warnings == [
        "'a.png' is listed again in line 7", "the class 'w' has no usable image and is left out",
      ])
  }

  @Test func unusableListsSayWhere() throws {
    let folder = try TemporaryFolder()
    try folder.images(["a.png", "b.png", "c.png"])
    func said(_ text: String) throws -> String {
      try write(text, "l.csv", folder)
      return error(folder.path + "/l.csv")?.description.replacing(folder.path + "/", with: "") ?? "nothing"
    }
    #expect(
      try said("path,label,split\na.png,x,train\nb.png,y,somewhere\n")
        == "l.csv: expected the split train, validation or test, found 'somewhere' in line 3; correct the line")
    #expect(
      try said("path,label\na.png,x,train\n")
        == "l.csv: expected 2 fields as in the header, found 3 in line 2; correct the line")
    #expect(
      try said("path,label\n\n\"a.png,x\n").contains("expected a closing quote, found the end of the file in line 3"))
    #expect(try said("path,label\n\"a\"b,x\n").contains("more text in line 2"))
    #expect(try said("path,label\na.png,\n").contains("expected a label, found none in line 2"))
    #expect(try said("path,label,split\na.png,x,train\nb.png,y,\n").contains("expected a split, as in other rows"))
    #expect(try said("path,label,split\na.png,x,val\n").contains("expected a folder for training"))
    #expect(try said("1,2\n3,4\n").contains("found a table"))
    #expect(
      try said("path,label,split\na.png,x,train\nb.png,y,train\nc.png,X,val\n").contains("rename it 'x'"))
    try folder.write(Array("path,label\n".utf8) + [0xFF, 0x2C, 0x61], "l.csv")
    #expect(error(folder.path + "/l.csv")?.reason == .line(2, expected: "text in UTF-8", found: "other bytes"))
  }
}
