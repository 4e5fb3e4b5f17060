import NunchiImages
import NunchiTensors
import Synchronization

/// The pixels of the items of one split before augmentation, as far as they are kept, and which items are damaged.
///
/// Any item may be asked for by any thread at any time: an item is written by the one who claims it first.
final class PixelStorage: @unchecked Sendable {
  /// Where pixels are kept.
  enum Place {
    case none
    /// The first `items` items; memory is taken when it is written.
    case memory(items: Int)
    case file(CacheFile)
  }

  private enum Held {
    case nothing
    case memory(AlignedMemory, items: Int)
    case file(CacheFile)
  }

  private enum State { static let unknown: UInt8 = 0, claimed: UInt8 = 1, kept: UInt8 = 2, damaged: UInt8 = 3 }

  let imageBytes: Int
  private let items: [Dataset.Item]
  private let held: Held
  private let states: UnsafeMutablePointer<Atomic<UInt8>>
  private let skippedFiles = Mutex<[SkippedFile]>([])

  init(items: [Dataset.Item], imageBytes: Int, place: Place) {
    self.items = items
    self.imageBytes = imageBytes
    states = .allocate(capacity: max(items.count, 1))
    for index in items.indices { (states + index).initialize(to: Atomic(State.unknown)) }
    switch place {
    case .none: held = .nothing
    case .memory(let count): held = .memory(AlignedMemory(byteCount: count * imageBytes), items: count)
    case .file(let file):
      held = .file(file)
      for index in items.indices where file.holds(index) { states[index].store(State.kept, ordering: .relaxed) }
    }
  }

  deinit {
    states.deinitialize(count: items.count)
    states.deallocate()
  }

  var place: PixelCache.Place {
    switch held {
    case .nothing: .none
    case .memory(_, let count): count > 0 ? .memory : .none
    case .file: .file
    }
  }

  /// Whether the storage is that of these items.
  func serves(_ others: [Dataset.Item]) -> Bool {
    items.count == others.count && zip(items, others).allSatisfy { $0.identity == $1.identity }
  }

  /// Damaged files, each once, by path.
  var skipped: [SkippedFile] { skippedFiles.withLock { $0 }.sorted { $0.path < $1.path } }

  func isDamaged(_ index: Int) -> Bool { states[index].load(ordering: .acquiring) == State.damaged }

  /// The file of the item cannot be used.
  func markDamaged(_ index: Int, reason: String) {
    guard states[index].exchange(State.damaged, ordering: .acquiringAndReleasing) != State.damaged else { return }
    skippedFiles.withLock { $0.append(SkippedFile(path: items[index].identity, reason: reason)) }
    if case .file(let file) = held { file.leaveOut(index) }
  }

  /// The pixels of the item where they are kept: in place, or read into `room`, which holds `imageBytes`.
  func pixels(_ index: Int, _ room: UnsafeMutablePointer<UInt8>) -> UnsafePointer<UInt8>? {
    guard states[index].load(ordering: .acquiring) == State.kept else { return nil }
    switch held {
    case .nothing: return nil
    case .memory(let memory, _): return UnsafePointer(address(memory, index))
    case .file(let file): return file.read(index, to: room) ? UnsafePointer(room) : nil
    }
  }

  /// Lets `decode` write the pixels of an item that is not kept yet, in place or into `room`, and keeps them where there is
  /// a place. `nil` where it answers `false`.
  func fill(
    _ index: Int, _ room: UnsafeMutablePointer<UInt8>, decode: (UnsafeMutablePointer<UInt8>) -> Bool
  ) -> UnsafePointer<UInt8>? {
    switch held {
    case .nothing: return decode(room) ? UnsafePointer(room) : nil
    case .memory(let memory, let count):
      guard index < count, claim(index) else { return decode(room) ? UnsafePointer(room) : nil }
      let place = address(memory, index)
      guard decode(place) else { return nil }
      states[index].store(State.kept, ordering: .releasing)
      return UnsafePointer(place)
    case .file(let file):
      guard decode(room) else { return nil }
      if claim(index) {
        let written = file.write(index, from: room)
        states[index].store(written ? State.kept : State.unknown, ordering: .releasing)
      }
      return UnsafePointer(room)
    }
  }

  private func claim(_ index: Int) -> Bool {
    states[index].compareExchange(
      expected: State.unknown, desired: State.claimed, ordering: .acquiringAndReleasing
    ).exchanged
  }

  private func address(_ memory: AlignedMemory, _ index: Int) -> UnsafeMutablePointer<UInt8> {
    memory.base.assumingMemoryBound(to: UInt8.self) + index * imageBytes
  }
}
