import NunchiCodecs
import NunchiImages
import NunchiSystem

/// Files of arrays, expanded where they are gzip.
enum BinaryFile {
  /// No array file that we read is larger when expanded.
  static let limit = 4 << 30

  static func read(_ entry: FolderListing.Entry) throws(DatasetError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try entry.location.fileBytes() ?? []
    } catch {
      throw DatasetError(.file(error.fileReason), path: entry.path)
    }
    return bytes.starts(with: [0x1F, 0x8B]) ? try expand(bytes, entry.path) : bytes
  }

  private static func expand(_ bytes: [UInt8], _ path: String) throws(DatasetError) -> [UInt8] {
    var message = CMessage()
    var expanded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let answer = bytes.withUnsafeBufferPointer { input in
      message.receive { nunchi_gzip_inflate(input.baseAddress, input.count, limit, &expanded, &count, $0, $1) }
    }
    guard answer == NUNCHI_CODEC_OK else {
      throw DatasetError(.damagedFile(expected: "a whole gzip file", found: message.text), path: path)
    }
    defer { nunchi_codec_free(expanded) }
    return Array(UnsafeBufferPointer(start: expanded, count: count))
  }
}
