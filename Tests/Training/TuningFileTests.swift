import NunchiEngine
import NunchiSystem
import NunchiTraining
import Testing

/// What was measured is kept in a file that nothing depends on.
@Suite struct TuningFileTests {
  @Test func readsWhatWasWritten() throws {
    try withFolder { folder in
      let file = TuningFile(path: folder + "/a/b/tuning.json")
      #expect(file.read() == Tuning())
      let tuning = Tuning(["conv-dw mb1 ic\u{22}": 1, "gemm m1 n2 k3 f32": 2])
      file.write(tuning)
      #expect(file.read() == tuning)
    }
  }

  @Test(arguments: [
    "", "{", "[]", "{\"format\":2,\"pieces\":{\"a\":1}}", "{\"format\":1,\"pieces\":[1]}", "{\"format\":1}",
    "{\"format\":1,\"pieces\":{\"a\":7,\"b\":\"x\",\"c\":null}}",
  ])
  func aDamagedFileCountsAsNone(_ text: String) throws {
    try withFolder { folder in
      let path = folder + "/tuning.json"
      try AtomicFile.write(text, to: path)
      #expect(TuningFile(path: path).read() == Tuning())
    }
  }

  @Test func aFileThatCannotBeWrittenIsLeft() throws {
    try withFolder { folder in
      let path = folder + "/file"
      try AtomicFile.write("kept", to: path)
      let file = TuningFile(path: path + "/tuning.json")
      file.write(Tuning(["a": 1]))
      #expect(file.read() == Tuning())
    }
  }
}
