import Foundation
import Testing

/// Texts that must not change: `Fixtures/<name>.txt` beside this file, written anew where `NUNCHI_RECORD_GOLDENS` is set.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    .path
  static let isRecording = ProcessInfo.processInfo.environment["NUNCHI_RECORD_GOLDENS"] != nil

  /// Compares `text` with the recorded one, and names the first lines that differ.
  static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = "\(folder)/\(name).txt"
    if isRecording {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      return try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    guard let recorded = try? String(contentsOfFile: path, encoding: .utf8) else {
      Issue.record("golden \(name): not recorded; see CONTRIBUTING.md", sourceLocation: sourceLocation)
      return
    }
    if let difference = difference(recorded, text) {
      Issue.record("golden \(name): \(difference)", sourceLocation: sourceLocation)
    }
  }

  /// The first lines that only one of the texts has, in words; nil where the texts are equal, byte by byte.
  static func difference(_ recorded: String, _ found: String, most: Int = 8) -> String? {
    if recorded.utf8.elementsEqual(found.utf8) { return nil }
    func lines(_ text: String) -> [[UInt8]] {
      text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    }
    let changes = lines(found).difference(from: lines(recorded))
    let shown = changes.map { change in
      switch change {
      case .remove(let offset, let line, _):
        (offset, "recorded, line \(offset + 1): |\(String(decoding: line, as: UTF8.self))|")
      case .insert(let offset, let line, _):
        (offset, "found, line \(offset + 1):    |\(String(decoding: line, as: UTF8.self))|")
      }
    }
    .sorted { $0.0 < $1.0 }
    return "\(changes.removals.count) recorded lines are missing, \(changes.insertions.count) lines are new\n"
      + shown.prefix(most).map { "  " + $0.1 }.joined(separator: "\n")
  }
}
