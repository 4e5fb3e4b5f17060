import NunchiSystem

/// Zeroed memory, aligned for vectors; freed with the last reference.
///
/// Blocks of 4 MiB and more ask for huge pages: first touch of fresh small pages costs several times more than the
/// work done on them. With `guarded`, a page that traps follows the last byte (checked mode).
package final class AlignedMemory: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let byteCount: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int

  package static let alignment = 64
  private static let pageBytes = 4096
  private static let hugePageBytes = 2 << 20

  package init(byteCount: Int, guarded: Bool = false) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    let rounded = max(byteCount, 1).roundedUp(toMultipleOf: Self.pageBytes)
    let huge = !guarded && rounded >= 2 * Self.hugePageBytes
    mappedBytes = rounded + (guarded ? 2 * Self.pageBytes : 0) + (huge ? Self.hugePageBytes : 0)
    let address = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let address, address != MAP_FAILED else {
      fatalError("out of memory: \(byteCount) bytes could not be mapped")
    }
    mapping = address
    if guarded {
      // The block ends where the trapping page begins, up to the alignment.
      mprotect(address, Self.pageBytes, PROT_NONE)
      mprotect(address + Self.pageBytes + rounded, Self.pageBytes, PROT_NONE)
      base = address + Self.pageBytes + (rounded - byteCount.roundedUp(toMultipleOf: Self.alignment))
    } else if huge {
      let start = Int(bitPattern: address).roundedUp(toMultipleOf: Self.hugePageBytes)
      base = UnsafeMutableRawPointer(bitPattern: start)!
      Self.askForHugePages(base, byteCount: rounded)
    } else {
      base = address
    }
  }

  deinit { munmap(mapping, mappedBytes) }

  /// Asks for huge pages for the whole pages inside a block, which nobody has touched yet. A small block is left alone.
  package static func askForHugePages(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
    guard byteCount >= 2 * hugePageBytes else { return }
    let first = Int(bitPattern: start).roundedUp(toMultipleOf: pageBytes)
    let end = (Int(bitPattern: start) + byteCount) / pageBytes * pageBytes
    madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, 14 /* MADV_HUGEPAGE */)
    #endif
  }

  /// The memory as floats.
  package var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }

  /// A new block with the same contents.
  package func copy() -> AlignedMemory {
    let other = AlignedMemory(byteCount: byteCount)
    other.base.copyMemory(from: base, byteCount: byteCount)
    return other
  }
}

extension Int {
  /// The smallest multiple of `unit` that is not below the number.
  package func roundedUp(toMultipleOf unit: Int) -> Int { (self + unit - 1) / unit * unit }

  /// The quotient, rounded up.
  package func dividedRoundingUp(by divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
