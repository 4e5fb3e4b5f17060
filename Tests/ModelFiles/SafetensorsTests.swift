import NunchiDocuments
import NunchiModelFiles
import NunchiSystem
import NunchiTensors
import Testing

/// The path of a file that is gone after the body.
private func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/nunchi-safetensors-XXXXXX".utf8CString)
  let descriptor = template.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
  precondition(descriptor >= 0, "no temporary file")
  close(descriptor)
  let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  defer { unlink(path) }
  return try body(path)
}

private func bytes(_ path: String) throws -> [UInt8] { try MappedFile(path: path).withBytes { Array($0) } }

/// A file of this header (not padded) and data.
private func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
}

/// What opening a file of these bytes says.
private func failure(_ contents: [UInt8], _ rule: SafetensorsFile.ChecksumRule = .whereGiven) throws
  -> SafetensorsError.Reason?
{
  try withPath { path -> SafetensorsError.Reason? in
    writeQuickly(contents, to: path)
    do throws(SafetensorsError) {
      _ = try SafetensorsFile(path: path, checksum: rule)
      return nil
    } catch {
      #expect(error.description.hasPrefix("\(path): "))
      return error.reason
    }
  }
}

private let sample: [SafetensorsWriter.Entry] = [
  ("features.0.weight", [2, 3], [1, -2, 0.5, .infinity, -0.0, .leastNonzeroMagnitude]),
  ("눈치", .scalar, [42]),
  ("empty", [0, 7], []),
]
private let notes = [(key: "nunchi", value: #"{"classes":["가","b\n"]}"#), (key: "a", value: "")]

@Suite struct SafetensorsRoundTrip {
  @Test func writtenTensorsAndTextsReadBack() throws {
    try withPath { path in
      try SafetensorsWriter.write(path: path, metadata: notes, tensors: sample)
      let file = try SafetensorsFile(path: path, checksum: .required)
      #expect(file.tensors.map(\.name) == sample.map(\.name))
      #expect(file.tensors.map(\.shape) == sample.map(\.shape))
      #expect(file.metadata.dropFirst().map(\.key) == notes.map(\.key))
      #expect(file.metadata("nunchi") == notes[0].value)
      #expect(file.metadata("b") == nil)
      for entry in sample {
        let bits = try file.floats(named: entry.name).map(\.bitPattern)
        #expect(bits == entry.values.map(\.bitPattern))
        try file.withFloats(named: entry.name) { #expect($0.map(\.bitPattern) == bits) }
      }
      #expect(throws: SafetensorsError(path: path, .noSuchTensor("x", available: sample.map(\.name)))) {
        try file.floats(named: "x")
      }
    }
  }

  @Test func theSameContentsGiveTheSameBytes() throws {
    let first = try withPath {
      try SafetensorsWriter.write(path: $0, metadata: notes, tensors: sample); return try bytes($0)
    }
    let second = try withPath {
      try SafetensorsWriter.write(path: $0, metadata: notes, tensors: sample); return try bytes($0)
    }
    #expect(first == second)
    #expect(first.count % 4 == 0)
  }

  /// Vectors load from the mapped file, so the data begins at a multiple of 64.
  @Test func dataIsAlignedAndReadInPlace() throws {
    try withPath { path in
      try SafetensorsWriter.write(path: path, tensors: sample)
      let file = try SafetensorsFile(path: path)
      let addresses = try (0..<2).map { _ in
        try file.withFloats(named: "features.0.weight") { UInt(bitPattern: $0.baseAddress) }
      }
      #expect(addresses[0] == addresses[1])
      #expect(addresses[0] % 64 == 0)
    }
  }

  @Test func everyTypeIsReadAsFloats() throws {
    let data: [UInt8] =
      [0, 0, 0, 0, 0, 0, 0xF8, 0xBF]  // F64 -1.5
      + [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]  // I64 -2
      + [0xFD, 0xFF, 0xFF, 0xFF]  // I32 -3
      + [0x00, 0xC0, 0x01, 0x00, 0xFF, 0x7B, 0x00, 0xFC]  // F16 -2, 2⁻²⁴, 65504, -∞
      + [0xC0, 0x3F]  // BF16 1.5
      + [200]  // U8
      + [0, 0, 0x80, 0x3E]  // F32 0.25, not aligned
    let header = """
      {"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"l":{"dtype":"I64","shape":[],"data_offsets":[8,16]},\
      "i":{"dtype":"I32","shape":[1],"data_offsets":[16,20]},"h":{"dtype":"F16","shape":[2,2],"data_offsets":[20,28]},\
      "b":{"dtype":"BF16","shape":[1],"data_offsets":[28,30]},"u":{"dtype":"U8","shape":[1],"data_offsets":[30,31]},\
      "f":{"dtype":"F32","shape":[1],"data_offsets":[31,35]}}
      """
    try withPath { path in
      try AtomicFile.write(file(header, data: data), to: path)
      let file = try SafetensorsFile(path: path)
      let expected: [(String, [Float])] = [
        ("d", [-1.5]), ("l", [-2]), ("i", [-3]), ("h", [-2, 0x1p-24, 65504, -.infinity]), ("b", [1.5]), ("u", [200]),
        ("f", [0.25]),
      ]
      for (name, values) in expected {
        #expect(try file.floats(named: name) == values)
        try file.withFloats(named: name) { #expect(Array($0) == values) }
      }
    }
  }

  @Test func theWriterRefusesWhatCannotBeReadBack() throws {
    try withPath { path in
      let before = try bytes(path)
      #expect(throws: SafetensorsError(path: path, .duplicateName("a"))) {
        try SafetensorsWriter.write(path: path, tensors: [("a", [1], [1]), ("a", [1], [2])])
      }
      #expect(throws: SafetensorsError(path: path, .duplicateName("k"))) {
        try SafetensorsWriter.write(path: path, metadata: [("k", ""), ("k", "")], tensors: [])
      }
      #expect(throws: SafetensorsError(path: path, .valueCountMismatch(tensor: "a", shape: [2, 2], found: 3))) {
        try SafetensorsWriter.write(path: path, tensors: [("a", [2, 2], [1, 2, 3])])
      }
      #expect(try bytes(path) == before)
    }
  }
}

@Suite struct SafetensorsDamage {
  private static let written: [UInt8] = try! withPath {
    try SafetensorsWriter.write(path: $0, metadata: notes, tensors: sample)
    return try bytes($0)
  }

  @Test func everyTruncationIsAnError() throws {
    for count in 0..<Self.written.count {
      #expect(try failure(Array(Self.written.prefix(count))) != nil, "\(count) bytes")
    }
    #expect(try failure(Self.written + [0]) == .dataSizeMismatch(expected: 28, found: 29))
  }

  /// Length, header, padding and data: with a required checksum no byte may change unnoticed.
  @Test func everyChangedByteIsAnError() throws {
    var stream = RandomStream(seed: 3, name: "safetensors damage")
    for place in Self.written.indices {
      for mask in [0x20, 1, UInt8(1 + stream.integer(below: 255))] {
        var damaged = Self.written
        damaged[place] ^= mask
        #expect(try failure(damaged, .required) != nil, "byte \(place) ^ \(mask)")
      }
    }
  }

  @Test func randomHeadersNeverCrash() throws {
    let bytes = Array(Self.written)
    let header = bytes.count - 28
    var stream = RandomStream(seed: 4, name: "safetensors fuzz")
    for _ in 0..<1000 {
      var damaged = bytes
      for _ in 0...stream.integer(below: 6) {
        damaged[stream.integer(below: header)] = bytes[8 + stream.integer(below: header - 8)]
      }
      _ = try failure(damaged)
    }
  }

  @Test func aFlippedDataByteIsNamed() throws {
    var damaged = Self.written
    damaged[damaged.count - 1] ^= 0x40
    guard case .checksumMismatch = try failure(damaged) else { Issue.record("not found"); return }
  }

  @Test(arguments: [
    (#"[]"#, "damaged header: expected a JSON object padded with spaces"),
    ("{}\n", "damaged header: expected a JSON object padded with spaces"),
    (#"{"a":}"#, "damaged header: expected a value, found '}' at line 1, column 6 (byte 5)"),
    (#"{"__metadata__":[]}"#, "damaged header: __metadata__: expected an object, found an array"),
    (#"{"__metadata__":{"k":1}}"#, "damaged header: __metadata__.k: expected a text, found a whole number"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, "damaged header: tensor a: expected dtype, shape and data_offsets"),
    (
      #"{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,4]}}"#,
      "tensor a: expected a type of F64, F32, F16, BF16, I64, I32, U8, found F8"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
      "damaged header: tensor a: expected a shape of whole numbers from 0"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
      "damaged header: tensor a: expected two data_offsets in ascending order"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#,
      "damaged header: tensor a: expected a shape that fits in memory"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
      "tensor a: expected 8 bytes for shape [2] of F32, found 4"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "tensor a: expected its data at offset 0, found 4"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      "tensor b: expected its data at offset 4, found 0"
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "expected 4 bytes of data, found 8"),
  ])
  func aWrongHeaderIsExplained(_ header: String, _ message: String) throws {
    let reason = try #require(try failure(file(header, data: [UInt8](repeating: 0, count: 8))))
    #expect(SafetensorsError(path: "m", reason).description.hasPrefix("m: \(message)"))
  }

  @Test func lengthsAreChecked() throws {
    #expect(try failure([1, 2, 3]) == .truncatedHeader(expected: 8, found: 3))
    #expect(try failure([100, 0, 0, 0, 0, 0, 0, 0]) == .truncatedHeader(expected: 108, found: 8))
    #expect(try failure([UInt8](repeating: 255, count: 8)) == .headerTooLarge(.max))
    #expect(try failure(file("{}"), .required) == .checksumMissing)
    #expect(try failure(file("{}")) == nil)
    let missing = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: "/nonexistent/m.safetensors") }
    #expect(missing?.description == "/nonexistent/m.safetensors: cannot read: No such file or directory")
  }
}

@Suite struct XXHash64Tests {
  private func hash(_ pieces: [String]) -> UInt64 {
    var hash = XXHash64()
    for piece in pieces { hash.update(piece) }
    return hash.value
  }

  @Test func publishedValues() {
    #expect(hash([]) == 0xEF46_DB37_51D8_E999)
    #expect(hash(["a"]) == 0xD24E_C4F1_A98C_6E5B)
    #expect(hash(["abc"]) == 0x44BC_2CF5_AD77_0999)
    #expect(hash(["Nobody inspects the spammish repetition"]) == 0xFBCE_A83C_8A37_8BF1)
  }

  @Test func piecesDoNotMatter() {
    let text = String(repeating: "0123456789abcdefg", count: 20)
    let whole = hash([text])
    for size in [1, 7, 31, 32, 33, 64, 339] {
      let pieces = stride(from: 0, to: text.count, by: size).map { String(text.dropFirst($0).prefix(size)) }
      #expect(hash(pieces) == whole)
    }
  }
}
