/// What a file says of its picture, before any of it is decoded.
package struct ImageHeader: Sendable, Hashable {
  package let format: ImageFormat
  /// Of the upright picture.
  package let width: Int
  /// Of the upright picture.
  package let height: Int
  /// 1 (gray) or 3 (red, green, blue).
  package let channels: Int
  /// Whether EXIF says that the picture is stored lying or mirrored; it is decoded upright.
  package var isTurned: Bool { orientation != .topLeft }

  let orientation: Orientation
  let stored: StoredPicture

  init(format: ImageFormat, stored: StoredPicture, orientation: Orientation) {
    self.format = format
    self.stored = stored
    self.orientation = orientation
    (width, height) = orientation.swapsSides ? (stored.height, stored.width) : (stored.width, stored.height)
    channels = stored.channels
  }
}

/// A picture as its file stores it, whichever side is up.
struct StoredPicture: Sendable, Hashable {
  var width: Int
  var height: Int
  /// Of the decoded pixels.
  var channels: Int
  /// More pixels than this for each byte of the file cannot be, or are not believed.
  var pixelsPerByte: Int
}

/// The share of a picture's size at which it is decoded.
package enum DecodingScale: Int, Sendable, Hashable, CaseIterable {
  case full = 1
  case half = 2
  case quarter = 4
  case eighth = 8

  /// 1, 2, 4 or 8: each side of the decoded picture is a side of the file's over this, rounded up.
  package var denominator: Int { rawValue }

  /// ⌈side / denominator⌉
  func reduced(_ side: Int) -> Int { (side + rawValue - 1) / rawValue }
}
