import NunchiSystem

/// What lies in one folder, in an order that does not depend on the file system.
struct FolderListing {
  struct Entry {
    /// As the file system spells it.
    let name: String
    let path: String
    let kind: Kind
    /// Bytes, of files.
    let size: Int
    let place: Place

    /// Where the pixels of an image file are.
    var location: Dataset.Location {
      switch place {
      case .disk, .packed: .file(path: path)
      case .member(let archive, let index): .member(archive, index: index)
      }
    }

    /// What lies in a folder.
    func listing() throws(DatasetError) -> FolderListing {
      switch place {
      case .disk, .member: try FolderListing(path)
      case .packed(let tree, let folder): tree.listing(folder)
      }
    }
  }

  enum Place {
    case disk
    case member(ZipArchive, index: Int)
    case packed(ZipTree, folder: String)
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
      throw DatasetError(errno == ENOENT ? .missing : .unreadableFolder(.last), path: path)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw DatasetError(.notAFolder, path: path) }
    guard let folder = opendir(path) else {
      throw DatasetError(.unreadableFolder(.last), path: path)
    }
    defer { closedir(folder) }
    var found: [Entry] = []
    while let record = readdir(folder) {
      let (name, isText) = withUnsafeBytes(of: &record.pointee.d_name) { bytes in
        let text = bytes.prefix { $0 != 0 }
        return (String(decoding: text, as: UTF8.self), String(validating: text, as: UTF8.self) != nil)
      }
      if Self.isHidden(name) { continue }
      found.append(isText ? Self.entry(name, in: path) : Self.unreadable(name, path, "a name that is not UTF-8"))
    }
    self.init(entries: found)
  }

  init(entries found: [Entry]) {
    entries = found.sorted {
      // Strings compare by NFC; two spellings of one name are ordered by their bytes.
      $0.name == $1.name ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.name < $1.name
    }
  }

  /// What systems and programs leave behind.
  static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") || name == "__MACOSX" }

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
    return Entry(name: name, path: path, kind: kind, size: Int(status.st_size), place: .disk)
  }

  private static func unreadable(_ name: String, _ folder: String, _ reason: String) -> Entry {
    Entry(name: name, path: folder + "/" + name, kind: .unreadable(reason), size: 0, place: .disk)
  }
}
