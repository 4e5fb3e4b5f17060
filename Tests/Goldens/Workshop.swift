import Foundation
import Testing

/// The built program and a folder to run it in, so that relative paths say the same everywhere.
final class Workshop {
  static let program: String? = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let candidates = [
      bundle.appendingPathComponent("nunchi"), package.appendingPathComponent(".build/release/nunchi"),
      package.appendingPathComponent(".build/debug/nunchi"),
    ]
    return candidates.map(\.path).first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Threads of every command; `NUNCHI_GOLDEN_THREADS` sets another number, which changes nothing.
  static let threads = ProcessInfo.processInfo.environment["NUNCHI_GOLDEN_THREADS"] ?? "2"

  /// Whether the recorded bits are those of the instruction set in use: the sets with fused multiply-add agree in all of them.
  static let hasRecordedBits: Bool = {
    guard program != nil, let workshop = try? Workshop(), let answer = try? workshop.run("doctor --json") else {
      return false
    }
    return ["avx2", "avx512"].contains { answer.output.contains("\"in_use\":\"\($0)\"") }
  }()

  struct Answer {
    let status: Int32
    let output: String
    let error: String
  }

  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "nunchi-goldens-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private var environment: [String: String] {
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("NUNCHI_") || $0.key == "NUNCHI_ISA"
    }
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["XDG_CACHE_HOME"] = folder + "/cache"
    environment["NO_COLOR"] = "1"
    return environment
  }

  /// Starts the program with the words of `line`; what it writes goes to files.
  func start(_ line: String) throws -> (process: Process, output: String, error: String) {
    let process = Process()
    let place = folder + "/said-" + UUID().uuidString
    let (output, error) = (place + ".out", place + ".err")
    for path in [output, error] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.executableURL = URL(fileURLWithPath: Self.program!)
    process.arguments = Self.words(line)
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)!
    process.standardError = FileHandle(forWritingAtPath: error)!
    try process.run()
    return (process, output, error)
  }

  /// The words of a line; quotes keep blanks together.
  private static func words(_ line: String) -> [String] {
    line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
      index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
    }
  }

  func run(_ line: String) throws -> Answer {
    let (process, output, error) = try start(line)
    let deadline = Date(timeIntervalSinceNow: 300)
    while process.isRunning, Date() < deadline { usleep(1000) }
    if process.isRunning {
      Issue.record("\(line) took longer than five minutes")
      kill(process.processIdentifier, SIGKILL)
    }
    process.waitUntilExit()
    func text(_ path: String) throws -> String {
      defer { try? FileManager.default.removeItem(atPath: path) }
      return try String(contentsOfFile: path, encoding: .utf8)
    }
    return Answer(status: process.terminationStatus, output: try text(output), error: try text(error))
  }

  /// What commands said, one below the other, without what changes from run to run. `@` stands for the number of threads.
  func transcript(_ lines: [String], shape: Bool = false) throws -> String {
    var text = ""
    for line in lines {
      let answer = try run(line.replacingOccurrences(of: "@", with: Self.threads))
      text += "$ nunchi \(line.replacingOccurrences(of: " --threads @", with: ""))\n"
      if answer.status != 0 { text += "status \(answer.status)\n" }
      var said = Normalizer.text(answer.output, folder: folder)
      if shape { said = Normalizer.shape(said) }
      if said.hasPrefix("{") {
        said = said.split(separator: "\n").map { Normalizer.lines(String($0)) }.joined(separator: "\n") + "\n"
      }
      text += said
      let notes = shape ? "" : Normalizer.text(answer.error, folder: folder)
      for note in notes.split(separator: "\n") { text += "! \(note)\n" }
    }
    return text
  }

  func bytes(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path.hasPrefix("/") ? path : "\(folder)/\(path)")))
  }

  func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  /// A page for a browser: its style is one digest.
  func page(_ path: String) throws -> String {
    let page = Normalizer.text(try text(path), folder: folder)
    guard let start = page.range(of: "<style>"), let end = page.range(of: "</style>") else { return page }
    let digest = Digest.sha256([UInt8](page[start.upperBound..<end.lowerBound].utf8))
    return page[..<start.upperBound] + "sha256 \(digest)" + page[end.lowerBound...]
  }

  /// A line for each file: its SHA-256 and its name.
  func digests(_ paths: [String]) throws -> String {
    try paths.map { "sha256 \(Digest.sha256(try bytes($0))) \($0)\n" }.joined()
  }

  /// The SHA-256 of the decoded pixels of pictures, whatever compression they were written with.
  func pixels(_ paths: [String]) throws -> String {
    try paths.map { path in
      let answer = try run("image convert '\(path)' pixels.ppm")
      #expect(answer.status == 0, "\(answer.error)")
      return "pixels \(Digest.sha256(try bytes("pixels.ppm"))) \(path)\n"
    }
    .joined()
  }

  /// All files below a folder, in the order of their names.
  func files(below path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(path)").map { "\(path)/\($0)" }
      .filter {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(folder)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
      }
      .sorted()
  }
}

/// Goldens of whatever the engine computed.
let hasRecordedBits = ConditionTrait.enabled(
  if: Workshop.hasRecordedBits,
  "the program is not built, or the instruction set in use rounds differently from those with fused multiply-add")

/// Goldens of what no engine is needed for.
let isBuilt = ConditionTrait.enabled(
  if: Workshop.program != nil, "the program nunchi is not built: swift build -c release --product nunchi")
