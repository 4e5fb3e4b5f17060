import NunchiImages
import NunchiSystem

/// A generated data set in a folder: `Train`, `Validation` and `Test`, each with a folder for each class.
package struct GeneratedFolder: Sendable {
  /// The files of generated data sets.
  package enum Format: String, Sendable, Hashable, CaseIterable {
    case jpeg = "jpg"
    case png = "png"

    func encode(_ image: Image, quality: Int) throws(ImageError) -> [UInt8] {
      switch self {
      case .jpeg: try image.encodedJPEG(quality: quality)
      case .png: try image.encodedPNG()
      }
    }
  }

  private let path: String
  /// The folders of the files, those that others lie in first.
  private let folders: [String]
  private let count: Int
  private let file: @Sendable (Int) -> String

  /// - Parameter noun: what the files are called: face-00000.jpg.
  init(
    _ path: String, classes: [String], of noun: String, count: Int, format: Format,
    label: @escaping @Sendable (Int) -> Int
  ) {
    precondition(count >= 0, "a number of pictures is not negative, got \(count)")
    self.path = path
    self.count = count
    folders = Split.allCases.flatMap { split in
      let folder = path + "/" + split.folderName
      return [folder] + classes.map { folder + "/" + $0 }
    }
    file = { index in
      let split = Self.split(index, of: count, classes: classes.count).folderName
      return "\(path)/\(split)/\(classes[label(index)])/\(Self.name(noun, index)).\(format.rawValue)"
    }
  }

  /// A folder of pictures without classes.
  init(_ path: String, of noun: String, count: Int, format: Format) {
    self.path = path
    self.count = count
    folders = []
    file = { "\(path)/\(Self.name(noun, $0)).\(format.rawValue)" }
  }

  /// "face-00042"
  static func name(_ noun: String, _ index: Int) -> String {
    noun + "-" + NumberText.padded(index, 5)
  }

  /// The split of the picture with this number, where the classes take turns: of each class 70 % for training, 15 % for
  /// validation, the rest for testing.
  static func split(_ index: Int, of count: Int, classes: Int) -> Split {
    let rounds = (count + classes - 1) / classes
    let held = rounds < 3 ? 0 : max(1, (rounds * 15 + 50) / 100)
    let round = index / classes
    return round < rounds - 2 * held ? .train : round < rounds - held ? .validation : .test
  }

  /// Writes all pictures, and then the text, if there is one; or leaves the folder as it was: after a failure, and where
  /// `isStopped` says so, which is then answered by `false`.
  func write(
    threads: Int, isStopped: @escaping @Sendable () -> Bool,
    _ encode: @escaping @Sendable (Int) throws(ImageError) -> [UInt8],
    thenFile last: (name: String, text: () -> String)? = nil
  ) throws(DatasetError) -> Bool {
    let isNew = try Self.makeFolder(path)
    guard try FolderListing(path).entries.isEmpty else { throw DatasetError(.notEmpty, path: path) }
    var isWhole = false
    defer { if !isWhole { remove(isNew: isNew) } }
    for folder in folders { try Self.makeFolder(folder) }
    let lock = ConditionLock()
    nonisolated(unsafe) var failure: ImageError?
    let file = file
    let isDone = Pass(count: count, threads: threads).runWhile { index in
      do throws(ImageError) {
        try FileBytes.write(encode(index), to: file(index))
      } catch {
        lock.locked { failure = error }
        return false
      }
      return !isStopped()
    }
    if let failure { throw DatasetError(writing: failure) }
    guard isDone else { return false }
    if let last { try Self.write(last.text(), to: path + "/" + last.name) }
    isWhole = true
    return true
  }

  private static func write(_ text: String, to path: String) throws(DatasetError) {
    do throws(ImageError) {
      try FileBytes.write(Array(text.utf8), to: path)
    } catch {
      throw DatasetError(writing: error)
    }
  }

  private func remove(isNew: Bool) {
    for index in 0..<count { unlink(file(index)) }
    for folder in folders.reversed() { rmdir(folder) }
    if isNew { rmdir(path) }
  }

  /// Makes the folder; `false` where it is there already.
  @discardableResult
  private static func makeFolder(_ path: String) throws(DatasetError) -> Bool {
    do {
      return try Folder.make(path)
    } catch {
      throw DatasetError(unwritable: error.reason, path: path)
    }
  }
}

extension DatasetError {
  /// A file or folder that cannot be written.
  init(unwritable reason: FileError.Reason, path: String) {
    self.init(reason.isFull ? .noSpace : .unwritable(reason), path: path)
  }

  /// What a picture that cannot be written means for the data set.
  init(writing error: ImageError) {
    self.init(unwritable: error.fileReason, path: error.source)
  }
}

extension Split {
  /// The folder of a generated data set.
  var folderName: String {
    switch self {
    case .train: "Train"
    case .validation: "Validation"
    case .test: "Test"
    }
  }
}
