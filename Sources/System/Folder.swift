/// Lists and makes folders.
package enum Folder {
  /// The name of an entry of a folder.
  package struct Name: Sendable {
    package let text: String
    /// Whether the name is valid UTF-8. If not, `text` differs from the bytes of the name.
    package let isText: Bool
  }

  /// The entries of a folder except `.` and `..`, in an order that does not depend on the file system.
  package static func names(in path: String) throws(FileError) -> [Name] {
    guard let folder = opendir(path) else { throw .last("list", path) }
    defer { closedir(folder) }
    var names: [Name] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        let text = bytes.prefix { $0 != 0 }
        return Name(
          text: String(decoding: text, as: UTF8.self), isText: String(validating: text, as: UTF8.self) != nil)
      }
      if name.text != ".", name.text != ".." { names.append(name) }
    }
    return names.sorted { precedes($0.text, $1.text) }
  }

  /// The order of names. Swift compares by NFC; names that are equal by it are ordered by their bytes.
  package static func precedes(_ one: String, _ other: String) -> Bool {
    one == other ? one.utf8.lexicographicallyPrecedes(other.utf8) : one < other
  }

  /// Whether the name is hidden, or one that operating systems leave behind.
  package static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") || name == "__MACOSX" }

  /// Makes the folder; returns `false` where something of that name exists.
  @discardableResult
  package static func make(_ path: String, permissions: mode_t = 0o777) throws(FileError) -> Bool {
    if mkdir(path, permissions) == 0 { return true }
    guard errno == EEXIST else { throw .last("make the folder", path) }
    return false
  }

  /// Makes the folder with its parents, as far as they do not exist.
  package static func makeAll(_ path: String, permissions: mode_t = 0o777) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made == "/" ? "" : "/") + part
      try make(made, permissions: permissions)
    }
  }

  /// The free bytes on the disk of a folder, or of its nearest existing parent.
  package static func freeBytes(around path: String) -> Int {
    var path = path
    var status = statvfs()
    while statvfs(path, &status) != 0 {
      guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return 0 }
      path = String(path[..<slash])
    }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }
}
