import NunchiDatasets
import NunchiDocuments
import NunchiImages
import NunchiModelFiles
import NunchiSystem
import Synchronization

/// Checksums of the images that a model was trained on, which find them again under any name: the lower 48 bits of the
/// XXH64 of each file, or of the pixels where there is no file. With 50,000 training images and 10,000 others, the
/// chance of any false match is two in a million.
package struct TrainingContents: Hashable, Sendable {
  private let checksums: Set<UInt64>

  /// The key in a model's provenance.
  package static let key = "training_contents"

  /// Reads every file of a split once. Files that cannot be read are left out, because nothing was trained on them.
  package init(_ dataset: Dataset, _ split: Split = .train) { self.init(dataset, split, seen: FileChecksums()) }

  /// Takes the checksums that `seen` has, and reads the other files.
  package init(_ dataset: Dataset, _ split: Split = .train, seen: FileChecksums) {
    checksums = Set(
      dataset.items(split).enumerated().compactMap { seen[$0] ?? Self.checksum($1, dataset) })
  }

  /// The checksums in the provenance of a model; `nil` where it has none.
  package init?(provenance: JSON) {
    guard let text = provenance[Self.key]?.stringValue, let checksums = Self.parsed(text) else { return nil }
    self.checksums = checksums
  }

  package var count: Int { checksums.count }

  /// The value for the provenance under `key`: 12 hexadecimal digits per image, in rising order.
  package var json: JSON {
    .string(
      checksums.sorted().map { NumberText.padded($0, Self.digits, radix: 16) }.joined())
  }

  /// The paths of the images of a split that were trained on, in the order of the split.
  package func known(_ dataset: Dataset, _ split: Split) -> [String] {
    dataset.items(split).filter { Self.checksum($0, dataset).map(checksums.contains) ?? false }.map(\.identity)
  }

  private static let digits = 12

  private static func parsed(_ text: String) -> Set<UInt64>? {
    let bytes = Array(text.utf8)
    guard bytes.count.isMultiple(of: digits) else { return nil }
    var checksums: Set<UInt64> = []
    for start in stride(from: 0, to: bytes.count, by: digits) {
      guard let value = UInt64(String(decoding: bytes[start..<start + digits], as: UTF8.self), radix: 16) else {
        return nil
      }
      checksums.insert(value)
    }
    return checksums
  }

  private static func checksum(_ item: Dataset.Item, _ dataset: Dataset) -> UInt64? {
    do {
      if let bytes = try dataset.fileBytes(item) { return checksum(bytes) }
      let image = try dataset.load(item)
      var hash = XXHash64()
      for extent in [image.width, image.height, image.channels] { hash.update(extent) }
      image.bytes.withUnsafeBytes { hash.update($0) }
      return lower(hash)
    } catch {
      return nil
    }
  }

  /// The checksum of the bytes of a file.
  fileprivate static func checksum(_ bytes: [UInt8]) -> UInt64 {
    var hash = XXHash64()
    bytes.withUnsafeBytes { hash.update($0) }
    return lower(hash)
  }

  private static func lower(_ hash: XXHash64) -> UInt64 { hash.value & 0xFFFF_FFFF_FFFF }
}

/// The checksums of files, taken while they are read for another purpose.
package final class FileChecksums: FileReader {
  private let found = Mutex<[Int: UInt64]>([:])

  package init() {}

  package func see(_ item: Int, _ bytes: [UInt8]) {
    let checksum = TrainingContents.checksum(bytes)
    found.withLock { $0[item] = checksum }
  }

  /// The checksum of the item with this index in its split; nil where its file was not read.
  package subscript(item: Int) -> UInt64? { found.withLock { $0[item] } }
}
