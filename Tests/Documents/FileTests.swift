import NunchiDocuments
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A new folder that the body works in; removed afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/nunchi-documents-XXXXXX".utf8CString)
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

@Suite struct TextTableTests {
  @Test func alignsColumnsByWhatTheTerminalShows() {
    var table = TextTable(header: ["class", "f1", "n"])
    table.append(["눈치", "0.5", "10"])
    table.append(["é", "1", ""])
    #expect(
      table.text == """
        class   f1   n
        눈치   0.5  10
        é        1

        """)
  }

  /// A file name must not clear the screen or begin a new row.
  @Test func controlCharactersAreShown() {
    var table = TextTable(textColumns: [0, 1])
    table.append(["a\nb\u{1B}[2J\t\r\n\u{9B}c", "눈치 é 😷"])
    #expect(table.text == "a\u{FFFD}b\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}c  눈치 é 😷\n")
  }

  @Test func longNamesKeepBothEnds() {
    #expect(TextTable.shortened("a class", to: 7) == "a class")
    #expect(TextTable.shortened("wearing_a_mask_1", to: 9) == "wear…sk_1")
    #expect(TextTable.shortened("wearing_a_mask_1", to: 8) == "wear…k_1")
    // Wide letters are not cut in half.
    #expect(TextTable.shortened("마스크없음", to: 10) == "마스크없음")
    for cells in 3...9 {
      #expect(TextTable.width(of: TextTable.shortened("마스크없음", to: cells)) <= cells, "\(cells)")
    }
    #expect(TextTable.shortened("마스크없음", to: 7) == "마스…음")
  }

  @Test func textColumnsStandAtTheLeft() {
    var table = TextTable(header: ["n", "step", "problem"], textColumns: [1, 2])
    table.append(["10", "product", "k4"])
    table.append(["5", "sum"])
    #expect(table.text == " n  step     problem\n10  product  k4\n 5  sum\n")
  }
}
