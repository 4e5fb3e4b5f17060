/// How the samples of a frame lie in memory.
public enum PixelFormat: String, Sendable, Hashable, CaseIterable {
  /// Three bytes a pixel: red, green, blue.
  case rgb
  /// Three bytes a pixel: blue, green, red.
  case bgr
  /// Four bytes a pixel: red, green, blue, and one that is not looked at.
  case rgba
  /// Four bytes a pixel: blue, green, red, and one that is not looked at.
  case bgra
  /// One byte a pixel.
  case gray
  /// Two bytes a pixel, Y U Y V for two pixels that share a colour: what most webcams give.
  case yuyv
  /// A plane of Y, below it one of U and V in turn for each two by two pixels.
  case nv12
  /// A plane of Y, below it one of U, then one of V, each half as wide and half as high.
  case i420

  /// Bytes of a row of the first plane without padding.
  func rowBytes(_ width: Int) -> Int {
    switch self {
    case .rgb, .bgr: 3 * width
    case .rgba, .bgra: 4 * width
    case .gray, .nv12, .i420: width
    case .yuyv: 4 * ((width + 1) / 2)
    }
  }
}

/// A frame in memory that belongs to somebody else, such as a camera's. It has to stay there while it is used.
///
/// Formats with Y, U and V follow ITU-R 601 with Y from 16 to 235, as cameras and video do.
public struct PixelBuffer {
  /// The first byte of the first row.
  public let base: UnsafeRawPointer
  /// Pixels of a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bytes from one row of the first plane to the next. The chroma plane of `nv12` has the same, those of `i420` half of it.
  public let stride: Int
  /// How the samples lie.
  public let format: PixelFormat

  /// - Parameter stride: nil: the rows follow each other without padding.
  public init(_ base: UnsafeRawPointer, width: Int, height: Int, stride: Int? = nil, format: PixelFormat = .rgb) {
    precondition(width > 0 && height > 0, "a frame has at least one pixel, got \(width)x\(height)")
    let least = format.rowBytes(width)
    precondition(
      stride ?? least >= least, "a row of \(width) \(format) pixels takes \(least) bytes, got \(stride ?? 0)")
    (self.base, self.width, self.height, self.format) = (base, width, height, format)
    // The planes of U and V of a frame of odd width have a column more.
    self.stride = stride ?? (format == .nv12 || format == .i420 ? width.roundedUp(toMultipleOf: 2) : least)
  }

  /// A copy as a picture: gray stays gray, everything else becomes red, green, blue.
  public func image() -> Image {
    Image(width: width, height: height, channels: format == .gray ? 1 : 3) { target in
      let bytes = base.assumingMemoryBound(to: UInt8.self)
      for y in 0..<height { copyRow(y, of: bytes, to: target + y * width * (format == .gray ? 1 : 3)) }
    }
  }

  private func copyRow(_ y: Int, of bytes: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) {
    let row = bytes + y * stride
    switch format {
    case .rgb: target.update(from: row, count: 3 * width)
    case .gray: target.update(from: row, count: width)
    case .bgr: copyPixels(row, apart: 3, order: (2, 1, 0), to: target)
    case .rgba: copyPixels(row, apart: 4, order: (0, 1, 2), to: target)
    case .bgra: copyPixels(row, apart: 4, order: (2, 1, 0), to: target)
    case .yuyv:
      for x in 0..<width {
        let pair = row + x / 2 * 4
        setColour(luma: pair[x % 2 * 2], blue: pair[1], red: pair[3], target + 3 * x)
      }
    case .nv12:
      let chroma = bytes + stride * height + y / 2 * stride
      for x in 0..<width {
        setColour(luma: row[x], blue: chroma[x / 2 * 2], red: chroma[x / 2 * 2 + 1], target + 3 * x)
      }
    case .i420:
      let (half, rows) = (stride / 2, (height + 1) / 2)
      let blue = bytes + stride * height + y / 2 * half
      let red = blue + rows * half
      for x in 0..<width { setColour(luma: row[x], blue: blue[x / 2], red: red[x / 2], target + 3 * x) }
    }
  }

  private func copyPixels(
    _ row: UnsafePointer<UInt8>, apart: Int, order: (Int, Int, Int), to target: UnsafeMutablePointer<UInt8>
  ) {
    for x in 0..<width {
      let (source, pixel) = (row + apart * x, target + 3 * x)
      pixel[0] = source[order.0]
      pixel[1] = source[order.1]
      pixel[2] = source[order.2]
    }
  }
}

/// Red, green and blue of a sample of ITU-R 601, in steps of 1/65536: 255/219 (Y − 16) + 2 (1 − 0.299) 255/224 (V − 128)
/// and so on, to the nearest level.
private func setColour(luma: UInt8, blue: UInt8, red: UInt8, _ target: UnsafeMutablePointer<UInt8>) {
  let light = 76309 * (Int(luma) - 16) + 32768
  let (u, v) = (Int(blue) - 128, Int(red) - 128)
  target[0] = level(light + 104597 * v)
  target[1] = level(light - 25675 * u - 53279 * v)
  target[2] = level(light + 132201 * u)
}

private func level(_ value: Int) -> UInt8 { UInt8(min(max(value >> 16, 0), 255)) }
