import NunchiSystem

/// Why a picture could not be read, written or used.
public struct ImageError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    /// The file could not be opened or read; what the system said.
    case unreadableFile(FileError.Reason)
    /// The file could not be written; what the system said.
    case unwritableFile(FileError.Reason)
    case emptyFile
    /// The bytes begin like no image format that is known.
    case notAnImage
    /// An image format that this package does not read.
    case unsupported(ImageFormat)
    /// A readable format whose library was absent when the program was built.
    case codecAbsent(ImageFormat)
    /// More pixels than the limit allows.
    case tooLarge(width: Int, height: Int, limit: Int)
    /// A side of more pixels than the limit allows.
    case tooLong(width: Int, height: Int, limit: Int)
    /// A header that promises more pixels than so few bytes hold.
    case implausible(ImageFormat, width: Int, height: Int, bytes: Int)
    /// A file of more bytes than can be an image.
    case fileTooLarge(bytes: Int, limit: Int)
    /// The file breaks off or contradicts itself. `readableRows` of `height` came before the damage; both are 0 where
    /// the header itself is damaged.
    case damaged(ImageFormat, detail: String, readableRows: Int, height: Int)
    /// The member of an archive that holds the file is damaged; how.
    case damagedMember(String)
    /// The picture cannot be stored in the format.
    case notEncodable(ImageFormat, detail: String)
  }

  package let reason: Reason
  /// Whose bytes they were: a path, or "image data".
  public let source: String

  package init(_ reason: Reason, source: String = "image data") {
    self.reason = reason
    self.source = source
  }

  /// What would have been right.
  public var expected: String {
    switch reason {
    case .unreadableFile: "a readable file"
    case .unwritableFile: "a place that can be written"
    case .emptyFile, .notAnImage, .unsupported: "a JPEG, PNG, WebP, GIF, BMP or PNM image"
    case .codecAbsent(let format): "a build with \(format.rawValue) support"
    case .tooLarge(_, _, let limit): "at most \(limit) pixels"
    case .tooLong(_, _, let limit): "sides of at most \(limit) pixels"
    case .implausible(let format, _, _, _): "a \(format.rawValue) file in proportion to its picture"
    case .fileTooLarge(_, let limit): "at most \(limit) bytes"
    case .damaged(let format, _, _, _): "an undamaged \(format.rawValue) file"
    case .damagedMember: "an undamaged member of the archive"
    case .notEncodable(let format, _): "a picture that \(format.rawValue) can hold"
    }
  }

  /// What was there instead.
  public var found: String {
    switch reason {
    case .unreadableFile(let reason), .unwritableFile(let reason): reason.description
    case .emptyFile: "an empty file"
    case .notAnImage: "bytes of no image format that is known"
    case .unsupported(let format): "a \(format.rawValue) file"
    case .codecAbsent(let format): "a \(format.rawValue) file, and no library for it in this build"
    case .tooLarge(let width, let height, _), .tooLong(let width, let height, _): "\(width)x\(height) pixels"
    case .implausible(_, let width, let height, let bytes): "\(width)x\(height) pixels in \(bytes) bytes"
    case .fileTooLarge(let bytes, _): "\(bytes) bytes"
    case .damaged(_, let detail, _, 0): "a damaged header (\(detail))"
    case .damaged(_, let detail, let rows, let height): "damage after \(rows) of \(height) rows (\(detail))"
    case .damagedMember(let detail), .notEncodable(_, let detail): detail
    }
  }

  /// What to do about it, where that is certain.
  public var remedy: String? {
    switch reason {
    case .unreadableFile, .unwritableFile: "check the path and its permissions"
    case .emptyFile, .damaged, .implausible: "replace or remove the file"
    case .notAnImage: "remove it, or convert it to JPEG or PNG"
    case .unsupported: "convert it to JPEG or PNG"
    case .codecAbsent(let format):
      switch format {
      case .jpeg: "install libjpeg-turbo with its headers and build again"
      case .png: "install libpng with its headers and build again"
      case .webp: "install libwebp with its headers and build again"
      case .gif: "install giflib with its headers and build again"
      case .bmp, .pnm, .tiff, .heic, .avif, .jpegXL, .jpeg2000, .ico, .psd, .pdf, .svg: nil
      }
    case .damagedMember: "pack the archive again"
    case .tooLarge: "scale it down, or raise the limit"
    case .tooLong: "scale it down, or cut it into parts"
    case .fileTooLarge: "remove it, or convert it to JPEG or PNG"
    case .notEncodable: nil
    }
  }

  public var description: String {
    "\(source): expected \(expected), found \(found)" + (remedy.map { "; \($0)" } ?? "")
  }

  /// The reason as one of files: the system's, or what was found.
  package var fileReason: FileError.Reason {
    switch reason {
    case .unreadableFile(let reason), .unwritableFile(let reason): reason
    case .emptyFile, .notAnImage, .unsupported, .codecAbsent, .tooLarge, .tooLong, .implausible, .fileTooLarge,
      .damaged, .damagedMember, .notEncodable:
      FileError.Reason(found)
    }
  }

  /// The same error about the file at `path`.
  package func about(_ path: String) -> ImageError { ImageError(reason, source: path) }
}
