import NunchiImages
import NunchiSystem
import NunchiTensors
import Synchronization

/// Decoded pictures at a model's size, kept so that later epochs, and other loaders of the same images, decode nothing.
///
/// A split that fits the memory that is left lies in memory; a larger one in a file of the cache folder, where the next run
/// finds it again; where neither has room, as many pictures as fit the memory are kept. What is kept never shows in the
/// pixels.
package final class PixelCache: Sendable {
  /// How much may be kept, and where.
  package struct Limits: Sendable, Hashable {
    /// Memory for all splits together.
    package var memoryBytes: Int
    /// The cache folder; no files where `nil`.
    package var folder: String?
    /// The most that the files of the cache folder take together.
    package var folderBytes: Int

    package init(memoryBytes: Int, folder: String? = nil, folderBytes: Int = 0) {
      (self.memoryBytes, self.folder, self.folderBytes) = (memoryBytes, folder, folderBytes)
    }

    /// Nothing is kept.
    package static let none = Limits(memoryBytes: 0)

    /// A quarter of the machine's memory, and files of at most half of what the disk has left, up to 64 GiB.
    package static var standard: Limits {
      let folder = CacheFolder.standard
      return Limits(
        memoryBytes: SystemMemory.physical / 4, folder: folder?.path, folderBytes: folder?.limit ?? 0)
    }
  }

  /// Where the pixels of a split are kept.
  package enum Place: String, Sendable, Hashable {
    case none, memory, file
  }

  package let limits: Limits
  private let state = Mutex(State())

  private struct State {
    var shelves: [Shelf: PixelStorage] = [:]
    var memoryBytes = 0
    var warnings: [String] = []
  }

  private struct Shelf: Hashable {
    let dataset: String
    let split: Split
    let preprocessing: Preprocessing
  }

  package init(_ limits: Limits = .standard) { self.limits = limits }

  /// Sentences for the user: why a file could not be kept. Each once.
  package var warnings: [String] { state.withLock(\.warnings) }

  /// The pixels of a split, the same object for everybody who asks for the same images at the same size.
  func storage(_ dataset: Dataset, _ split: Split, _ preprocessing: Preprocessing) -> PixelStorage {
    state.withLock { state in
      // Images in memory have no path that would tell two sets apart.
      guard !dataset.path.isEmpty else { return make(dataset, split, preprocessing, &state) }
      let shelf = Shelf(dataset: dataset.path, split: split, preprocessing: preprocessing)
      if let known = state.shelves[shelf], known.serves(dataset.items(split)) { return known }
      let storage = make(dataset, split, preprocessing, &state)
      state.shelves[shelf] = storage
      return storage
    }
  }

  /// The memory that the pictures of all splits will take.
  package func memoryBytes(for dataset: Dataset, _ preprocessing: Preprocessing) -> Int {
    var taken = 0
    for split in Split.allCases {
      let items = dataset.items(split)
      guard items.contains(where: { !$0.passes(preprocessing) }) else { continue }
      let (bytes, left) = (items.count * preprocessing.byteCount, max(limits.memoryBytes - taken, 0))
      if bytes <= left {
        taken += bytes
      } else if limits.folder == nil {
        taken += left / preprocessing.byteCount * preprocessing.byteCount
      }
    }
    return taken
  }

  private func make(
    _ dataset: Dataset, _ split: Split, _ preprocessing: Preprocessing, _ state: inout State
  ) -> PixelStorage {
    let items = dataset.items(split)
    let bytes = items.count * preprocessing.byteCount
    let left = max(limits.memoryBytes - state.memoryBytes, 0)
    guard items.contains(where: { !$0.passes(preprocessing) }), left > 0 || limits.folder != nil else {
      return PixelStorage(items: items, imageBytes: preprocessing.byteCount, place: .none)
    }
    if bytes > left, let file = openFile(items, preprocessing, &state) {
      return PixelStorage(items: items, imageBytes: preprocessing.byteCount, place: .file(file))
    }
    let kept = min(items.count, left / preprocessing.byteCount)
    state.memoryBytes += kept * preprocessing.byteCount
    return PixelStorage(items: items, imageBytes: preprocessing.byteCount, place: .memory(items: kept))
  }

  private func openFile(
    _ items: [Dataset.Item], _ preprocessing: Preprocessing, _ state: inout State
  ) -> CacheFile? {
    guard let path = limits.folder, let key = CacheKey(items, preprocessing) else { return nil }
    do throws(CacheFolder.Failure) {
      return try CacheFolder(path: path, limit: limits.folderBytes).file(
        key, items: items.count, imageBytes: preprocessing.byteCount
      ) { [weak self] in self?.warn($0) }
    } catch {
      state.warnings.append("\(path): decoded pictures are not kept in a file: \(error.reason)")
      return nil
    }
  }

  private func warn(_ text: String) {
    state.withLock { if !$0.warnings.contains(text) { $0.warnings.append(text) } }
  }
}

extension Dataset.Item {
  /// Whether the pixels of the item are those of the model as they are.
  func passes(_ preprocessing: Preprocessing) -> Bool {
    switch location {
    case .file, .member: false
    case .record(let records, _):
      preprocessing.keeps(width: records.width, height: records.height, channels: records.channels)
    }
  }
}
