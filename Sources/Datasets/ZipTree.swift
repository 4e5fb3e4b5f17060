import NunchiSystem

/// The folders of a zip archive, listed like folders on the disk.
final class ZipTree: Sendable {
  private let archive: ZipArchive
  /// By the folder's path, which is empty for the top.
  private let children: [String: [Child]]

  private struct Child {
    let name: String
    /// `nil`: a folder.
    let member: Int?
  }

  init(_ archive: ZipArchive) {
    self.archive = archive
    var children: [String: [Child]] = [:]
    var known: Set<String> = []
    for (index, member) in archive.members.enumerated() {
      let parts = member.path.split(separator: "/").map(String.init)
      if parts.contains(where: Folder.isHidden) { continue }
      var folder = ""
      for (depth, part) in parts.enumerated() {
        let path = folder.isEmpty ? part : folder + "/" + part
        if depth == parts.count - 1, !member.isFolder {
          children[folder, default: []].append(Child(name: part, member: index))
        } else if known.insert(path).inserted {
          children[folder, default: []].append(Child(name: part, member: nil))
        }
        folder = path
      }
    }
    self.children = children
  }

  /// The top, or the one folder that everything was packed in.
  func top() -> FolderListing {
    var listing = listing("")
    while listing.entries.count == 1, case .folder = listing.entries[0].kind,
      case .packed(_, let inner) = listing.entries[0].place
    {
      listing = self.listing(inner)
    }
    return listing
  }

  func listing(_ folder: String) -> FolderListing {
    FolderListing(
      entries: (children[folder] ?? []).map { child in
        let inner = folder.isEmpty ? child.name : folder + "/" + child.name
        let path = archive.path + "/" + inner
        guard let member = child.member else {
          return .init(name: child.name, path: path, kind: .folder, size: 0, place: .packed(self, folder: inner))
        }
        return .init(
          name: child.name, path: path, kind: .file, size: archive.members[member].size,
          place: .member(archive, index: member))
      })
  }
}
