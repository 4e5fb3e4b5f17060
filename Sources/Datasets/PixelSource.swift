import NunchiImages
import NunchiTensors

/// Sees the bytes of files while they are read for something else.
package protocol FileReader: Sendable {
  /// Called by any thread, for a file that is decoded several times each time.
  func see(_ item: Int, _ bytes: [UInt8])
}

/// The pixels of the items of one split at the model's size: decoded, or taken from where they are kept, and augmented.
///
/// Items may be asked for from different threads at once.
final class PixelSource: Sendable {
  let items: [Dataset.Item]
  let imageBytes: Int
  let storage: PixelStorage
  private let preprocessing: Preprocessing
  private let augmentation: Augmentation
  private let seed: UInt64
  private let decoder = ImageDecoder()
  private let reader: (any FileReader)?

  /// - Parameter reader: sees the bytes of each file that is decoded.
  init(
    items: [Dataset.Item], preprocessing: Preprocessing, augmentation: Augmentation, seed: UInt64,
    storage: PixelStorage, reader: (any FileReader)? = nil
  ) {
    self.items = items
    self.preprocessing = preprocessing
    self.augmentation = augmentation
    self.seed = seed
    self.storage = storage
    self.reader = reader
    imageBytes = preprocessing.byteCount
  }

  /// Whether producing pixels is no more than copying them.
  var onlyCopies: Bool { augmentation.isNone && items.allSatisfy { $0.passes(preprocessing) } }

  /// Writes the pixels of an item to `target`, augmented where there is an epoch; `false` where the file is damaged.
  /// `scratch` holds `imageBytes`.
  func write(
    _ sample: Sample, epoch: Int?, to target: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let item = items[sample.item]
    if case .record(let records, let record) = item.location, item.passes(preprocessing) {
      records.bytes.withUnsafeBufferPointer {
        augment(item, sample, epoch, from: $0.baseAddress! + record * imageBytes, to: target)
      }
      return true
    }
    let changes = epoch != nil && !augmentation.isNone
    guard let pixels = unchanged(sample.item, changes ? scratch : target) else { return false }
    if pixels != UnsafePointer(target) { augment(item, sample, epoch, from: pixels, to: target) }
    return true
  }

  private func augment(
    _ item: Dataset.Item, _ sample: Sample, _ epoch: Int?, from pixels: UnsafePointer<UInt8>,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    guard let epoch, !augmentation.isNone else { return target.update(from: pixels, count: imageBytes) }
    let shape = PictureShape(
      width: preprocessing.width, height: preprocessing.height, channels: preprocessing.channels)
    augmentation.draw(shape, seed: seed, identity: item.identity, epoch: epoch, occurrence: sample.occurrence)
      .write(pixels, to: target)
  }

  /// The item before augmentation: where it is kept, or in `room`.
  private func unchanged(_ index: Int, _ room: UnsafeMutablePointer<UInt8>) -> UnsafePointer<UInt8>? {
    if let kept = storage.pixels(index, room) { return kept }
    if storage.isDamaged(index) { return nil }
    return storage.fill(index, room) { decode(index, to: $0) }
  }

  private func decode(_ index: Int, to target: UnsafeMutablePointer<UInt8>) -> Bool {
    let location = items[index].location
    if case .record(let records, let record) = location {
      records.bytes.withUnsafeBufferPointer {
        preprocessing.write(
          $0.baseAddress! + record * records.imageBytes, width: records.width, height: records.height,
          channels: records.channels, to: target)
      }
      return true
    }
    do throws(ImageError) {
      let bytes = try location.fileBytes() ?? []
      reader?.see(index, bytes)
      preprocessing.write(try decoder.decode(bytes, for: preprocessing), to: target)
      return true
    } catch {
      storage.markDamaged(index, reason: error.found + (error.remedy.map { "; \($0)" } ?? ""))
      return false
    }
  }
}
