import NunchiImages

/// Small images embedded in a page.
package enum Thumbnail {
  /// An image as an HTML element, its longer side at most `side` pixels.
  ///
  /// - Parameter caption: a text for screen readers and for the tooltip.
  package static func element(_ picture: Image, side: Int = 168, caption: String) -> String {
    let scale = min(1, Double(side) / Double(max(picture.width, picture.height)))
    let width = max(1, Int((Double(picture.width) * scale).rounded()))
    let height = max(1, Int((Double(picture.height) * scale).rounded()))
    let small = scale < 1 ? picture.resized(width: width, height: height) : picture
    guard let source = dataURI(small) else { return "" }
    let text = escaped(caption)
    return "<img src=\"\(source)\" width=\"\(width)\" height=\"\(height)\" alt=\"\(text)\" title=\"\(text)\" "
      + "loading=\"lazy\">"
  }

  /// The image as a data URI; `nil` where this build cannot write images.
  private static func dataURI(_ picture: Image) -> String? {
    // Tiny images are shown enlarged, where compression would be visible.
    if max(picture.width, picture.height) > 48, let bytes = try? picture.encodedJPEG(quality: 82) {
      return "data:image/jpeg;base64," + base64(bytes)
    }
    return (try? picture.encodedPNG()).map { "data:image/png;base64," + base64($0) }
  }
}

/// Bytes in Base64 (RFC 4648).
func base64(_ bytes: [UInt8]) -> String {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let count = min(3, bytes.count - start)
    var group: UInt32 = 0
    for place in 0..<3 { group = group << 8 | (place < count ? UInt32(bytes[start + place]) : 0) }
    for place in 0..<4 {
      text.append(place <= count ? letters[Int(group >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
