import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A web server on this machine that answers as a test wants, also badly.
package final class LocalServer: Sendable {
  package struct Request: Sendable, Hashable {
    package let path: String
    /// Where the range that is asked for begins.
    package let from: Int?

    package init(path: String, from: Int?) {
      self.path = path
      self.from = from
    }
  }

  package struct Answer: Sendable {
    let status: Int
    let headers: [String]
    let file: [UInt8]
    let cutAfter: Int?
    let silence: UInt32
    let knowsRanges: Bool

    /// - Parameters:
    ///   - file: the whole file; of a range its part is sent.
    ///   - cutAfter: bytes after which the connection is cut.
    ///   - silence: seconds before that.
    package init(
      status: Int = 200, headers: [String] = [], file: [UInt8] = [], cutAfter: Int? = nil, silence: UInt32 = 0,
      knowsRanges: Bool = true
    ) {
      self.status = status
      self.headers = headers
      self.file = file
      self.cutAfter = cutAfter
      self.silence = silence
      self.knowsRanges = knowsRanges
    }
  }

  let port: Int
  private let socket: Int32
  private let log: Log

  private final class Log: @unchecked Sendable {
    private let lock = NSLock()
    private var requests: [Request] = []
    func add(_ request: Request) -> Int {
      lock.withLock {
        requests.append(request); return requests.count - 1
      }
    }
    var all: [Request] { lock.withLock { requests } }
  }

  /// - Parameter answer: called with each request and the number of those before it.
  package init(_ answer: @escaping @Sendable (Request, Int) -> Answer) {
    #if canImport(Darwin)
    let kind = SOCK_STREAM
    #else
    let kind = Int32(SOCK_STREAM.rawValue)
    #endif
    let listener = Foundation.socket(AF_INET, kind, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(listener, $0, size) == 0 && listen(listener, 8) == 0)
        getsockname(listener, $0, &size)
      }
    }
    let log = Log()
    (socket, port, self.log) = (listener, Int(UInt16(bigEndian: address.sin_port)), log)
    Thread {
      while true {
        let client = accept(listener, nil, nil)
        if client < 0 { return }
        Thread { Self.serve(client, log, answer) }.start()
      }
    }
    .start()
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  package var base: String { "http://127.0.0.1:\(port)/" }
  package var requests: [Request] { log.all }

  private static func serve(_ client: Int32, _ log: Log, _ answer: (Request, Int) -> Answer) {
    defer { close(client) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.suffix(4).elementsEqual([13, 10, 13, 10]) {
      let count = recv(client, &buffer, buffer.count, 0)
      if count <= 0 { return }
      text += buffer[..<count]
    }
    let lines = String(decoding: text, as: UTF8.self).components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: String(lines[0].split(separator: " ")[1].dropFirst()),
      from: range.flatMap { Int($0.dropFirst(13).dropLast()) })
    let answer = answer(request, log.add(request))
    send(reply(request, answer), client)
    if answer.silence > 0 { sleep(answer.silence) }
  }

  private static func reply(_ request: Request, _ answer: Answer) -> [UInt8] {
    var (status, from) = (answer.status, 0)
    var headers = answer.headers
    if status == 200, answer.knowsRanges, let start = request.from {
      status = start < answer.file.count ? 206 : 416
      from = min(start, answer.file.count)
      headers.append("Content-Range: bytes \(start)-\(answer.file.count - 1)/\(answer.file.count)")
    }
    let body = answer.file[from...]
    headers.append("Content-Length: \(body.count)")
    let head = "HTTP/1.1 \(status) X\r\nConnection: close\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n"
    return Array(head.utf8) + body.prefix(answer.cutAfter ?? .max)
  }

  private static func send(_ bytes: [UInt8], _ client: Int32) {
    var sent = 0
    while sent < bytes.count {
      #if canImport(Darwin)
      let count = bytes[sent...].withUnsafeBytes { Foundation.send(client, $0.baseAddress, $0.count, 0) }
      #else
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      #endif
      if count <= 0 { return }
      sent += count
    }
  }
}
