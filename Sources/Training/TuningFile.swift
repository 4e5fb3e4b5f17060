import NunchiDocuments
import NunchiEngine
import NunchiSystem

/// A file in the user's cache folder with the tuning of this processor: `{"format": 1, "pieces": {problem: share}}`.
/// Only time depends on it, so a file that cannot be read or written is ignored.
package struct TuningFile {
  package let path: String
  private static let format = 1

  /// The file for this processor, instruction set and number of threads; nil without a home folder.
  package init?(_ kernels: KernelTable, threads: Int) {
    func environment(_ name: String) -> String? {
      Environment.value(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    guard let folder = environment("XDG_CACHE_HOME") ?? environment("HOME").map({ $0 + "/.cache" }) else { return nil }
    let name = RunEnvironment.processor.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let short = String(name).split(separator: "-").joined(separator: "-")
    self.init(path: "\(folder)/nunchi/tuning-\(short)-\(kernels)-\(threads).json")
  }

  package init(path: String) { self.path = path }

  package func read() -> Tuning {
    guard let file = try? MappedFile(path: path), let document = try? file.withBytes({ try JSON(parsing: $0) }),
      case .object(let object) = document, object["format"] == .integer(Self.format),
      case .object(let pieces)? = object["pieces"]
    else { return Tuning() }
    var choices: [String: Int] = [:]
    for member in pieces.members { if case .integer(let share) = member.value { choices[member.key] = share } }
    return Tuning(choices)
  }

  /// Calls `body` with a tuner that starts from the file, or with nil where `seconds` is 0. Then writes what it has
  /// found.
  package static func with<Result>(
    _ kernels: KernelTable, threads: Int, seconds: Double, _ body: (Tuner?) throws -> Result
  ) rethrows -> Result {
    guard seconds > 0 else { return try body(nil) }
    let file = TuningFile(kernels, threads: threads)
    let known = file?.read() ?? Tuning()
    let tuner = Tuner(known, seconds: seconds)
    let result = try body(tuner)
    if tuner.tuning != known { file?.write(tuner.tuning) }
    return result
  }

  package func write(_ tuning: Tuning) {
    let pieces = tuning.choices.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .integer($0.value)) }
    let document: JSON = ["format": .integer(Self.format), "pieces": .object(.init(pieces))]
    try? Folder.makeAll(FilePath.folder(path), permissions: 0o755)
    try? AtomicFile.write(document.compact(), to: path)
  }
}
