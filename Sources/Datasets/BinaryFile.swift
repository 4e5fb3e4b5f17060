import NunchiCodecs
import NunchiImages

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
    var message = [CChar](repeating: 0, count: 256)
    var expanded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let answer = bytes.withUnsafeBufferPointer { input in
      message.withUnsafeMutableBufferPointer { text in
        nunchi_gzip_inflate(input.baseAddress, input.count, limit, &expanded, &count, text.baseAddress, text.count)
      }
    }
    guard answer == NUNCHI_CODEC_OK else {
      let detail = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw DatasetError(.damagedFile(expected: "a whole gzip file", found: detail), path: path)
    }
    defer { nunchi_codec_free(expanded) }
    return Array(UnsafeBufferPointer(start: expanded, count: count))
  }
}
