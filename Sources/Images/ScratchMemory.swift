import NunchiSystem

/// Memory that a thread works in for a moment and keeps for the next time: fresh memory costs page faults, which are dearer
/// than the work done on it.
package enum ScratchMemory {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { block in
      #if canImport(Darwin)
      Unmanaged<Blocks>.fromOpaque(block).release()
      #else
      Unmanaged<Blocks>.fromOpaque(block!).release()
      #endif
    }
    return key
  }()

  /// Blocks that nobody uses at the moment. A thread nests a few uses at most.
  private final class Blocks {
    var free: [UnsafeMutableRawBufferPointer] = []
    deinit { for block in free { block.deallocate() } }
  }

  /// Larger blocks go back to the system.
  private static let keptBytes = 32 << 20

  private static var blocks: Blocks {
    if let known = pthread_getspecific(key) { return Unmanaged<Blocks>.fromOpaque(known).takeUnretainedValue() }
    let fresh = Blocks()
    pthread_setspecific(key, Unmanaged.passRetained(fresh).toOpaque())
    return fresh
  }

  /// Calls `body` with `byteCount` undefined bytes, aligned for vectors.
  package static func with<Result>(
    byteCount: Int, _ body: (UnsafeMutablePointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let blocks = blocks
    var block = blocks.free.popLast() ?? UnsafeMutableRawBufferPointer(start: nil, count: 0)
    if block.count < byteCount || block.baseAddress == nil {
      block.deallocate()
      block = .allocate(byteCount: max(byteCount + byteCount / 4, 4096), alignment: 64)
    }
    defer { block.count <= keptBytes ? blocks.free.append(block) : block.deallocate() }
    return try body(block.baseAddress!.assumingMemoryBound(to: UInt8.self))
  }
}
