import NunchiSystem
import NunchiTensors
import Synchronization

/// The pixels of the items of one split in a file: a head, a byte for each item that says whether it is there, the images.
///
/// It is written under a temporary name, an image at a time in any order, and gets its own when all items have been seen.
/// Read and written with `pread` and `pwrite`: a mapped file on a full disk would end the process.
final class CacheFile: @unchecked Sendable {
  static let ending = ".pixels"
  private static let version = 1
  private static let headBytes = 64

  private let descriptor: Int32
  /// The name that the complete file has.
  private let path: String
  private let items: Int
  private let imageBytes: Int
  private let warn: @Sendable (String) -> Void
  private let state: Mutex<State>

  private struct State {
    /// While the file is being written: its name, and the items that have not been seen.
    var temporary: String?
    var missing: Int
    var isThere: [UInt8]
    var failed = false
  }

  private static func pixelsStart(_ items: Int) -> Int { (headBytes + items).roundedUp(toMultipleOf: 4096) }

  static func byteCount(items: Int, imageBytes: Int) -> Int { pixelsStart(items) + items * imageBytes }

  private static func head(_ items: Int, _ imageBytes: Int) -> [UInt8] {
    var head = Array("NUNCHIPX".utf8)
    for number in [version, items, imageBytes] {
      withUnsafeBytes(of: Int64(number).littleEndian) { head.append(contentsOf: $0) }
    }
    return head + [UInt8](repeating: 0, count: headBytes - head.count)
  }

  /// A complete file; `nil` where there is none, or none that is whole.
  init?(complete path: String, items: Int, imageBytes: Int) {
    guard let file = try? OpenFile(reading: path) else { return nil }
    let descriptor = file.number
    var start = [UInt8](repeating: 0, count: Self.headBytes + items)
    let whole =
      (try? file.status())?.size == Self.byteCount(items: items, imageBytes: imageBytes)
      && start.withUnsafeMutableBytes { Self.transfer($0.count, { pread(descriptor, $0, $1, $2) }, $0.baseAddress!, 0) }
      && Array(start.prefix(Self.headBytes)) == Self.head(items, imageBytes)
    guard whole else {
      close(descriptor)
      return nil
    }
    (self.descriptor, self.path, self.items, self.imageBytes) = (descriptor, path, items, imageBytes)
    warn = { _ in }
    state = Mutex(State(temporary: nil, missing: 0, isThere: Array(start.dropFirst(Self.headBytes))))
    // The time of the last use decides which file goes first.
    futimens(descriptor, nil)
  }

  /// A new file, empty.
  init?(new path: String, items: Int, imageBytes: Int, warn: @escaping @Sendable (String) -> Void) {
    let temporary = AtomicFile.temporaryName(of: path)
    let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard ftruncate(descriptor, off_t(Self.byteCount(items: items, imageBytes: imageBytes))) == 0 else {
      close(descriptor)
      unlink(temporary)
      return nil
    }
    (self.descriptor, self.path, self.items, self.imageBytes) = (descriptor, path, items, imageBytes)
    self.warn = warn
    state = Mutex(State(temporary: temporary, missing: items, isThere: [UInt8](repeating: 0, count: items)))
  }

  deinit {
    close(descriptor)
    state.withLock { if let temporary = $0.temporary { _ = unlink(temporary) } }
  }

  func holds(_ index: Int) -> Bool { state.withLock { $0.isThere[index] == 1 } }

  func read(_ index: Int, to target: UnsafeMutablePointer<UInt8>) -> Bool {
    Self.transfer(imageBytes, { pread(descriptor, $0, $1, $2) }, UnsafeMutableRawPointer(target), offset(index))
  }

  /// Writes an image; `false` where the disk takes no more, after which nothing is written again.
  func write(_ index: Int, from source: UnsafeMutablePointer<UInt8>) -> Bool {
    guard !state.withLock(\.failed) else { return false }
    let written = Self.transfer(
      imageBytes, { pwrite(descriptor, $0, $1, $2) }, UnsafeMutableRawPointer(source), offset(index))
    guard written else {
      giveUp(.last)
      return false
    }
    saw(index, there: true)
    return true
  }

  /// The item is damaged: nothing is waited for.
  func leaveOut(_ index: Int) { saw(index, there: false) }

  private func saw(_ index: Int, there: Bool) {
    let complete: [UInt8]? = state.withLock { state in
      guard state.temporary != nil, !state.failed else { return nil }
      if there { state.isThere[index] = 1 }
      state.missing -= 1
      return state.missing == 0 ? state.isThere : nil
    }
    if let complete { finish(complete) }
  }

  /// The file becomes one that others find.
  private func finish(_ isThere: [UInt8]) {
    var start = Self.head(items, imageBytes) + isThere
    let written = start.withUnsafeMutableBytes {
      Self.transfer($0.count, { pwrite(descriptor, $0, $1, $2) }, $0.baseAddress!, 0)
    }
    guard written, fsync(descriptor) == 0, let temporary = state.withLock(\.temporary), rename(temporary, path) == 0
    else { return giveUp(.last) }
    state.withLock { $0.temporary = nil }
  }

  /// What is there already stays readable in this process; the name goes.
  private func giveUp(_ reason: FileError.Reason) {
    let temporary: String? = state.withLock { state in
      guard !state.failed else { return nil }
      state.failed = true
      defer { state.temporary = nil }
      return state.temporary
    }
    guard let temporary else { return }
    unlink(temporary)
    warn("\(path): decoded pictures are not kept in a file (\(reason)); every epoch decodes again what is not there")
  }

  private func offset(_ index: Int) -> Int { Self.pixelsStart(items) + index * imageBytes }

  /// Moves all bytes, or tells that it could not.
  private static func transfer(
    _ count: Int, _ move: (UnsafeMutableRawPointer, Int, off_t) -> Int, _ memory: UnsafeMutableRawPointer, _ offset: Int
  ) -> Bool {
    var done = 0
    while done < count {
      let moved = move(memory + done, count - done, off_t(offset + done))
      if moved < 0 && errno == EINTR { continue }
      guard moved > 0 else { return false }
      done += moved
    }
    return true
  }
}
