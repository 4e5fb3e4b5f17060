import NunchiImages

/// What looking at one file or record has shown.
package struct CheckedPicture: Sendable {
  /// The path relative to what was examined, as in `Dataset.Item.identity`.
  package let path: String
  /// `nil` where the data are not divided.
  package let split: Split?
  /// The index of the class; `nil` where there are none, and for files that belong to none.
  package let label: Int?
  /// Of the file; `nil` for records.
  package let bytes: Int?
  /// By content; `nil` for records and for what is no picture.
  package let format: ImageFormat?
  package let outcome: Outcome

  package enum Outcome: Sendable {
    case readable(Pixels)
    /// Meant to be read, and broken.
    case damaged(reason: String)
    /// Whole, perhaps, but nothing that can be used.
    case refused(reason: String)

    /// As documents name it.
    package var word: String {
      switch self {
      case .readable: "ok"
      case .damaged: "damaged"
      case .refused: "refused"
      }
    }
  }

  /// What is kept of a decoded picture.
  package struct Pixels: Sendable {
    /// Upright.
    package let width: Int
    package let height: Int
    package let channels: Int
    package let moments: ChannelMoments
    /// SHA-256 of the file, or of a record's pixels.
    let content: [UInt8]
    let signature: PictureSignature?

    package var aspect: Double { Double(width) / Double(height) }
  }

  package var pixels: Pixels? { if case .readable(let pixels) = outcome { pixels } else { nil } }

  /// Why it cannot be used.
  package var reason: String? {
    switch outcome {
    case .readable: nil
    case .damaged(let reason), .refused(let reason): reason
    }
  }
}

extension CheckedPicture.Outcome {
  init(_ error: ImageError) {
    let reason = error.found + (error.remedy.map { "; \($0)" } ?? "")
    switch error.reason {
    case .emptyFile, .damaged, .damagedMember, .unreadableFile: self = .damaged(reason: reason)
    case .notAnImage, .unsupported, .codecAbsent, .tooLarge, .tooLong, .implausible, .fileTooLarge, .unwritableFile,
      .notEncodable:
      self = .refused(reason: reason)
    }
  }
}

/// Sums over the pixels of red, green and blue; gray counts as three equal channels. Exact, so that they may be added in
/// any order.
package struct ChannelMoments: Sendable, Hashable {
  package private(set) var pixels: UInt64 = 0
  private var sums: SIMD3<UInt64> = .zero
  private var squares: SIMD3<UInt64> = .zero

  init() {}

  init(_ picture: Image) {
    pixels = UInt64(picture.width * picture.height)
    picture.bytes.withUnsafeBufferPointer { bytes in
      for channel in 0..<3 {
        let offset = picture.channels == 3 ? channel : 0
        var (sum, square): (UInt64, UInt64) = (0, 0)
        for index in stride(from: offset, to: bytes.count, by: picture.channels) {
          let value = UInt64(bytes[index])
          sum &+= value
          square &+= value &* value
        }
        sums[channel] = sum
        squares[channel] = square
      }
    }
  }

  mutating func add(_ other: ChannelMoments) {
    pixels += other.pixels
    sums &+= other.sums
    squares &+= other.squares
  }

  /// Of red, green and blue, from 0 to 1.
  package var mean: [Double] { (0..<3).map { pixels == 0 ? 0 : Double(sums[$0]) / Double(pixels) / 255 } }

  /// Standard deviations of the pixels, from 0 to 1.
  package var deviation: [Double] {
    (0..<3).map { channel in
      guard pixels > 0 else { return 0 }
      let mean = Double(sums[channel]) / Double(pixels)
      return max(0, Double(squares[channel]) / Double(pixels) - mean * mean).squareRoot() / 255
    }
  }
}
