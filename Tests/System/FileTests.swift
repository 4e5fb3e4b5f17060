import NunchiSystem
import Testing

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

  /// The last step fails: a folder has the name.
  @Test func aNameThatCannotBeTakenLeavesNothingBeside() throws {
    try withFolder { folder in
      try Folder.make("\(folder)/a")
      let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: "\(folder)/a") }
      #expect(error?.reason.number == EISDIR)
      #expect(names(in: folder) == ["a"])
    }
  }

  @Test func aNewFileHasThePermissionsAsked() throws {
    try withFolder { folder in
      let mask = umask(0)
      defer { umask(mask) }
      try AtomicFile.write([1, 2], to: "\(folder)/open", permissions: 0o666, synchronised: false)
      try AtomicFile.write([1, 2], to: "\(folder)/usual")
      for (name, expected) in [("open", 0o666), ("usual", 0o644)] {
        var status = stat()
        #expect(stat("\(folder)/\(name)", &status) == 0 && status.st_mode & 0o777 == mode_t(expected), "\(name)")
      }
    }
  }
}

@Suite struct FileErrorTests {
  @Test func theReasonIsAValue() {
    let full = FileError.Reason(number: ENOSPC)
    #expect(full.isFull && !full.isMissing && !full.isForbidden)
    #expect(FileError.Reason(number: ENOENT).isMissing)
    for number in [EACCES, EPERM, EROFS] { #expect(FileError.Reason(number: number).isForbidden) }
    // The same words from somebody else are not the system's.
    #expect(FileError.Reason(full.description) != full && !FileError.Reason(full.description).isFull)
    #expect(FileError.Reason("cannot write: \(full)", number: full.number).isFull)
  }
}

@Suite struct OpenFileTests {
  @Test func readsInPortions() throws {
    try withFolder { folder in
      try AtomicFile.write("abcde", to: "\(folder)/a")
      let file = try OpenFile(reading: "\(folder)/a")
      defer { file.close() }
      #expect(try file.read(2) == [0x61, 0x62])
      #expect(try file.read(9) == [0x63, 0x64, 0x65])
      #expect(try file.read(9) == [])
      #expect(try file.status().size == 5)
    }
  }

  /// More than a pipe holds comes in portions.
  @Test func portionsAreJoined() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (source, target) = (OpenFile(number: ends[0], path: "pipe"), OpenFile(number: ends[1], path: "pipe"))
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let writer = Threads(1) { _ in
      try? bytes.withUnsafeBytes { try target.write($0) }
      target.close()
    }
    #expect(try source.read(bytes.count + 1) == bytes)
    writer.join()
    source.close()
  }

  @Test func aFileOpenForReadingTakesNoBytes() throws {
    try withFolder { folder in
      try AtomicFile.write("a", to: "\(folder)/a")
      let file = try OpenFile(reading: "\(folder)/a")
      defer { file.close() }
      let error = #expect(throws: FileError.self) {
        try [UInt8(1)].withUnsafeBytes { try file.write($0) }
      }
      #expect(error?.reason.number == EBADF && error?.action == "write")
    }
  }

  @Test func beginningsOfSystemFiles() {
    #expect(OpenFile.beginning(of: "/proc/self/status")?.hasPrefix("Name:") ?? true)
    #expect(OpenFile.beginning(of: "/tmp/nunchi-none/none") == nil)
  }
}
