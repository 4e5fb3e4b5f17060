import NunchiSystem

extension RunFolder {
  /// Removes the folders of a training that failed before it had anything to put in.
  func removeEmptyFolders() {
    // A folder that holds something stays.
    for inner in ["model", "evaluation"] { rmdir("\(path)/\(inner)") }
  }
}
