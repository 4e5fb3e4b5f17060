import NunchiSystem

/// Why a data set cannot be used.
public struct DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    case missing
    case notAFolder
    /// The folder cannot be listed; what the system said.
    case unreadableFolder(FileError.Reason)
    case tooFewClasses(found: [String])
    /// A split holds a class that training does not know. `near`: a class whose name differs only in case.
    case unknownClass(String, split: Split, near: String?)
    /// Folders for validation or test, and none for training.
    case noTrainingSplit(found: [String])
    /// Several folders for one split.
    case ambiguousSplit(Split, folders: [String])
    /// No image in the split.
    case emptySplit(Split)
    /// A file of an array format whose bytes contradict its description.
    case damagedFile(expected: String, found: String)
    /// An archive that is not safe to read, or not readable by us.
    case refusedArchive(expected: String, found: String)
    /// A tar or 7z archive, and no libarchive was there when the package was built.
    case archiveAbsent
    /// The cache folder has no place for what is in an archive; why.
    case noCache(String)
    /// A line of a text file, counted from 1, that does not say what it should.
    case line(Int, expected: String, found: String)
    /// A table of numbers where images are needed.
    case table
    /// A file cannot be read; what the system said.
    case file(FileError.Reason)
    /// A file or folder cannot be written; what the system said.
    case unwritable(FileError.Reason)
    /// The disk is full.
    case noSpace
    /// The folder to write to holds something already.
    case notEmpty
    /// The data set to expand is one that is held back.
    case heldBack(Split)
    /// The folder to write to lies in the data set at this path.
    case insideData(String)
  }

  package let reason: Reason
  /// The folder or file.
  public let path: String

  package init(_ reason: Reason, path: String) {
    self.reason = reason
    self.path = path
  }

  /// What would have been right.
  public var expected: String {
    switch reason {
    case .missing, .unreadableFolder: "a folder with one folder of images for each class"
    case .notAFolder:
      "a folder with one folder of images for each class, an archive of one (zip, tar, 7z), or a list (.csv, .jsonl)"
    case .tooFewClasses: "at least two classes, each a folder with images"
    case .unknownClass(_, let split, _): "only classes of the training split in the \(split.rawValue) split"
    case .noTrainingSplit: "a folder for training beside those for validation and test"
    case .ambiguousSplit(let split, _): "one folder for the \(split.rawValue) split"
    case .emptySplit(let split): "at least one image in the \(split.rawValue) split"
    case .damagedFile(let expected, _), .refusedArchive(let expected, _), .line(_, let expected, _): expected
    case .archiveAbsent: "libarchive, which reads tar and 7z archives"
    case .noCache: "a cache folder that takes what is in the archive"
    case .table: "a data set of images, or a list of them with the columns path and label"
    case .file: "a file that can be read"
    case .unwritable: "a place that can be written"
    case .noSpace: "room on the disk"
    case .notEmpty: "a new or empty folder"
    case .heldBack: "a data set with training pictures, which alone are changed"
    case .insideData(let data): "a folder outside of \(data)"
    }
  }

  /// What was there instead.
  public var found: String {
    switch reason {
    case .missing: "nothing"
    case .notAFolder: "a file"
    case .unreadableFolder(let reason), .file(let reason), .unwritable(let reason): reason.description
    case .tooFewClasses(let names): names.isEmpty ? "none" : "only " + names.map { "'\($0)'" }.joined(separator: ", ")
    case .unknownClass(let name, _, _): "the class '\(name)'"
    case .noTrainingSplit(let names), .ambiguousSplit(_, let names):
      names.map { "'\($0)'" }.joined(separator: ", ")
    case .emptySplit: "none"
    case .damagedFile(_, let found), .refusedArchive(_, let found): found
    case .line(let line, _, let found): "\(found) in line \(line)"
    case .archiveAbsent: "a program that was built without it"
    case .noCache(let reason): reason
    case .table: "a table"
    case .noSpace: "none left"
    case .notEmpty: "a folder that is not empty"
    case .heldBack(let split): "the \(split.rawValue) split"
    case .insideData: "one inside"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch reason {
    case .missing, .notAFolder: "check the path"
    case .unreadableFolder, .file, .unwritable: "check the path and its permissions"
    case .tooFewClasses: "put the images of each class into a folder named after it"
    case .unknownClass(let name, let split, let near):
      if let near {
        "rename it '\(near)', or add '\(name)' to the training split"
      } else {
        "add '\(name)' to the training split, or remove it from the \(split.rawValue) split"
      }
    case .noTrainingSplit: "add a folder named Train"
    case .ambiguousSplit: "keep one of them"
    case .emptySplit: "add images"
    case .damagedFile: "download the file again"
    case .refusedArchive: "pack the folder again as a plain zip, or give the folder itself"
    case .archiveAbsent:
      "install its headers (Debian: apt install libarchive-dev, macOS: brew install libarchive) and build again, or unpack the archive"
    case .noCache: "unpack the archive and give the folder"
    case .line: "correct the line"
    case .table: "give a folder of images"
    case .notEmpty, .insideData: "choose another folder"
    case .heldBack: "give the folder that holds all splits"
    case .noSpace: "free some, or choose another place"
    }
  }

  public var description: String { "\(path): expected \(expected), found \(found); \(remedy)" }
}
