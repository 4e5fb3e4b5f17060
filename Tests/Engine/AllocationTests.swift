import Foundation
import Testing

/// A step that allocates would slow down with the allocator and could fail in the middle of a training.
@Suite struct AllocationTests {
  @Test func runningAllocatesNothing() throws {
    #expect(try output() == "allocations: 0 in training, 0 in prediction")
  }

  /// The counter itself must see an allocation.
  @Test func plantedAllocationsAreCounted() throws {
    #expect(try output("--planted").hasPrefix("allocations: 20 in training"))
  }

  private func output(_ arguments: String...) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = try folder().appendingPathComponent("allocation-check")
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Where the build put its products: beside the bundle of these tests.
  private func folder() throws -> URL {
    let bundle = try #require(CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments.first)
    return URL(fileURLWithPath: bundle).deletingLastPathComponent()
  }
}
