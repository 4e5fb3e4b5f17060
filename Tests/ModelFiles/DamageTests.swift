import NunchiDocuments
import NunchiModelFiles
import NunchiTensors
import Testing

/// What reading a file of these bytes says; nil where it is read.
private func failure(_ bytes: [UInt8]) throws -> ModelFileError.Reason? {
  try withModelPath { path in
    writeQuickly(bytes, to: path)
    do throws(ModelFileError) {
      _ = try ModelFile.read(path)
      return nil
    } catch {
      #expect(error.path == path)
      #expect(error.description.hasPrefix("\(path): "))
      return error.reason
    }
  }
}

private func whole() throws -> [UInt8] {
  try withModelPath { path in
    try ModelFile.write(tiny(), to: path)
    return try contents(path)
  }
}

/// The tiny model's file with another description, and tensors that `change` may exchange; its checksum is right, so that
/// nothing but the contents is wrong.
private func rewritten(
  _ old: String = "", _ new: String = "", change: (inout [SafetensorsWriter.Entry]) -> Void = { _ in }
) throws -> ModelFileError.Reason? {
  let bytes = try withModelPath { path in
    try ModelFile.write(tiny(), to: path)
    let file = try SafetensorsFile(path: path)
    var tensors =
      try file.tensors.map { ($0.name, $0.shape, try file.floats(named: $0.name)) }
      as [SafetensorsWriter.Entry]
    change(&tensors)
    let text = file.metadata("nunchi")!
    #expect(old.isEmpty || text.contains(old), "nothing is changed: \(text)")
    let description = old.isEmpty ? text : text.replacing(old, with: new)
    try SafetensorsWriter.write(path: path, metadata: [("nunchi", description)], tensors: tensors)
    return try contents(path)
  }
  return try failure(bytes)
}

@Suite struct DamageTests {
  @Test func everyTruncationIsAnError() throws {
    let bytes = try whole()
    #expect(try failure(bytes) == nil)
    for count in bytes.indices where try failure(Array(bytes.prefix(count))) == nil {
      Issue.record("a file cut to \(count) of \(bytes.count) bytes was read")
    }
  }

  /// One bit and all bits of each byte, in the length, the JSON, its padding and the data.
  @Test func everyFlippedByteIsAnError() throws {
    let bytes = try whole()
    for index in bytes.indices {
      for mask: UInt8 in [1 << UInt8(index % 8), 0xFF] {
        var damaged = bytes
        damaged[index] ^= mask
        if try failure(damaged) == nil { Issue.record("byte \(index) flipped by \(mask) went unnoticed") }
      }
    }
  }

  @Test func aFileOfAnotherProgramIsNoModel() throws {
    let plain = try withModelPath { path in
      try SafetensorsWriter.write(path: path, tensors: [("x", [1], [1])])
      return try contents(path)
    }
    #expect(try failure(plain) == .descriptionMissing)
    #expect(throws: ModelFileError.self) { try ModelFile.read("/tmp/nunchi-no-such-file.safetensors") }
  }

  /// Descriptions that are whole, and wrong.
  @Test(arguments: [
    ("\"format_version\":1", "\"format_version\":0", "format_version"),
    ("\"format_version\":1", "\"format_version\":\"1\"", "format_version"),
    ("\"classes\":[", "\"classes\":[1,", "classes.0"),
    ("\"classes\":[", "\"classes\":[\"가\",", "classes"),
    ("\"channels\":1", "\"channels\":2", "preprocessing.channels"),
    ("\"channels\":1", "\"channels\":3", "preprocessing.channels"),
    ("\"width\":2", "\"width\":0", "preprocessing.width"),
    ("\"width\":2", "\"width\":99999999", "preprocessing.width"),
    ("\"width\":2", "\"width\":2.5", "preprocessing.width"),
    ("\"height\":2", "\"height\":-1", "preprocessing.height"),
    ("\"crop\"", "\"stretch\"", "preprocessing.resize"),
    ("\"resize\":\"crop\",", "", "preprocessing.resize"),
    ("\"bilinear\"", "\"cubic\"", "preprocessing.filter"),
    ("\"mean\":[", "\"mean\":[1,", "preprocessing.mean"),
    ("\"mean\":[0.1]", "\"mean\":[1e300]", "preprocessing.mean.0"),
    ("\"deviation\":[", "\"deviation\":[null,", "preprocessing.deviation.0"),
    ("\"kind\":\"Sequential\"", "\"kind\":7", "architecture.kind"),
    ("{\"format_version\":1,", "[", "the document"),
  ])
  func aWrongDescriptionIsNamed(_ old: String, _ new: String, _ place: String) throws {
    guard case .malformedDescription(let found, _, _)? = try rewritten(old, new) else {
      Issue.record("\(new) was accepted, or refused for another reason")
      return
    }
    #expect(found == place)
  }

  /// Files from before there was a choice.
  @Test func withoutAFilterItIsBilinear() throws {
    #expect(try rewritten("\"filter\":\"bilinear\",", "") == nil)
  }

  @Test func aNewerVersionIsNamed() throws {
    #expect(try rewritten("\"format_version\":1", "\"format_version\":2") == .unsupportedVersion(2))
  }

  @Test(arguments: [
    ("\"kind\":\"ReLU\"", "\"kind\":\"Magic\""), ("\"inputs\":1,\"outputs\":2", "\"inputs\":5,\"outputs\":2"),
    ("\"inputs\":1,\"outputs\":2", "\"inputs\":1,\"outputs\":3"), ("\"groups\":1", "\"groups\":0"),
    ("\"kernel\":[2.0,2.0]", "\"kernel\":[3.0,3.0]"), ("\"stride\"", "\"stride2\""),
  ])
  func aNetworkThatCannotBeIsRefused(_ old: String, _ new: String) throws {
    guard case .architecture? = try rewritten(old, new) else {
      Issue.record("\(new) was accepted, or refused for another reason")
      return
    }
  }

  @Test func tensorsThatDoNotFitAreNamed() throws {
    #expect(try rewritten { $0.remove(at: 1) } == .tensorMissing("0.bias"))
    #expect(try rewritten { $0.append(("more", [1], [0])) } == .tensorUnexpected("more"))
    #expect(
      try rewritten { $0[0].shape = [1, 1, 4, 1] }
        == .shapeMismatch(tensor: "0.weight", expected: [1, 1, 2, 2], found: [1, 1, 4, 1]))
    #expect(try rewritten { $0[0].values[3] = .infinity } == .notFinite(tensor: "0.weight", index: 3))
  }

  /// Layers inside each other without end must not exhaust the stack.
  @Test func aBottomlessArchitectureIsRefused() throws {
    let deep = String(repeating: #"{"kind":"Sequential","layers":[{"name":"0","layers":["#, count: 5000)
    let reason = try rewritten("\"architecture\":{", "\"architecture\":" + deep + "{")
    guard case .malformedDescription? = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
  }
}
