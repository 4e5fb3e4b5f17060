import NunchiImages
import NunchiSystem

/// Downloads data sets into a folder: verified, and each file whole or not there. Other files are never touched.
package struct Fetcher {
  /// A file that is in its place now.
  package struct Placed: Sendable, Hashable {
    package let name: String
    /// Whether it was there before.
    package let wasThere: Bool

    package init(name: String, wasThere: Bool) {
      self.name = name
      self.wasThere = wasThere
    }
  }

  package enum Event: Sendable, Hashable {
    case receiving(file: String, bytes: Int, of: Int?)
    /// Files of an archive.
    case unpacking(Int, of: Int)
    /// An address did not do, and the next one is tried.
    case mirrorFailed(String)
    case placed(Placed)
  }

  private let folder: String
  private let options: Download.Options
  private let report: (Event) -> Bool

  /// - Parameter report: what happens, about once a second; `false` stops.
  package init(
    into folder: String, options: Download.Options = Download.Options(), report: @escaping (Event) -> Bool
  ) {
    self.folder = folder
    self.options = options
    self.report = report
  }

  /// Downloads what is missing of a public set.
  ///
  /// - Parameter base: the address of a folder with the set's files, instead of the known ones.
  package func fetch(_ set: PublicSet, base: String? = nil) throws -> [Placed] {
    try Unpacking.makeFolder(folder)
    let mirrors = base.map { [$0.hasSuffix("/") ? $0 : $0 + "/"] } ?? set.mirrors
    switch set.form {
    case .zippedFiles:
      return try set.files.map { file in
        let placed = try fetchFile(file, mirrors)
        _ = report(.placed(placed))
        return placed
      }
    case .archive(let archive):
      if let placed = try existing(set) { return placed }
      return try received(archive, mirrors) { part in try unpack(set, part) }
    }
  }

  /// Downloads an archive (zip, tar, 7z) and unpacks it into the folder, which must hold nothing else.
  package func fetch(address: String) throws -> [Placed] {
    try Unpacking.makeFolder(folder)
    let name = Self.fileName(address)
    let others = try FolderListing(folder).entries.filter { $0.name != name + ".part" }
    guard others.isEmpty else { throw DatasetError(.notEmpty, path: folder) }
    let remote = Self.last(address)
    let place = String(decoding: address.utf8.dropLast(remote.utf8.count), as: UTF8.self)
    return try received(name, [place], as: remote) { part in
      let members = try Unpacking.members(part)
      return try self.place(Unpacking.withoutWrapping(members))
    }
  }

  // MARK: - One file

  private func fetchFile(_ file: PublicSet.File, _ mirrors: [String]) throws -> Placed {
    let path = folder + "/" + file.name
    for candidate in [path, path + ".gz"] where FileStatus.isFile(candidate) {
      try verify(candidate, file)
      return Placed(name: String(candidate.dropFirst(folder.count + 1)), wasThere: true)
    }
    return try received(file.name + ".gz", mirrors) { part in
      try verify(part, file)
      try Unpacking.rename(part, path + ".gz")
      return Placed(name: file.name + ".gz", wasThere: false)
    }
  }

  /// Downloads a file and hands it to `use`, which takes it away or throws. Where it was made of pieces of two runs, or
  /// comes from one of several servers, it gets another chance.
  private func received<Result>(
    _ name: String, _ mirrors: [String], as remote: String? = nil, use: (_ part: String) throws -> Result
  ) throws -> Result {
    let part = folder + "/" + name + ".part"
    var failure: (any Error)?
    for mirror in mirrors {
      var isResumed = true
      while isResumed {
        do {
          let download = Download(address: mirror + (remote ?? name), part: part, options: options)
          isResumed = try download.run { report(.receiving(file: name, bytes: $0, of: $1)) }
          let result = try use(part)
          unlink(part)
          return result
        } catch let error as DownloadError where !error.isOfContent {
          // The bytes so far stay for the next run, or the next mirror.
          removeIfEmpty(part)
          guard error.isOfServer else { throw error }
          (failure, isResumed) = (error, false)
        } catch {
          unlink(part)
          failure = error
        }
      }
      if mirror != mirrors.last, let failure { _ = report(.mirrorFailed("\(failure)")) }
    }
    throw failure ?? DownloadError(.address("none"), name)
  }

  private func removeIfEmpty(_ path: String) {
    if (try? FileStatus(path))?.size == 0 { unlink(path) }
  }

  private func verify(_ path: String, _ file: PublicSet.File) throws {
    let entry = FolderListing.Entry(name: file.name, path: path, kind: .file, size: 0, place: .disk)
    try check(SHA256.text(SHA256.digest(BinaryFile.read(entry))), file, path)
  }

  private func check(_ digest: String, _ file: PublicSet.File, _ source: String) throws(DownloadError) {
    guard digest == file.digest else {
      throw DownloadError(
        .checksum(expected: "the SHA-256 \(file.digest) of '\(file.name)'", found: digest), source)
    }
  }

  // MARK: - Archives

  /// The files of the set, where all of them are there and right.
  private func existing(_ set: PublicSet) throws -> [Placed]? {
    guard set.files.allSatisfy({ FileStatus.isFile(folder + "/" + $0.name) }) else { return nil }
    for file in set.files { try verify(folder + "/" + file.name, file) }
    return set.files.map { Placed(name: $0.name, wasThere: true) }
  }

  private func unpack(_ set: PublicSet, _ part: String) throws -> [Placed] {
    let members = try Unpacking.members(part)
    let wanted = try set.files.map { file in
      let index = members.firstIndex { $0.path.split(separator: "/").last.map(String.init) == file.name }
      guard let index else {
        throw DownloadError(.checksum(expected: "'\(file.name)' in the archive", found: "none"), part)
      }
      return (file: file, index: index)
    }
    // In the order of the archive, which is the fastest to read.
    return try place(
      wanted.sorted { $0.index < $1.index }.map { file, index in
        let bytes = try members[index].bytes()
        try check(SHA256.text(SHA256.digest(bytes)), file, part)
        return Unpacking.Member(path: file.name) { bytes }
      })
  }

  private func place(_ members: [Unpacking.Member]) throws -> [Placed] {
    try Unpacking(folder).place(members) { report(.unpacking($0, of: $1)) }
    return members.map { Placed(name: $0.path, wasThere: false) }
  }

  // MARK: - Names

  /// What follows the last `/` of an address.
  private static func last(_ address: String) -> String {
    address.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
  }

  /// A plain file name for what lies at an address.
  private static func fileName(_ address: String) -> String {
    let name = last(address).prefix { $0 != "?" && $0 != "#" }.drop { $0 == "." }
    return name.isEmpty ? "archive" : String(name.suffix(100))
  }
}

extension DownloadError {
  /// Whether the bytes came and are not right.
  fileprivate var isOfContent: Bool { if case .checksum = reason { true } else { false } }

  /// Whether another server may do better.
  fileprivate var isOfServer: Bool {
    switch reason {
    case .network, .status: true
    case .noLibrary, .option, .address, .checksum, .file, .busy, .stopped: false
    }
  }
}
