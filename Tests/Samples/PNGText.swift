/// Chunks of PNG files that hold texts, and texts that say how a picture lies.
package enum PNGText {
  package typealias Chunk = (name: String, body: [UInt8])

  package static func plain(_ keyword: String, _ text: [UInt8]) -> Chunk {
    ("tEXt", Array(keyword.utf8) + [0] + text)
  }

  package static func compressed(_ keyword: String, _ text: [UInt8], method: UInt8 = 0) -> Chunk {
    ("zTXt", Array(keyword.utf8) + [0, method] + PNGWriter.stored(text))
  }

  package static func international(_ keyword: String, _ text: [UInt8], isCompressed: Bool = false) -> Chunk {
    let head = Array(keyword.utf8) + [0, isCompressed ? 1 : 0, 0] + Array("en".utf8) + [0] + Array("x".utf8) + [0]
    return ("iTXt", head + (isCompressed ? PNGWriter.stored(text) : text))
  }

  package static let profileName = "Raw profile type exif"
  package static let packetName = "XML:com.adobe.xmp"

  /// EXIF data as ImageMagick writes them into a text: lines of 72 hexadecimal digits.
  package static func profile(_ exif: [UInt8]) -> [UInt8] {
    var text = "\nexif\n       \(exif.count)\n"
    for (index, byte) in exif.enumerated() {
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16) + (index % 36 == 35 ? "\n" : "")
    }
    return Array((text + "\n").utf8)
  }

  /// An XMP packet with the orientation as an attribute or as an element.
  package static func packet(orientation: Int, asElement: Bool = false) -> [UInt8] {
    let (attribute, element) =
      asElement
      ? ("", "<tiff:Orientation>\(orientation)</tiff:Orientation>") : (" tiff:Orientation=\"\(orientation)\"", "")
    return Array(
      "<x:xmpmeta><rdf:RDF><rdf:Description tiff:OrientationX=\"3\"\(attribute)>\(element)</rdf:Description>".utf8)
  }
}
