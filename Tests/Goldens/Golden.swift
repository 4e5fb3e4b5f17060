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

  /// The first lines that are not the same, in words; nil where all are.
  static func difference(_ recorded: String, _ found: String, most: Int = 6) -> String? {
    if recorded.utf8.elementsEqual(found.utf8) { return nil }
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    let (old, new) = (lines(recorded), lines(found))
    var (shown, count) = ([String](), 0)
    for index in 0..<max(old.count, new.count) {
      let pair = (index < old.count ? old[index] : nil, index < new.count ? new[index] : nil)
      if let first = pair.0, let second = pair.1, first.utf8.elementsEqual(second.utf8) { continue }
      count += 1
      if shown.count >= most { continue }
      shown.append(
        "  line \(index + 1)\n    recorded \(pair.0.map { "|\($0)|" } ?? "nothing")\n    found    \(pair.1.map { "|\($0)|" } ?? "nothing")"
      )
    }
    return "\(count) of \(old.count) lines differ, of \(new.count) found\n" + shown.joined(separator: "\n")
  }
}
