/// A buffer for the message of a C function.
package struct CMessage {
  private var bytes = [CChar](repeating: 0, count: 256)

  package init() {}

  /// Calls `body` with the buffer and its size, which includes the final 0.
  package mutating func receive<Result>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Result) -> Result {
    bytes.withUnsafeMutableBufferPointer { body($0.baseAddress!, $0.count) }
  }

  package var text: String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
