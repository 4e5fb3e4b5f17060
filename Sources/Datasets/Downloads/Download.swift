import NunchiSystem
import NunchiTransfers

/// One file from a server into a `.part` file, which a later attempt goes on with.
package struct Download: Sendable {
  package struct Options: Sendable {
    /// Attempts in a row that bring nothing new.
    package var attempts = 4
    /// Seconds before the second attempt; each further one waits twice as long.
    package var pause = 1.0
    package var connectSeconds = 15
    /// Seconds without a byte after which a connection counts as broken.
    package var stallSeconds = 30
    /// libcurl, where it is not in its usual place.
    package var library: String?
    /// Stands in for libcurl.
    package var curl: (@Sendable () -> UnsafePointer<nunchi_curl>)?

    package init() {}
  }

  let address: String
  /// Where the bytes are collected.
  let part: String
  let options: Options

  /// Downloads to the end, in several attempts where it must.
  ///
  /// - Parameter report: is told about once a second how many bytes are there of how many; `false` stops.
  /// - Returns: whether bytes of an earlier run are in the file.
  func run(_ report: (_ received: Int, _ total: Int?) -> Bool) throws(DownloadError) -> Bool {
    let file = try PartFile(part)
    defer { file.close() }
    let kept = file.count > 0
    var (fruitless, isAnew) = (0, false)
    while true {
      let before = file.count
      do throws(DownloadError) {
        try attempt(file, report)
        return kept && !isAnew
      } catch {
        // What is there is not the beginning of what the server has.
        if error.reason == .status(416), before > 0 {
          try file.truncate()
          isAnew = true
          continue
        }
        fruitless = file.count > before ? 0 : fruitless + 1
        guard error.isTransient, fruitless < options.attempts else { throw error }
        try wait(options.pause * Double(1 << min(max(fruitless - 1, 0), 5)), file, report)
      }
    }
  }

  private func attempt(_ file: PartFile, _ report: (Int, Int?) -> Bool) throws(DownloadError) {
    let result = withoutActuallyEscaping(report) { report in
      let receiver = Receiver(file, report)
      return transfer(receiver, from: file.count)
    }
    if let failure = file.failure { throw DownloadError(.file(failure), part) }
    let said = withUnsafeBytes(of: result.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    switch Int(result.outcome) {
    case NUNCHI_TRANSFER_OK: return
    case NUNCHI_TRANSFER_NO_LIBRARY: throw DownloadError(.noLibrary, address)
    case NUNCHI_TRANSFER_ADDRESS: throw DownloadError(.address(said), address)
    case NUNCHI_TRANSFER_STOPPED: throw DownloadError(.stopped, address)
    case NUNCHI_TRANSFER_OPTION: throw DownloadError(.option(said), address)
    case NUNCHI_TRANSFER_REFUSED: throw DownloadError(.status(Int(result.status)), address)
    default: throw DownloadError(.network(said), address)
    }
  }

  private func transfer(_ receiver: Receiver, from: Int) -> nunchi_transfer_result {
    var result = nunchi_transfer_result()
    var request = nunchi_transfer_request()
    request.from = Int64(from)
    request.connect_seconds = Int32(options.connectSeconds)
    request.stall_seconds = Int32(options.stallSeconds)
    request.curl = options.curl?()
    request.context = Unmanaged.passUnretained(receiver).toOpaque()
    request.start = { context, offset, total in
      Receiver.of(context).start(Int(offset), total < 0 ? nil : Int(total))
    }
    request.write = { context, bytes, count in
      Receiver.of(context).file.append(UnsafeRawBufferPointer(start: bytes, count: count))
    }
    request.alive = { context in Receiver.of(context).alive() }
    address.withCString { url in
      request.url = url
      guard let library = options.library else { return nunchi_transfer(&request, &result) }
      library.withCString {
        request.library = $0
        nunchi_transfer(&request, &result)
      }
    }
    withExtendedLifetime(receiver) {}
    return result
  }

  /// Waits in small steps, so that a wish to stop is heard.
  private func wait(_ seconds: Double, _ file: PartFile, _ report: (Int, Int?) -> Bool) throws(DownloadError) {
    for _ in 0..<Int(seconds * 10) {
      guard report(file.count, nil) else { throw DownloadError(.stopped, address) }
      usleep(100_000)
    }
  }

  /// What libcurl calls back.
  private final class Receiver {
    let file: PartFile
    private let report: (Int, Int?) -> Bool
    private var total: Int?

    init(_ file: PartFile, _ report: @escaping (Int, Int?) -> Bool) {
      self.file = file
      self.report = report
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> Receiver {
      Unmanaged<Receiver>.fromOpaque(context!).takeUnretainedValue()
    }

    func start(_ offset: Int, _ total: Int?) -> Bool {
      self.total = total
      // A server that cannot begin in the middle sends the file from its start.
      if offset != file.count { try? file.truncate() }
      return offset == file.count
    }

    func alive() -> Bool { report(file.count, total) }
  }
}

/// The file that a download is collected in, locked against other programs.
private final class PartFile {
  private let path: String
  private let descriptor: Int32
  private(set) var count: Int
  /// What the system said when bytes could not be written.
  private(set) var failure: FileError.Reason?

  init(_ path: String) throws(DownloadError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw DownloadError(.file(.last), path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      systemClose(descriptor)
      throw DownloadError(.busy, path)
    }
    count = Int(lseek(descriptor, 0, SEEK_END))
  }

  func close() { systemClose(descriptor) }

  func truncate() throws(DownloadError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw DownloadError(.file(.last), path)
    }
    count = 0
  }

  func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      try OpenFile(number: descriptor, path: path).write(bytes)
    } catch {
      failure = error.reason
      return false
    }
    count += bytes.count
    return true
  }
}

// Inside `PartFile` the name `close` is its own; this is the system's.
private func systemClose(_ file: Int32) { close(file) }
