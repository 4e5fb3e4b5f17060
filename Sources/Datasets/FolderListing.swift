#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What lies in one folder, in an order that does not depend on the file system.
struct FolderListing {
  struct Entry {
    /// As the file system spells it.
    let name: String
    let path: String
    let kind: Kind
    /// Bytes, of files.
    let size: Int
  }

  enum Kind {
    case file, folder, other
    /// A link to nothing, or a name that is not UTF-8.
    case unreadable(String)
  }

  /// Sorted by name; hidden ones (`.name`, `__MACOSX`) are left out. Links are followed.
  let entries: [Entry]

  var folders: [Entry] { entries.filter { if case .folder = $0.kind { true } else { false } } }

  init(_ path: String) throws(DatasetError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw DatasetError(errno == ENOENT ? .missing : .unreadableFolder(String(cString: strerror(errno))), path: path)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw DatasetError(.notAFolder, path: path) }
    guard let folder = opendir(path) else {
      throw DatasetError(.unreadableFolder(String(cString: strerror(errno))), path: path)
    }
    defer { closedir(folder) }
    var found: [Entry] = []
    while let record = readdir(folder) {
      let (name, isText) = withUnsafeBytes(of: &record.pointee.d_name) { bytes in
        let text = bytes.prefix { $0 != 0 }
        return (String(decoding: text, as: UTF8.self), String(validating: text, as: UTF8.self) != nil)
      }
      if name.hasPrefix(".") || name == "__MACOSX" { continue }
      found.append(isText ? Self.entry(name, in: path) : Self.unreadable(name, path, "a name that is not UTF-8"))
    }
    entries = found.sorted {
      // Strings compare by NFC; two spellings of one name are ordered by their bytes.
      $0.name == $1.name ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.name < $1.name
    }
  }

  /// Whether a file lies at `path`, itself or behind a link.
  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private static func entry(_ name: String, in folder: String) -> Entry {
    let path = folder + "/" + name
    var status = stat()
    guard stat(path, &status) == 0 else { return unreadable(name, folder, String(cString: strerror(errno))) }
    let kind: Kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .folder
      case S_IFREG: .file
      default: .other
      }
    return Entry(name: name, path: path, kind: kind, size: Int(status.st_size))
  }

  private static func unreadable(_ name: String, _ folder: String, _ reason: String) -> Entry {
    Entry(name: name, path: folder + "/" + name, kind: .unreadable(reason), size: 0)
  }
}
