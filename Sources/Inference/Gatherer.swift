import NunchiSystem
import NunchiTensors

/// Gathers rows of several callers into one batch. Callers that arrive while a batch runs form the next one.
final class Gatherer: @unchecked Sendable {
  private let rows: Int
  private let rowBytes: Int
  private let lock = ConditionLock()
  /// The group that still accepts rows.
  private var open: Group?
  private var spare: [Group] = []

  init(rows: Int, rowBytes: Int) { (self.rows, self.rowBytes) = (rows, rowBytes) }

  /// The callers of one run. The caller with row 0 runs it.
  final class Group: @unchecked Sendable {
    private let memory: AlignedMemory
    private let lock = ConditionLock()
    private var written = 0
    private var isFinished = false
    /// Both are guarded by the gatherer's lock.
    fileprivate var joined = 0
    fileprivate var left = 0
    /// The outputs `[rows, width]`. Only the caller that runs the group may touch them before it is finished.
    var answers: [Float] = []

    fileprivate init(byteCount: Int) { memory = AlignedMemory(byteCount: byteCount) }

    /// Where the rows are written.
    var pixels: UnsafeMutablePointer<UInt8> { memory.base.assumingMemoryBound(to: UInt8.self) }

    /// Says that a caller has written its row.
    func didWrite() {
      lock.locked {
        written += 1
        lock.wakeAll()
      }
    }

    fileprivate func waitForRows(_ count: Int) { lock.locked { while written < count { lock.wait() } } }

    /// Says that the answers are ready, and wakes the callers.
    func finish() {
      lock.locked {
        isFinished = true
        lock.wakeAll()
      }
    }

    func waitForAnswers() { lock.locked { while !isFinished { lock.wait() } } }

    fileprivate func begin() { (joined, left, written, isFinished) = (1, 0, 0, false) }
  }

  /// Gives the caller a row of the open group, or row 0 of a new one.
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

  /// Closes the group to further callers, waits until all have written their rows, and returns how many there are.
  func close(_ group: Group) -> Int {
    let count = lock.locked {
      if open === group { open = nil }
      return group.joined
    }
    group.waitForRows(count)
    return count
  }

  /// Says that a caller has read its answer. After the last one the group is reused.
  func leave(_ group: Group) {
    lock.locked {
      group.left += 1
      if group.left == group.joined { spare.append(group) }
    }
  }
}
