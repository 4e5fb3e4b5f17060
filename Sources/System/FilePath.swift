/// Paths as texts.
package enum FilePath {
  /// The last part: the name of the file or folder.
  package static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The folder that the last part lies in, with its `/`; empty where the path has one part.
  package static func folder(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  /// From the root and without links; nil where there is nothing.
  package static func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// From the root, without `.` and doubled separators. `..` stays: behind a link it may lead elsewhere.
  package static func absolute(_ path: String) -> String {
    var full = path
    if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
      defer { free(current) }
      full = String(cString: current) + "/" + path
    }
    return "/" + full.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}
