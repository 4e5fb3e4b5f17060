import NunchiSystem

/// A run folder such as `train-0007`. The link `latest` beside it points to the newest one.
struct RunFolder {
  let path: String
  private let lock: RunLock

  private static let prefix = "train-"
  private static let latest = "latest"
  private static let foldPrefix = "fold-"

  /// Makes the next folder in `out`. Its number follows the highest one and that of `latest`, so that the number of a
  /// deleted run is not reused.
  init(in out: String) throws(TrainingError) {
    try Self.makeFolders(out)
    var number = max(Self.names(in: out).compactMap(Self.number).max() ?? 0, Self.latestNumber(in: out)) + 1
    var path = ""
    while true {
      path = "\(out)/\(Self.prefix)\(NumberText.padded(number, 4))"
      do {
        if try Folder.make(path) { break }
      } catch {
        throw TrainingError.file(error)
      }
      // Another training has taken the number.
      number += 1
    }
    self.path = path
    for inner in ["model", "evaluation"] { try Self.makeFolders(path + "/" + inner) }
    lock = try RunLock(path)
    try pointLatest(in: out)
  }

  /// Opens the folder of a run that is resumed. Temporary files of a killed process are removed.
  init(resuming path: String) throws(TrainingError) {
    self.path = path
    lock = try RunLock(path)
    for folder in [path, path + "/model", path + "/evaluation"] {
      for name in Self.names(in: folder) where name.contains(AtomicFile.temporaryMark) { unlink(folder + "/" + name) }
    }
    for inner in ["model", "evaluation"] { try Self.makeFolders(path + "/" + inner) }
  }

  /// Opens the folder at `path`, and makes it where it does not exist.
  init(at path: String) throws(TrainingError) {
    try Self.makeFolders(path)
    try self.init(resuming: path)
  }

  /// The file that a run resumes from.
  var checkpoint: String { Self.checkpoint(of: path) }

  static func checkpoint(of path: String) -> String { "\(path)/model/\(Checkpoint.name)" }

  /// Whether the run at `path` has a checkpoint.
  static func hasCheckpoint(_ path: String) -> Bool { access(checkpoint(of: path), F_OK) == 0 }

  /// The text of a file of the run; empty where there is none.
  func text(_ name: String) -> String { Self.text(name, in: path) }

  /// The text of a file of the run at `path`; empty where there is none.
  static func text(_ name: String, in path: String) -> String {
    (try? MappedFile(path: path + "/" + name).withBytes { String(decoding: $0, as: UTF8.self) }) ?? ""
  }

  /// The folder of a fold inside the folder of its cross-validation.
  static func path(of fold: Fold, in run: String) -> String { "\(run)/\(foldPrefix)\(fold.number)" }

  /// The names of the run folders in `out`, ordered by number. In the folder of a cross-validation these are its folds.
  static func runs(in out: String) throws(TrainingError) -> [String] {
    let status: FileStatus
    do {
      status = try FileStatus(out)
    } catch {
      throw .file(FileError(path: out, action: "read the folder", reason: error.reason))
    }
    guard status.kind == .folder else {
      throw .run(path: out, expected: "a folder with runs", found: "a file")
    }
    return names(in: out).compactMap { name in (number(name) ?? foldNumber(name)).map { (name, $0) } }
      .sorted { $0.1 < $1.1 }.map(\.0)
  }

  /// Writes a file of the run, whole or not at all.
  func write(_ text: String, _ name: String) throws(TrainingError) {
    do {
      try AtomicFile.write(text, to: path + "/" + name)
    } catch {
      throw TrainingError.file(error)
    }
  }

  private func pointLatest(in out: String) throws(TrainingError) {
    let link = "\(out)/\(Self.latest)"
    let temporary = "\(path).link"
    let target = FilePath.name(path)
    guard symlink(target, temporary) == 0, rename(temporary, link) == 0 else {
      let error = Self.lastError("write", link)
      unlink(temporary)
      throw error
    }
  }

  private static func number(_ name: some StringProtocol) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    let digits = name.dropFirst(prefix.count)
    guard digits.count >= 4, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(digits)
  }

  private static func foldNumber(_ name: String) -> Int? {
    guard name.hasPrefix(foldPrefix) else { return nil }
    return Int(name.dropFirst(foldPrefix.count)).flatMap { $0 > 0 ? $0 : nil }
  }

  private static func latestNumber(in out: String) -> Int {
    target("\(out)/\(latest)")?.split(separator: "/").last.flatMap(number) ?? 0
  }

  /// The path of a run folder. A link to a folder beside it, such as `latest`, is followed.
  static func resolved(_ path: String) -> String {
    guard let target = target(path), !target.contains("/") else { return path }
    return FilePath.folder(path) + target
  }

  /// The target of a symbolic link; nil where it is none.
  private static func target(_ link: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = buffer.withUnsafeMutableBytes {
      readlink(link, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  private static func names(in folder: String) -> [String] {
    ((try? Folder.names(in: folder)) ?? []).map(\.text)
  }

  /// Makes a folder with its parents.
  private static func makeFolders(_ path: String) throws(TrainingError) {
    do {
      try Folder.makeAll(path)
    } catch {
      throw TrainingError.file(error)
    }
  }

  fileprivate static func lastError(_ action: String, _ path: String) -> TrainingError {
    .file(.last(action, path))
  }
}

/// A lock that keeps a second process from training in the same run folder. It ends with the process.
private final class RunLock: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws(TrainingError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw RunFolder.lastError("open", path) }
    // Some file systems have no locks; the training then runs without one.
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    close(descriptor)
    throw .file(FileError(path: path, action: "train", reason: "another process is training this run"))
  }

  deinit { close(descriptor) }
}
