import NunchiSystem
import NunchiTensors

/// Brings the rows of callers together who come while others are served.
final class Gatherer: @unchecked Sendable {
  private let rows: Int
  private let rowBytes: Int
  private let lock = ConditionLock()
  /// The group that takes more rows.
  private var open: Group?
  private var spare: [Group] = []

  init(rows: Int, rowBytes: Int) { (self.rows, self.rowBytes) = (rows, rowBytes) }

  /// Callers who are served in one run. The one with row 0 runs it.
  final class Group: @unchecked Sendable {
    private let memory: AlignedMemory
    private let lock = ConditionLock()
    private var written = 0
    private var isFinished = false
    /// Both belong to the gatherer's lock.
    fileprivate var joined = 0
    fileprivate var left = 0
    /// `[rows, width]`; of whoever runs the group, until it is finished.
    var answers: [Float] = []

    fileprivate init(byteCount: Int) { memory = AlignedMemory(byteCount: byteCount) }

    /// Where the rows are written.
    var pixels: UnsafeMutablePointer<UInt8> { memory.base.assumingMemoryBound(to: UInt8.self) }

    /// A caller has written its row.
    func didWrite() {
      lock.locked {
        written += 1
        lock.wakeAll()
      }
    }

    fileprivate func waitForRows(_ count: Int) { lock.locked { while written < count { lock.wait() } } }

    /// The answers are there.
    func finish() {
      lock.locked {
        isFinished = true
        lock.wakeAll()
      }
    }

    func waitForAnswers() { lock.locked { while !isFinished { lock.wait() } } }

    fileprivate func begin() { (joined, left, written, isFinished) = (1, 0, 0, false) }
  }

  /// A row in the open group, or row 0 of a new one.
  func join() -> (group: Group, row: Int) {
    lock.locked {
      if let group = open, group.joined < rows {
        group.joined += 1
        return (group, group.joined - 1)
      }
      let group = spare.popLast() ?? Group(byteCount: rows * rowBytes)
      group.begin()
      open = group
      return (group, 0)
    }
  }

  /// Takes no more callers; returns how many there are when all have written their rows.
  func close(_ group: Group) -> Int {
    let count = lock.locked {
      if open === group { open = nil }
      return group.joined
    }
    group.waitForRows(count)
    return count
  }

  /// A caller has its answer. The last one gives the group back.
  func leave(_ group: Group) {
    lock.locked {
      group.left += 1
      if group.left == group.joined { spare.append(group) }
    }
  }
}
