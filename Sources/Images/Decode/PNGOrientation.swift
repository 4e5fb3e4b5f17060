import NunchiCodecs
import NunchiSystem

extension Orientation {
  /// How the picture of a PNG file lies; upright where nothing says it, or only damaged metadata.
  ///
  /// As Pillow has it: the tag of the `eXIf` chunk, or of ImageMagick's `Raw profile type exif` where there is no such
  /// chunk, and without a tag `tiff:Orientation` of the XMP packet. Chunks behind the pixels count too; of two that say the
  /// same the last.
  init(png bytes: [UInt8]) {
    let metadata = PNGMetadata(bytes)
    let exif = metadata.exif.map { Array($0) } ?? metadata.profile.flatMap(PNGMetadata.profile)
    let tag = exif.flatMap { Self.tag(tiff: PNGMetadata.withoutName($0)) }
    self = (tag ?? metadata.packet.flatMap(PNGMetadata.orientation)).flatMap(Orientation.init(rawValue:)) ?? .topLeft
  }
}

/// The chunks of a PNG file that may say how its picture lies.
private struct PNGMetadata {
  /// A TIFF structure.
  private(set) var exif: ArraySlice<UInt8>?
  /// A TIFF structure in hexadecimal digits, behind three lines.
  private(set) var profile: [UInt8]?
  /// An XMP packet.
  private(set) var packet: [UInt8]?

  /// Bytes of a text when expanded; no camera's metadata are larger.
  private static let textLimit = 1 << 20

  init(_ bytes: [UInt8]) {
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let start = position + 8
      guard length <= bytes.count - start else { return }
      take(String(decoding: bytes[position + 4..<start], as: UTF8.self), bytes[start..<start + length])
      position = start + length + 4
    }
  }

  private mutating func take(_ name: String, _ body: ArraySlice<UInt8>) {
    switch name {
    case "eXIf": exif = body
    case "tEXt", "zTXt", "iTXt":
      guard let end = body.firstIndex(of: 0) else { return }
      let rest = body[(end + 1)...]
      switch String(decoding: body[..<end], as: UTF8.self) {
      case "exif" where name == "tEXt": exif = rest
      case "Raw profile type exif": profile = Self.text(name, rest) ?? profile
      case "XML:com.adobe.xmp": packet = Self.text(name, rest) ?? packet
      default: break
      }
    default: break
    }
  }

  /// The text of a chunk from behind its keyword; nil where it cannot be expanded or is longer than the limit.
  private static func text(_ name: String, _ body: ArraySlice<UInt8>) -> [UInt8]? {
    switch name {
    case "zTXt": return body.first == 0 ? expanded(body.dropFirst()) : nil
    case "iTXt":
      // Whether and how it is compressed, a language, the keyword in that language, the text.
      guard body.count >= 2 else { return nil }
      let parts = body.dropFirst(2).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      if body[body.startIndex] == 0 { return plain(parts[2]) }
      return body[body.startIndex + 1] == 0 ? expanded(parts[2]) : nil
    default: return plain(body)
    }
  }

  private static func plain(_ text: ArraySlice<UInt8>) -> [UInt8]? { text.count <= textLimit ? Array(text) : nil }

  /// What a zlib stream holds; its checksum is not compared.
  private static func expanded(_ stream: ArraySlice<UInt8>) -> [UInt8]? {
    // Deflate, and no dictionary.
    guard stream.count > 2, stream[stream.startIndex] & 15 == 8, stream[stream.startIndex + 1] & 0x20 == 0 else {
      return nil
    }
    let room = min(stream.count * 1032, textLimit)
    var result = nunchi_inflated()
    var message = CMessage()
    let text = stream.dropFirst(2).withUnsafeBufferPointer { packed in
      [UInt8](unsafeUninitializedCapacity: room) { target, used in
        let answer = message.receive {
          nunchi_inflate(packed.baseAddress, packed.count, target.baseAddress, room, &result, $0, $1)
        }
        used = answer == NUNCHI_CODEC_OK ? result.produced : 0
      }
    }
    return result.ended ? text : nil
  }

  // MARK: - What they say

  /// The bytes of a profile: hexadecimal digits behind an empty line, its name and its length, spaces left out.
  static func profile(_ text: [UInt8]) -> [UInt8]? {
    let parts = text.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in parts[3] where character != 0x20 && !(0x09...0x0D).contains(character) {
      guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else { return nil }
      if let first = high { bytes.append(first << 4 | UInt8(digit)) }
      high = high == nil ? UInt8(digit) : nil
    }
    return high == nil ? bytes : nil
  }

  /// Without the name that begins JPEG's segment, which some writers keep.
  static func withoutName(_ exif: [UInt8]) -> [UInt8] {
    var rest = exif[...]
    for _ in 0..<2 where rest.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) { rest = rest.dropFirst(6) }
    return Array(rest)
  }

  /// The digit of `tiff:Orientation="6"` or `<tiff:Orientation>6<`.
  static func orientation(packet: [UInt8]) -> Int? {
    let name = Array("tiff:Orientation".utf8)
    var rest = packet[...]
    while let start = rest.firstIndex(of: name[0]) {
      rest = rest[start...]
      if rest.starts(with: name) {
        let value = rest.dropFirst(name.count)
        let digit =
          value.starts(with: [0x3E]) ? value.dropFirst() : value.starts(with: [0x3D, 0x22]) ? value.dropFirst(2) : []
        if let digit = digit.first, (0x30...0x39).contains(digit) { return Int(digit) - 0x30 }
      }
      rest = rest.dropFirst()
    }
    return nil
  }
}
