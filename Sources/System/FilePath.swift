/// Operations on paths.
package enum FilePath {
  /// The last part: the name of the file or folder.
  package static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The part before the name, with its final `/`; empty where the path is only a name.
  package static func folder(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  /// The absolute path without symbolic links; nil where nothing exists there.
  package static func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// The absolute path without `.` and doubled separators. `..` stays, because after a symbolic link it may lead
  /// elsewhere.
  package static func absolute(_ path: String) -> String {
    var full = path
    if !path.hasPrefix("/"), let current = getcwd(nil, 0) {
      defer { free(current) }
      full = String(cString: current) + "/" + path
    }
    return "/" + full.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}
