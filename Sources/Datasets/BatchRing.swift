import NunchiImages
import NunchiSystem
import NunchiTensors

/// Batches in preallocated memory, filled by workers ahead of one consumer.
///
/// Batch b lives in slot b mod depth. Workers take runs of rows in order; a slot is taken again when its batch was
/// released. All counters are guarded by the monitor, the pixels by the counters.
final class BatchRing: @unchecked Sendable {
  private let source: PixelSource
  private let batchSize: Int
  private let slots: [Slot]
  private let monitor = ConditionLock()

  private var order: [Sample] = []
  /// The epoch that augmentation is drawn for; nil: none.
  private var epoch: Int?
  /// The next row to hand to a worker, counted through the epoch.
  private var next = 0
  private var released = 0
  private var stopped = true

  /// Rows that a worker takes at once: decoding one takes about as long as a lock a thousand times.
  private static let rowsAtOnce = 4

  /// The memory of one batch.
  private final class Slot {
    let images: AlignedMemory
    let labels: UnsafeMutablePointer<Int32>
    let items: UnsafeMutablePointer<Int>
    let readable: UnsafeMutablePointer<Bool>
    /// Rows that are not written yet.
    var remaining = 0

    init(batchSize: Int, imageBytes: Int) {
      images = AlignedMemory(byteCount: batchSize * imageBytes)
      labels = .allocate(capacity: batchSize)
      labels.initialize(repeating: 0, count: batchSize)
      items = .allocate(capacity: batchSize)
      items.initialize(repeating: 0, count: batchSize)
      readable = .allocate(capacity: batchSize)
      readable.initialize(repeating: false, count: batchSize)
    }

    deinit {
      labels.deallocate()
      items.deallocate()
      readable.deallocate()
    }
  }

  init(source: PixelSource, batchSize: Int, depth: Int) {
    self.source = source
    self.batchSize = batchSize
    slots = (0..<depth).map { _ in Slot(batchSize: batchSize, imageBytes: source.imageBytes) }
  }

  // MARK: - The consumer

  func begin(order: [Sample], epoch: Int?) {
    monitor.locked {
      precondition(stopped, "an epoch begins when the one before has ended")
      self.order = order
      self.epoch = epoch
      next = 0
      released = 0
      stopped = false
      for (batch, slot) in slots.enumerated() { slot.remaining = rows(of: batch) }
    }
  }

  /// Ends the epoch, also before its last batch.
  func stop() {
    monitor.locked {
      stopped = true
      monitor.wakeAll()
    }
  }

  /// Fills the batch on this thread.
  func fill(_ batch: Int) {
    withScratch { scratch in
      while let run = monitor.locked({ take(before: (batch + 1) * batchSize) }) { perform(run, scratch) }
    }
  }

  /// The batch, complete, without the rows of damaged files.
  ///
  /// - Parameter number: of the batch in the epoch.
  func wait(for batch: Int, number: Int) -> Batch {
    let slot = slots[batch % slots.count]
    monitor.locked { while slot.remaining > 0 { monitor.wait() } }
    let imageBytes = source.imageBytes
    let pixels = slot.images.base.assumingMemoryBound(to: UInt8.self)
    var count = 0
    for row in 0..<rows(of: batch) where slot.readable[row] {
      if row != count {
        (pixels + count * imageBytes).update(from: pixels + row * imageBytes, count: imageBytes)
        slot.labels[count] = slot.labels[row]
        slot.items[count] = slot.items[row]
      }
      count += 1
    }
    return Batch(
      number: number, pixels: UnsafeMutableBufferPointer(start: pixels, count: count * imageBytes),
      labels: UnsafeBufferPointer(start: slot.labels, count: count),
      items: UnsafeBufferPointer(start: slot.items, count: count))
  }

  /// Gives the slot of the batch to a later one.
  func release(_ batch: Int) {
    monitor.locked {
      slots[batch % slots.count].remaining = rows(of: batch + slots.count)
      released = batch + 1
      monitor.wakeAll()
    }
  }

  // MARK: - The workers

  /// Writes rows until the epoch ends.
  func work() {
    withScratch { scratch in
      while let run = nextRun() { perform(run, scratch) }
    }
  }

  private func nextRun() -> Range<Int>? {
    monitor.locked {
      while !stopped && next < order.count {
        if let run = take(before: (released + slots.count) * batchSize) { return run }
        monitor.wait()
      }
      return nil
    }
  }

  /// The next rows of one batch, none at or after `end`.
  private func take(before end: Int) -> Range<Int>? {
    let batchEnd = (next / batchSize + 1) * batchSize
    let last = min(next + Self.rowsAtOnce, batchEnd, order.count)
    guard next < min(end, order.count) else { return nil }
    defer { next = last }
    return next..<last
  }

  private func perform(_ run: Range<Int>, _ scratch: UnsafeMutablePointer<UInt8>) {
    let slot = slots[run.lowerBound / batchSize % slots.count]
    let pixels = slot.images.base.assumingMemoryBound(to: UInt8.self)
    for position in run {
      let row = position % batchSize
      let sample = order[position]
      slot.labels[row] = Int32(source.items[sample.item].label)
      slot.items[row] = sample.item
      slot.readable[row] = source.write(
        sample, epoch: epoch, to: pixels + row * source.imageBytes, scratch: scratch)
    }
    monitor.locked {
      slot.remaining -= run.count
      if slot.remaining == 0 { monitor.wakeAll() }
    }
  }

  private func withScratch(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    ScratchMemory.with(byteCount: source.imageBytes) { body($0) }
  }

  private func rows(of batch: Int) -> Int { min(batchSize, max(0, order.count - batch * batchSize)) }
}
