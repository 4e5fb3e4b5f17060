import Foundation
import NunchiDocuments
import Testing

/// The built program, run as a process of its own.
enum Program {
  /// The binary beside the test bundle, or in the build folders.
  static let path: String? = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let candidates = [
      bundle.appendingPathComponent("nunchi"), package.appendingPathComponent(".build/release/nunchi"),
      package.appendingPathComponent(".build/debug/nunchi"),
    ]
    return candidates.map(\.path).first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// What the test process was given when its first program started, with the program's own settings taken out: the
  /// variables of one test never reach the programs of another.
  private static let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NUNCHI_TRAIN_") }
    .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }

  struct Answer {
    let status: Int32
    let output: String
    let error: String

    /// The one document on standard output.
    func document() throws -> JSON {
      #expect(output.hasSuffix("\n"))
      #expect(output.dropLast().contains("\n") == false, "one document on one line")
      return try JSON(parsing: output)
    }

    /// `result` of a document that says ok.
    func result() throws -> JSON {
      let document = try document()
      #expect(document["schema_version"]?.intValue == 1)
      #expect(document["status"]?.stringValue == "ok", "\(error)")
      return try #require(document["result"])
    }
  }

  /// A process that has been started.
  final class Running: @unchecked Sendable {
    let process = Process()
    private let output = Pipe()
    private let error = Pipe()
    private let group = DispatchGroup()
    private var collected: [String: Data] = [:]
    private let lock = NSLock()

    /// - Parameter place: a file that standard output goes to, instead of the answer.
    init(
      _ arguments: [String], input: String?, folder: String?, output place: String?, environment: [String: String]
    ) throws {
      process.executableURL = URL(fileURLWithPath: Program.path!)
      process.arguments = arguments
      if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
      process.environment = Program.inherited.merging(environment) { $1 }
      process.standardOutput = place.map { FileHandle(forWritingAtPath: $0)! as Any } ?? output
      process.standardError = error
      let stdin = Pipe()
      process.standardInput = stdin
      try process.run()
      if let input { stdin.fileHandleForWriting.write(Data(input.utf8)) }
      try stdin.fileHandleForWriting.close()
      if place == nil { collect("output", output) }
      collect("error", error)
    }

    private func collect(_ name: String, _ pipe: Pipe) {
      group.enter()
      let thread = Thread { [self] in
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        lock.withLock { collected[name] = data }
        group.leave()
      }
      thread.start()
    }

    /// Ends the process where it takes longer than `seconds`.
    func wait(_ seconds: Double) -> Answer {
      let deadline = Date(timeIntervalSinceNow: seconds)
      while process.isRunning, Date() < deadline { usleep(2000) }
      if process.isRunning {
        Issue.record("\(process.arguments ?? []) took longer than \(seconds) s")
        kill(process.processIdentifier, SIGKILL)
      }
      process.waitUntilExit()
      group.wait()
      func text(_ name: String) -> String {
        lock.withLock { String(decoding: collected[name] ?? Data(), as: UTF8.self) }
      }
      return Answer(status: process.terminationStatus, output: text("output"), error: text("error"))
    }
  }

  static func start(
    _ arguments: [String], input: String? = nil, in folder: String? = nil, output: String? = nil,
    environment: [String: String] = [:]
  ) throws -> Running {
    try Running(arguments, input: input, folder: folder, output: output, environment: environment)
  }

  /// Starts the program with the words of `line` and kills it without warning at a random moment, again and again with
  /// those of `later` once `sign` is there; until it ends by itself or was killed `most` times. The words are the next ones.
  static func killed(
    _ line: String, in folder: String? = nil, most: Int, after microseconds: ClosedRange<UInt32>, later: String,
    sign: String
  ) throws -> (kills: Int, words: [String]) {
    func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
    var random = SystemRandomNumberGenerator()
    var (kills, next) = (0, words(line))
    while kills < most {
      let running = try start(next, in: folder)
      usleep(UInt32.random(in: microseconds, using: &random))
      guard running.process.isRunning else {
        _ = running.wait(30)
        break
      }
      kill(running.process.processIdentifier, SIGKILL)
      _ = running.wait(30)
      kills += 1
      if FileManager.default.fileExists(atPath: sign) { next = words(later) }
    }
    return (kills, next)
  }

  /// Runs the program with the words of `line`.
  static func run(
    _ line: String, input: String? = nil, in folder: String? = nil, environment: [String: String] = [:],
    timeout: Double = 30
  ) throws -> Answer {
    try start(line.split(separator: " ").map(String.init), input: input, in: folder, environment: environment)
      .wait(timeout)
  }
}

/// A folder that is removed with its last reference.
final class TemporaryFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "nunchi-command-tests-" + UUID().uuidString
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Tests of the program run where it has been built.
let isBuilt = ConditionTrait.enabled(
  if: Program.path != nil, "the program nunchi is not built: swift build -c release --product nunchi")
