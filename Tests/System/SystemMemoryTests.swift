import NunchiSystem
import Testing

/// On descriptions of a machine that are written for the test.
@Suite struct SystemMemoryTests {
  private func available(_ files: [String: String]) throws -> Int {
    var template = Array("/tmp/nunchi-memory-XXXXXX".utf8CString)
    let folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    for inner in ["self", "one", "one/two", "memory"] { mkdir("\(folder)/\(inner)", 0o777) }
    defer {
      for name in files.keys { unlink("\(folder)/\(name)") }
      for inner in ["self", "one/two", "one", "memory", ""] { rmdir("\(folder)/\(inner)") }
    }
    for (name, text) in files {
      let file = try #require(fopen("\(folder)/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }
    return SystemMemory.available(processes: folder, groups: folder, physical: 12345)
  }

  @Test func theLeastLimitHolds() throws {
    let machine = "MemTotal:  4000 kB\nMemFree: 5 kB\nMemAvailable:   3000 kB\n"
    #expect(try available([:]) == 12345)
    #expect(try available(["meminfo": machine]) == 3000 << 10)
    var files = ["meminfo": machine, "self/cgroup": "0::/one/two\n", "one/two/memory.max": "max\n"]
    files["one/two/memory.current"] = "7\n"
    #expect(try available(files) == 3000 << 10)
    // A group above has the limit; files that it keeps in memory can be dropped.
    files["one/memory.max"] = "1000000\n"
    files["one/memory.current"] = "600000\n"
    #expect(try available(files) == 400_000)
    files["one/memory.stat"] = "anon 5\ninactive_file 100000\n"
    #expect(try available(files) == 500_000)
    files["one/two/memory.max"] = "5\n"
    #expect(try available(files) == 0)
    #expect(
      try available([
        "meminfo": machine, "memory/memory.limit_in_bytes": "50000\n", "memory/memory.usage_in_bytes": "20000\n",
      ]) == 30_000)
  }

  @Test func thisMachineHasSome() {
    #expect(SystemMemory.available > 0 && SystemMemory.available <= SystemMemory.physical)
  }
}
