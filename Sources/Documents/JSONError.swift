import NunchiSystem

/// A text is no JSON document: why, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// The text ends inside a value.
    case unexpectedEnd(expected: String)
    /// There is another byte than expected.
    case unexpected(found: UInt8, expected: String)
    case textAfterDocument
    case invalidNumber
    case numberOutOfRange
    case invalidEscape
    case unpairedSurrogate
    case controlCharacter(UInt8)
    case invalidUTF8
    case duplicateKey(String)
    case tooDeep(limit: Int)
    case tooLarge(bytes: Int, limit: Int)
  }

  package let reason: Reason
  /// The index of the faulty byte, counted from 0.
  package let offset: Int
  /// The line and the column (in bytes) of `offset`, counted from 1.
  package let line: Int
  package let column: Int

  init(_ reason: Reason, at offset: Int, in text: UnsafeBufferPointer<UInt8>) {
    self.reason = reason
    self.offset = offset
    let before = text.prefix(offset)
    line = 1 + before.lazy.count { $0 == UInt8(ascii: "\n") }
    column = 1 + before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
  }

  package var description: String { "\(problem) at line \(line), column \(column) (byte \(offset))" }

  private var problem: String {
    switch reason {
    case .unexpectedEnd(let expected): "expected \(expected), found the end of the text"
    case .unexpected(let found, let expected): "expected \(expected), found \(Self.name(found))"
    case .textAfterDocument: "expected the end of the text, found more after the document"
    case .invalidNumber: "expected a number such as 1, -0.5 or 1e9, found another form"
    case .numberOutOfRange: "expected a number a Double can hold, found a larger one"
    case .invalidEscape: "expected an escape such as \\n or \\u00e9, found another"
    case .unpairedSurrogate: "expected a pair of \\u escapes for one character, found half of it"
    case .controlCharacter(let byte): "expected a text without control characters, found \(Self.name(byte)) in it"
    case .invalidUTF8: "expected UTF-8, found other bytes"
    case .duplicateKey(let key): "expected each key once, found \"\(key)\" again"
    case .tooDeep(let limit): "expected at most \(limit) values inside each other, found more"
    case .tooLarge(let bytes, let limit): "expected at most \(limit) bytes, found \(bytes)"
    }
  }

  private static func name(_ byte: UInt8) -> String {
    (0x21...0x7E).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x" + NumberText.padded(byte, 2, radix: 16)
  }
}
