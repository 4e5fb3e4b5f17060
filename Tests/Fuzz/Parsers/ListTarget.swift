import NunchiDatasets

extension FuzzTarget {
  /// A list of pictures as CSV, or as JSON lines where the first byte is odd. Written and read again it is the same.
  static let list = FuzzTarget(
    name: "list",
    seeds: {
      [
        "0path,label,split,group\na/1.png,cat,train,\n\"b, 2.png\",\"d\"\"og\",val,g1\n/c.png,cat,test,g1\n",
        "0Label;x;PATH\ncat;1;x.zip/1.png\ndog;2;\u{AC00}.png\n",
        "1{\"path\": \"a.png\", \"label\": 3, \"split\": \"train\"}\n\n{\"path\": \"b.png\", \"label\": \"dog\", \"split\": null}\n",
      ]
      .map { Array($0.utf8) }
    },
    body: { bytes in
      let ending = bytes.first.map { $0 & 1 == 1 } ?? false ? "jsonl" : "csv"
      let path = Scratch.file("list.\(ending)", Array(bytes.dropFirst()))
      guard let list = try? Manifest(path: path) else { return }
      _ = try? Dataset.open(path: path, copies: nil)
      for ending in ["csv", "jsonl"] {
        let copy = "\(Scratch.folder)/copy.\(ending)"
        guard (try? list.write(to: copy)) != nil, let again = try? Manifest(path: copy) else {
          fatalError("a list that cannot be written and read")
        }
        require(again.entries.map(\.label) == list.entries.map(\.label), "other classes after writing")
        require(again.entries.map(\.split) == list.entries.map(\.split), "other splits after writing")
        require(again.entries.map(\.group) == list.entries.map(\.group), "other groups after writing")
        require(
          again.entries.map { plain($0.path) } == list.entries.map { plain($0.path) }, "other paths after writing")
      }
    })

  /// The parts of a path that count.
  private static func plain(_ path: String) -> [[UInt8]] {
    path.split(separator: "/").filter { $0 != "." }.map { Array($0.utf8) }
  }
}
