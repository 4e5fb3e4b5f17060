import NunchiTensors

/// A picture in memory: eight bits a sample, rows from the top, channels interleaved.
public struct Image: Sendable, Equatable {
  /// Pixels of a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 1 (gray) or 3 (red, green, blue).
  public let channels: Int
  /// `height * width * channels` samples, `[y][x][channel]`.
  public let bytes: [UInt8]
  /// The part that the picture covers, in pixels: all, but for a picture that was decoded at a reduced scale, of whose last
  /// row and column a part may lie beyond its edge.
  package let coverage: Box

  /// A picture of these samples, `[y][x][channel]`.
  public init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    self.init(width: width, height: height, channels: channels, bytes: bytes, coverage: nil)
  }

  private init(width: Int, height: Int, channels: Int, bytes: [UInt8], coverage: Box?) {
    precondition(width > 0 && height > 0, "an image has at least one pixel, got \(width)x\(height)")
    precondition(channels == 1 || channels == 3, "an image has 1 or 3 channels, got \(channels)")
    precondition(
      bytes.count == width * height * channels,
      "an image of \(width)x\(height)x\(channels) has \(width * height * channels) bytes, got \(bytes.count)")
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
    self.coverage = coverage ?? Box(left: 0, top: 0, right: Double(width), bottom: Double(height))
  }

  /// An image whose bytes `fill` writes, every one of them: before, they are undefined.
  package init(
    width: Int, height: Int, channels: Int, coverage: Box? = nil,
    filledBy fill: (UnsafeMutablePointer<UInt8>) throws -> Void
  ) rethrows {
    let count = width * height * channels
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      AlignedMemory.askForHugePages(buffer.baseAddress!, byteCount: count)
      try fill(buffer.baseAddress!)
      initialized = count
    }
    self.init(width: width, height: height, channels: channels, bytes: bytes, coverage: coverage)
  }

  /// The samples of one pixel.
  public subscript(x: Int, y: Int) -> [UInt8] {
    let start = (y * width + x) * channels
    return Array(bytes[start..<start + channels])
  }

  /// The image with one channel, `(19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶` (ITU-R 601), or with three equal ones.
  public func converted(toChannels target: Int) -> Image {
    if target == channels { return self }
    let count = width * height
    return Image(width: width, height: height, channels: target, coverage: coverage) { output in
      bytes.withUnsafeBufferPointer { input in
        convertChannels(from: input.baseAddress!, channels, to: output, target, pixels: count)
      }
    }
  }
}

/// Copies `pixels` pixels, gray from colour or colour from gray where the channels differ.
func convertChannels(
  from source: UnsafePointer<UInt8>, _ sourceChannels: Int, to target: UnsafeMutablePointer<UInt8>,
  _ targetChannels: Int, pixels: Int
) {
  switch (sourceChannels, targetChannels) {
  case (3, 1):
    for pixel in 0..<pixels {
      let sample = source + 3 * pixel
      let sum = 19595 &* UInt32(sample[0]) &+ 38470 &* UInt32(sample[1]) &+ 7471 &* UInt32(sample[2])
      target[pixel] = UInt8(truncatingIfNeeded: (sum &+ 0x8000) >> 16)
    }
  case (1, 3):
    for pixel in 0..<pixels {
      let value = source[pixel]
      target[3 * pixel] = value
      target[3 * pixel + 1] = value
      target[3 * pixel + 2] = value
    }
  default:
    target.update(from: source, count: pixels * sourceChannels)
  }
}
