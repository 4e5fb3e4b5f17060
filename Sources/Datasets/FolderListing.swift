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
    if let status = try? FileStatus(path), status.kind != .folder { throw DatasetError(.notAFolder, path: path) }
    let names: [Folder.Name]
    do {
      names = try Folder.names(in: path)
    } catch {
      throw DatasetError(error.reason.isMissing ? .missing : .unreadableFolder(error.reason), path: path)
    }
    entries = names.filter { !Folder.isHidden($0.text) }.map {
      $0.isText ? Self.entry($0.text, in: path) : Self.unreadable($0.text, path, "a name that is not UTF-8")
    }
  }

  init(entries found: [Entry]) {
    entries = found.sorted { Folder.precedes($0.name, $1.name) }
  }

  private static func entry(_ name: String, in folder: String) -> Entry {
    let path = folder + "/" + name
    do throws(FileError) {
      let status = try FileStatus(path)
      let kind: Kind =
        switch status.kind {
        case .folder: .folder
        case .file: .file
        case .other: .other
        }
      return Entry(name: name, path: path, kind: kind, size: status.size, place: .disk)
    } catch {
      return unreadable(name, folder, error.reason.description)
    }
  }

  private static func unreadable(_ name: String, _ folder: String, _ reason: String) -> Entry {
    Entry(name: name, path: folder + "/" + name, kind: .unreadable(reason), size: 0, place: .disk)
  }
}
