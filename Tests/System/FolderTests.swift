import NunchiSystem
import Testing

@Suite struct FolderTests {
  @Test func namesAreSortedAndComplete() throws {
    try withFolder { folder in
      for name in ["b", "a10", "a2", ".hidden", "Ä"] { try AtomicFile.write("", to: "\(folder)/\(name)") }
      try Folder.make("\(folder)/inner")
      let found = try Folder.names(in: folder)
      #expect(found.map(\.text) == [".hidden", "a10", "a2", "b", "inner", "Ä"])
      #expect(found.allSatisfy { $0.isText })
    }
  }

  /// Two spellings of one letter are two files, whose order is fixed.
  @Test func spellingsAreOrderedByTheirBytes() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    #expect(composed == decomposed)
    #expect(Folder.precedes(decomposed, composed) && !Folder.precedes(composed, decomposed))
    #expect(!Folder.precedes(composed, composed))
  }

  @Test func namesThatAreNoTextAreMarked() throws {
    try withFolder { folder in
      let path = Array("\(folder)/".utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0x61, 0]
      let file = open(path, O_CREAT | O_WRONLY, 0o644)
      // Some systems refuse such names.
      guard file >= 0 else { return }
      close(file)
      defer { unlink(path) }
      let found = try Folder.names(in: folder)
      #expect(found.map(\.text) == ["\u{FFFD}a"] && !found[0].isText)
    }
  }

  @Test func aFolderThatCannotBeReadSaysWhy() throws {
    try withFolder { folder in
      let missing = #expect(throws: FileError.self) { try Folder.names(in: folder + "/none") }
      #expect(missing?.reason.isMissing ?? false)
      #expect(missing?.description == "\(folder)/none: cannot list: No such file or directory")
      try AtomicFile.write("", to: folder + "/file")
      #expect(#expect(throws: FileError.self) { try Folder.names(in: folder + "/file") }?.reason.number == ENOTDIR)
      try Folder.make(folder + "/closed", permissions: 0)
      // The superuser may read everything.
      if geteuid() != 0 {
        let closed = #expect(throws: FileError.self) { try Folder.names(in: folder + "/closed") }
        #expect(closed?.reason.isForbidden ?? false)
      }
    }
  }

  @Test func foldersAreMadeOnce() throws {
    try withFolder { folder in
      #expect(try Folder.make(folder + "/a"))
      #expect(try !Folder.make(folder + "/a"))
      try Folder.makeAll(folder + "//a/b/c/")
      try Folder.makeAll(folder + "/a/b/c")
      #expect(FileStatus.isFolder(folder + "/a/b/c"))
      try AtomicFile.write("", to: folder + "/file")
      let error = #expect(throws: FileError.self) { try Folder.makeAll(folder + "/file/b/c") }
      #expect(error?.description == "\(folder)/file/b: cannot make the folder: Not a directory")
    }
  }
}

@Suite struct FileStatusTests {
  @Test func kindsAndSizes() throws {
    try withFolder { folder in
      try AtomicFile.write("abc", to: folder + "/a")
      symlink("a", folder + "/link")
      symlink("none", folder + "/broken")
      #expect(try FileStatus(folder + "/a").size == 3)
      #expect(try FileStatus(folder + "/link").kind == .file)
      #expect(try FileStatus(folder + "/link", following: false).kind == .other)
      #expect(try FileStatus(folder).kind == .folder)
      #expect(#expect(throws: FileError.self) { try FileStatus(folder + "/broken") }?.reason.isMissing ?? false)
      #expect(FileStatus.isSame(folder + "/a", folder + "/./link"))
      #expect(!FileStatus.isSame(folder + "/a", folder) && !FileStatus.isSame(folder + "/no", folder + "/no"))
      #expect(FileStatus.isFile(folder + "/a") && !FileStatus.isFile(folder) && !FileStatus.isFolder(folder + "/a"))
    }
  }

  @Test func theTimeOfTheLastChange() throws {
    try withFolder { folder in
      try AtomicFile.write("", to: folder + "/a")
      let times = [timespec(tv_sec: 1, tv_nsec: 2), timespec(tv_sec: 1_700_000_000, tv_nsec: 123_456_789)]
      #expect(utimensat(AT_FDCWD, folder + "/a", times, 0) == 0)
      #expect(try FileStatus(folder + "/a").changed == 1_700_000_000_123_456_789)
    }
  }
}

@Suite struct FilePathTests {
  @Test func parts() {
    for (path, name, folder) in [
      ("/a/b.png", "b.png", "/a/"), ("b", "b", ""), ("a/b/", "b", "a/b/"), ("/", "/", "/"), ("./x", "x", "./"),
    ] {
      #expect(FilePath.name(path) == name, "\(path)")
      #expect(FilePath.folder(path) == folder, "\(path)")
    }
  }

  @Test func fromTheRoot() throws {
    #expect(FilePath.absolute("/a//b/./c/../d/") == "/a/b/c/../d")
    let here = try #require(FilePath.resolved("."))
    #expect(here.hasPrefix("/") && FilePath.absolute("./a").hasSuffix("/a"))
    #expect(FilePath.resolved("/nunchi/none") == nil)
    try withFolder { folder in
      try AtomicFile.write("", to: folder + "/a")
      symlink("a", folder + "/link")
      #expect(FilePath.resolved(folder + "/link")?.hasSuffix("/a") ?? false)
    }
  }

  @Test func variables() {
    setenv("NUNCHI_SYSTEM_TEST", "a=b", 1)
    defer { unsetenv("NUNCHI_SYSTEM_TEST") }
    #expect(Environment.value("NUNCHI_SYSTEM_TEST") == "a=b")
    #expect(Environment.variables["NUNCHI_SYSTEM_TEST"] == "a=b")
    #expect(Environment.value("NUNCHI_SYSTEM_NONE") == nil)
  }
}
