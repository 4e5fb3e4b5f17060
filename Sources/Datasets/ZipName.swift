import NunchiCodecs

/// The name of a member as text: UTF-8 where the archive says so or where it reads so, otherwise code page 437.
struct ZipName {
  let text: String
  /// Whether the bytes are what the archive says that they are.
  let isText: Bool

  var shown: String { ArchivePath.shown(text) }

  /// - Parameter isDOS: whether the archive was made where `\\` separates folders.
  init(_ bytes: [UInt8], isUTF8: Bool, extra: [UInt8], isDOS: Bool) {
    var name: String
    if let better = Self.unicodePath(extra, of: bytes) ?? String(validating: bytes, as: UTF8.self) {
      (name, isText) = (better, true)
    } else {
      name = String(
        String.UnicodeScalarView(bytes.map { $0 < 0x80 ? Unicode.Scalar($0) : Self.upperHalf[Int($0) - 0x80] }))
      isText = !isUTF8
    }
    text = isDOS ? name.replacing("\\", with: "/") : name
  }

  /// Info-ZIP's field 0x7075: the name in UTF-8, with the checksum of the name that it replaces.
  private static func unicodePath(_ extra: [UInt8], of name: [UInt8]) -> String? {
    let field = field(0x7075, in: extra)
    guard field.count > 5, field[0] == 1 else { return nil }
    let checksum = field[1..<5].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard checksum == name.withUnsafeBufferPointer({ nunchi_crc32($0.baseAddress, $0.count) }) else { return nil }
    return String(validating: field[5...], as: UTF8.self)
  }

  /// The content of an extra field by its number; empty where there is none.
  static func field(_ number: Int, in extra: [UInt8]) -> [UInt8] {
    var position = 0
    while position + 4 <= extra.count {
      let (id, count) = (
        Int(extra[position]) | Int(extra[position + 1]) << 8, Int(extra[position + 2]) | Int(extra[position + 3]) << 8
      )
      guard position + 4 + count <= extra.count else { return [] }
      if id == number { return Array(extra[position + 4..<position + 4 + count]) }
      position += 4 + count
    }
    return []
  }

  /// The characters 128 to 255 of code page 437.
  private static let upperHalf = Array(
    """
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}
    """.unicodeScalars)
}
