import Foundation

/// Takes out of a text what another machine, another folder or another moment would change: times, speeds, memory, the
/// number of threads, addresses and the bytes of compressed pictures. Everything else stays as it is, byte by byte.
enum Normalizer {
  /// Members of JSON whose numbers are times, speeds, memory or facts of the machine.
  private static let measured = [
    "seconds", "time", "images_per_second", "milliseconds", "peak_rss_mib", "threads", "milliseconds_per_image",
    "cores", "memory_expected_bytes",
  ]

  private static let patterns: [(String, String)] =
    [
      ("(\"(?:\(measured.joined(separator: "|")))\":\\s*)-?[0-9][-+.eE0-9]*", "$1<number>"),
      // A setting with its origin, and the flag in a command to repeat.
      ("(\"threads\":\\s*\\{\\s*\"value\":\\s*)[0-9]+", "$1<number>"),
      ("(--threads\"?[ ,]\\s*\"?)[0-9]+", "$1<number>"),
      ("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "<moment>"),
      ("data:image/[a-z]+;base64,[-+/=A-Za-z0-9]+", "<picture>"),
      ("http://127\\.0\\.0\\.1:\\d+", "<server>"),
      ("\\b[0-9][0-9.,]* images/s", "<number> images/s"),
      ("\\b[0-9][0-9.,]* images a second", "<number> images a second"),
      ("\\b[0-9][0-9.,]* (ms|s|min)\\b(?! per)", "<time>"),
      ("\\b[0-9]+ threads?\\b", "<number> threads"),
      // Columns are as wide as what stood there.
      (" {2,}(?=<time>|<number> images)", "  "),
      // The last section of a report.
      (
        "(>(?:processor|cores|threads|instruction set|system|images a second|seconds so far|started)</th><td[^>]*>)[^<]*",
        "$1<machine>"
      ),
    ]

  /// - Parameter folder: the temporary folder, wherever it is named.
  static func text(_ text: String, folder: String = "") -> String {
    var text = folder.isEmpty ? text : text.replacingOccurrences(of: folder, with: "<folder>")
    for (pattern, replacement) in patterns {
      text = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    }
    return text
  }

  /// The kinds of values alone: every number and text becomes a placeholder, arrays of them one each.
  static func shape(_ json: String) -> String {
    var text = json
    for (pattern, replacement) in [
      (":(\\s*)\"(?:[^\"\\\\]|\\\\.)*\"", ":$1<text>"), ("([:,\\[]\\s*)-?[0-9][-+.eE0-9]*(?=[\\s,\\]}])", "$1<number>"),
      ("(\\[|,\\s*)\"(?:[^\"\\\\]|\\\\.)*\"(?=\\s*[,\\]])", "$1<text>"), (":(\\s*)(?:true|false)", ":$1<bool>"),
      ("(<text>|<number>)(?:,\\s*\\1)+(?=\\])", "$1"),
    ] {
      text = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    }
    return text
  }

  /// The rows of a table without its columns of times and speeds.
  static func table(_ csv: String) -> String {
    let rows = csv.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let dropped = Set(
      (rows.first ?? []).indices.filter {
        ["time", "seconds", "images_per_second", "milliseconds"].contains(rows[0][$0])
      })
    return rows.map { row in
      row.indices.map { dropped.contains($0) ? "<>" : String(row[$0]) }.joined(separator: ",")
    }
    .joined(separator: "\n")
  }

  /// One line of JSON on several, so that a difference is found in a short line: small objects and arrays stay whole.
  /// Nothing but white space between values is added.
  static func lines(_ json: String) -> String {
    let bytes = Array(json.utf8)
    var (output, depth, index) = ([UInt8](), 0, 0)
    func line() { output += [0x0A] + [UInt8](repeating: 0x20, count: depth) }
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        let end = endOfText(bytes, index)
        output += bytes[index..<end]
        index = end
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if let end = endOfSmall(bytes, index) {
          output += bytes[index..<end]
          index = end
          continue
        }
        output.append(bytes[index])
        depth += 1
        line()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        output.append(bytes[index])
      case UInt8(ascii: ","):
        output.append(bytes[index])
        line()
      default: output.append(bytes[index])
      }
      index += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func endOfText(_ bytes: [UInt8], _ start: Int) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }

  /// Behind the end of an object or array at `start` that is short and holds no other one.
  private static func endOfSmall(_ bytes: [UInt8], _ start: Int) -> Int? {
    var index = start + 1
    while index < bytes.count, index - start < 120 {
      switch bytes[index] {
      case UInt8(ascii: "\""): index = endOfText(bytes, index) - 1
      case UInt8(ascii: "{"), UInt8(ascii: "["): return nil
      case UInt8(ascii: "}"), UInt8(ascii: "]"): return index + 1
      default: break
      }
      index += 1
    }
    return nil
  }
}
