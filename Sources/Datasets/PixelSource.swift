import NunchiImages
import NunchiTensors

/// The pixels of the items of one split at the model's size: decoded once and kept while the budget lasts.
///
/// Different items may be asked for from different threads at once, one item from one thread at a time.
final class PixelSource: @unchecked Sendable {
  let items: [Dataset.Item]
  let imageBytes: Int
  private let preprocessing: Preprocessing
  private let augmentation: Augmentation
  private let seed: UInt64
  private let decoder = ImageDecoder()

  /// The first `cachedItems` items have a place in the cache, which takes memory only when it is written.
  private let cachedItems: Int
  private let cache: AlignedMemory
  private let states: UnsafeMutablePointer<State>

  private let monitor = Monitor()
  private var damaged: [SkippedFile] = []

  private enum State: UInt8 { case unknown, cached, damaged }

  init(
    items: [Dataset.Item], preprocessing: Preprocessing, augmentation: Augmentation, seed: UInt64, cacheBytes: Int
  ) {
    self.items = items
    self.preprocessing = preprocessing
    self.augmentation = augmentation
    self.seed = seed
    imageBytes = preprocessing.byteCount
    let needsCache = items.contains { !Self.passes($0, preprocessing) }
    cachedItems = needsCache ? min(items.count, max(cacheBytes, 0) / imageBytes) : 0
    cache = AlignedMemory(byteCount: cachedItems * imageBytes)
    states = .allocate(capacity: max(items.count, 1))
    states.initialize(repeating: .unknown, count: max(items.count, 1))
  }

  deinit { states.deallocate() }

  /// Whether producing pixels is no more than copying them.
  var onlyCopies: Bool { augmentation.isNone && items.allSatisfy { Self.passes($0, preprocessing) } }

  var skipped: [SkippedFile] { monitor.locked { damaged }.sorted { $0.path < $1.path } }

  /// Writes the pixels of an item to `target`, augmented where there is an epoch; `false` where the file is damaged. `scratch` holds `imageBytes`.
  func write(
    _ index: Int, epoch: Int?, to target: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let item = items[index]
    if case .record(let records, let record) = item.location, Self.passes(item, preprocessing) {
      records.bytes.withUnsafeBufferPointer {
        augment(item, epoch, from: $0.baseAddress! + record * imageBytes, to: target)
      }
      return true
    }
    if (augmentation.isNone || epoch == nil) && index >= cachedItems { return decode(index, to: target) }
    guard let pixels = unchanged(index, scratch) else { return false }
    augment(item, epoch, from: pixels, to: target)
    return true
  }

  private func augment(
    _ item: Dataset.Item, _ epoch: Int?, from pixels: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
  ) {
    guard let epoch, !augmentation.isNone else { return target.update(from: pixels, count: imageBytes) }
    let shape = PictureShape(
      width: preprocessing.width, height: preprocessing.height, channels: preprocessing.channels)
    augmentation.draw(shape, seed: seed, identity: item.identity, epoch: epoch).write(pixels, to: target)
  }

  /// The item before augmentation, in the cache or in `scratch`.
  private func unchanged(_ index: Int, _ scratch: UnsafeMutablePointer<UInt8>) -> UnsafePointer<UInt8>? {
    guard index < cachedItems else { return decode(index, to: scratch) ? UnsafePointer(scratch) : nil }
    let place = cache.base.assumingMemoryBound(to: UInt8.self) + index * imageBytes
    if states[index] == .cached { return UnsafePointer(place) }
    guard decode(index, to: place) else { return nil }
    states[index] = .cached
    return UnsafePointer(place)
  }

  private func decode(_ index: Int, to target: UnsafeMutablePointer<UInt8>) -> Bool {
    let item = items[index]
    switch item.location {
    case .record(let records, let record):
      records.bytes.withUnsafeBufferPointer {
        preprocessing.write(
          $0.baseAddress! + record * records.imageBytes, width: records.width, height: records.height,
          channels: records.channels, to: target)
      }
      return true
    case .file(let path):
      if states[index] == .damaged { return false }
      do throws(ImageError) {
        preprocessing.write(try decoder.decode(path: path), to: target)
        return true
      } catch {
        states[index] = .damaged
        let reason = error.found + (error.remedy.map { "; \($0)" } ?? "")
        monitor.locked { damaged.append(SkippedFile(path: item.identity, reason: reason)) }
        return false
      }
    }
  }

  private static func passes(_ item: Dataset.Item, _ preprocessing: Preprocessing) -> Bool {
    switch item.location {
    case .file: false
    case .record(let records, _):
      preprocessing.keeps(width: records.width, height: records.height, channels: records.channels)
    }
  }
}
