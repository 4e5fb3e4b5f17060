import NunchiSystem

extension RunFolder {
  /// Removes the folders of the run that are empty, after a failed training.
  func removeEmptyFolders() {
    // `rmdir` leaves folders that are not empty.
    for inner in ["model", "evaluation"] { rmdir("\(path)/\(inner)") }
  }
}
