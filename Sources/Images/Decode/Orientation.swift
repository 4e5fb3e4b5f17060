/// How a stored picture lies: the eight values of EXIF's tag 274, named by where the stored first row and first column
/// belong in the upright picture.
enum Orientation: Int, CaseIterable {
  case topLeft = 1
  case topRight, bottomRight, bottomLeft, leftTop, rightTop, rightBottom, leftBottom

  /// From the `Exif` segment (APP1) of a JPEG file; upright where it is absent or damaged.
  init(jpeg bytes: [UInt8]) {
    self = .topLeft
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      if marker == 0xFF {
        position += 1
        continue
      }
      // Start of scan or end of image: no segment follows that could turn the picture.
      if marker == 0xDA || marker == 0xD9 { return }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = position + 2 + length
      guard length >= 2, end <= bytes.count else { return }
      let body = bytes[position + 4..<end]
      if marker == 0xE1, body.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) {
        self = Self.find(tiff: Array(body.dropFirst(6)))
        return
      }
      position = end
    }
  }

  /// From the `EXIF` chunk of a WebP file; upright where it is absent or damaged.
  init(webp bytes: [UInt8]) {
    self = .topLeft
    var position = 12
    while position + 8 <= bytes.count {
      let length = bytes[position + 4..<position + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let end = position + 8 + length
      guard end <= bytes.count else { return }
      if bytes[position..<position + 4].elementsEqual("EXIF".utf8) {
        // Some writers keep the name that begins JPEG's segment.
        let body = bytes[position + 8..<end]
        let name = body.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) ? 6 : 0
        self = Self.find(tiff: Array(body.dropFirst(name)))
        return
      }
      position = end + length % 2
    }
  }

  /// Whether the upright picture is as wide as the stored one is high.
  var swapsSides: Bool { rawValue >= 5 }

  /// What a TIFF structure says; upright where it says nothing.
  private static func find(tiff: [UInt8]) -> Orientation {
    tag(tiff: tiff).flatMap(Orientation.init(rawValue:)) ?? .topLeft
  }

  /// The number under tag 274 in the first directory of a TIFF structure.
  static func tag(tiff: [UInt8]) -> Int? {
    guard tiff.count >= 8 else { return nil }
    let bigEndian = tiff.starts(with: [0x4D, 0x4D, 0, 42])
    guard bigEndian || tiff.starts(with: [0x49, 0x49, 42, 0]) else { return nil }
    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset >= 0, offset + count <= tiff.count else { return nil }
      let part = tiff[offset..<offset + count]
      return bigEndian ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, bytes: 4), let entries = number(at: directory, bytes: 2) else { return nil }
    for entry in 0..<entries {
      let offset = directory + 2 + 12 * entry
      guard let tag = number(at: offset, bytes: 2) else { return nil }
      if tag == 274 { return number(at: offset + 8, bytes: 2) }
    }
    return nil
  }
}

extension Orientation {
  /// Where a part of a stored picture of `width` by `height` lies in the upright one.
  func turned(_ part: Box, width: Double, height: Double) -> Box {
    let mirroredX = (width - part.right, width - part.left)
    let mirroredY = (height - part.bottom, height - part.top)
    let x = (part.left, part.right)
    let y = (part.top, part.bottom)
    let (across, down): ((Double, Double), (Double, Double)) =
      switch self {
      case .topLeft: (x, y)
      case .topRight: (mirroredX, y)
      case .bottomRight: (mirroredX, mirroredY)
      case .bottomLeft: (x, mirroredY)
      case .leftTop: (y, x)
      case .rightTop: (mirroredY, x)
      case .rightBottom: (mirroredY, mirroredX)
      case .leftBottom: (y, mirroredX)
      }
    return Box(left: across.0, top: down.0, right: across.1, bottom: down.1)
  }
}

extension Image {
  /// The stored picture turned upright.
  func oriented(_ orientation: Orientation) -> Image {
    // Where the upright pixel (x, y) lies in the stored picture: start + x·stepX + y·stepY, in pixels.
    let right = width - 1
    let down = (height - 1) * width
    let (start, stepX, stepY): (Int, Int, Int)
    switch orientation {
    case .topLeft: return self
    case .topRight: (start, stepX, stepY) = (right, -1, width)
    case .bottomRight: (start, stepX, stepY) = (down + right, -1, -width)
    case .bottomLeft: (start, stepX, stepY) = (down, 1, -width)
    case .leftTop: (start, stepX, stepY) = (0, width, 1)
    case .rightTop: (start, stepX, stepY) = (down, -width, 1)
    case .rightBottom: (start, stepX, stepY) = (down + right, -width, -1)
    case .leftBottom: (start, stepX, stepY) = (right, width, -1)
    }
    let newWidth = orientation.swapsSides ? height : width
    let newHeight = orientation.swapsSides ? width : height
    let channels = channels
    let coverage = orientation.turned(coverage, width: Double(width), height: Double(height))
    return Image(width: newWidth, height: newHeight, channels: channels, coverage: coverage) { output in
      bytes.withUnsafeBufferPointer { input in
        var target = output
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let source = input.baseAddress! + (start + x * stepX + y * stepY) * channels
            for channel in 0..<channels { target[channel] = source[channel] }
            target += channels
          }
        }
      }
    }
  }
}
