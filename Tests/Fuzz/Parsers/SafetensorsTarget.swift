import NunchiModelFiles
import NunchiSystem
import NunchiTensors

extension FuzzTarget {
  /// Tensors that are written as they were read are read again as the same bits.
  static let safetensors = FuzzTarget(
    name: "safetensors",
    seeds: {
      let path = "\(Scratch.folder)/seed"
      try SafetensorsWriter.write(
        path: path, metadata: [("format", "pt"), ("가", "\"\n")],
        tensors: [("a.weight", [2, 3], [1, -2, 3.5, .infinity, 0, -0]), ("b", [], [7]), ("empty", [0, 4], [])])
      let written = try MappedFile(path: path).withBytes { Array($0) }
      return [written]
        + SafetensorsType.allCases.map { type in
          let header = "{\"t\":{\"dtype\":\"\(type.rawValue)\",\"shape\":[1,2],\"data_offsets\":[0,\(2 * type.size)]}}"
          return littleEndian(header.utf8.count, 8) + Array(header.utf8)
            + (0..<2 * type.size).map { UInt8(truncatingIfNeeded: $0 * 37) }
        }
    },
    body: { bytes in
      guard let file = try? opened(bytes), let floats = try? file.tensors.map({ try file.floats(named: $0.name) })
      else {
        return
      }
      for (tensor, values) in zip(file.tensors, floats) { require(values.count == tensor.shape.count, "a wrong count") }
      let copy = "\(Scratch.folder)/copy"
      let tensors = zip(file.tensors, floats).map { ($0.name, $0.shape, $1) }
      guard (try? SafetensorsWriter.write(path: copy, metadata: file.metadata, tensors: tensors)) != nil,
        let again = try? SafetensorsFile(path: copy, checksum: .required)
      else { fatalError("a file that cannot be written and read") }
      require(again.tensors.map(\.name) == file.tensors.map(\.name), "other names after writing")
      for (tensor, values) in zip(again.tensors, floats) {
        let read = (try? again.floats(named: tensor.name)) ?? []
        require(read.map(\.bitPattern) == values.map(\.bitPattern), "other bits after writing")
      }
      let texts = file.metadata.filter { $0.key != SafetensorsFile.checksumKey }
      require(again.metadata.dropFirst().elementsEqual(texts) { $0 == $1 }, "other texts after writing")
    })

  /// The file, whose checksum is put right where it is there and wrong: it would keep everything else from being read.
  static func opened(_ bytes: [UInt8]) throws(SafetensorsError) -> SafetensorsFile {
    let path = Scratch.file("file.safetensors", bytes)
    do {
      return try SafetensorsFile(path: path)
    } catch {
      guard case .checksumMismatch(let expected, let found) = error.reason, expected.utf8.count == found.utf8.count,
        let place = bytes.firstRange(of: expected.utf8)
      else { throw error }
      return try SafetensorsFile(path: Scratch.file("file.safetensors", bytes.replacing(place, with: found)))
    }
  }

  private static func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

extension [UInt8] {
  /// With another text of the same length at a place.
  fileprivate func replacing(_ place: Range<Int>, with text: String) -> [UInt8] {
    var copy = self
    copy.replaceSubrange(place, with: text.utf8)
    return copy
  }
}
