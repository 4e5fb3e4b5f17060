import NunchiSystem
import Testing

/// A new folder that the body works in; removed afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/nunchi-system-XXXXXX".utf8CString)
  let folder = try #require(
    template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
  defer { for name in names(in: folder) { unlink("\(folder)/\(name)") }; rmdir(folder) }
  try body(folder)
}

private func names(in folder: String) -> [String] {
  guard let handle = opendir(folder) else { return [] }
  defer { closedir(handle) }
  var names: [String] = []
  while let entry = readdir(handle) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

private func contents(_ path: String) throws -> String {
  try MappedFile(path: path).withBytes { String(decoding: $0, as: UTF8.self) }
}

@Suite struct AtomicFileTests {
  @Test func replacesTheFileAndLeavesNothingBeside() throws {
    try withFolder { folder in
      try AtomicFile.write("one, and longer", to: "\(folder)/a")
      try AtomicFile.write("two", to: "\(folder)/a")
      try AtomicFile.write("", to: "\(folder)/b")
      #expect(try contents("\(folder)/a") == "two")
      #expect(try contents("\(folder)/b") == "")
      #expect(names(in: folder) == ["a", "b"])
    }
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    try withFolder { folder in
      try AtomicFile.write("old", to: "\(folder)/a")
      let error = FileError(path: "x", action: "write", reason: "planted")
      #expect(throws: error) {
        try AtomicFile.write(to: "\(folder)/a") { (_) throws(FileError) in throw error }
      }
      #expect(try contents("\(folder)/a") == "old")
      #expect(names(in: folder) == ["a"])
    }
  }

  @Test func errorsNameThePathAndTheReason() throws {
    try withFolder { folder in
      let path = "\(folder)/none/a"
      let written = #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
      #expect(written?.description == "\(path): cannot write: No such file or directory")
      let read = #expect(throws: FileError.self) { try contents(path) }
      #expect(read?.description == "\(path): cannot read: No such file or directory")
      let notAFile = #expect(throws: FileError.self) { try contents(folder) }
      #expect(notAFile?.reason == "expected a file, found a folder or a device")
    }
  }
}
