import NunchiSystem
import Synchronization
import Testing

@Suite struct PassTests {
  @Test(arguments: [1, 2, 7]) func everyElementIsDoneOnce(threads: Int) {
    let (lock, count) = (ConditionLock(), 100)
    nonisolated(unsafe) var seen = [Int](repeating: 0, count: count)
    nonisolated(unsafe) var begun = 0
    Pass(count: count, threads: threads).run(progress: { begun = max(begun, $0) }) { index in
      lock.locked { seen[index] += 1 }
    }
    #expect(seen == [Int](repeating: 1, count: count))
    #expect(threads > 1 || begun == count)
  }

  @Test func nothingIsDoneWithoutElements() {
    Pass(count: 0, threads: 4).run { _ in Issue.record("an element that is not there") }
  }

  @Test(arguments: [1, 4]) func aFailureEndsThePass(threads: Int) {
    let done = Counter()
    #expect(
      !Pass(count: 100_000, threads: threads).runWhile { index in
        done.number.add(1, ordering: .relaxed)
        return index != 10
      })
    let number = done.number.load(ordering: .relaxed)
    #expect(number >= 11 && (threads > 1 || number == 11))
    #expect(Pass(count: 5, threads: threads).runWhile { _ in true })
  }

  @Test func aWishToStopLeavesTheRest() {
    let done = Counter()
    Pass(count: 100, threads: 1, isStopped: { done.number.load(ordering: .relaxed) == 3 }).run { _ in
      done.number.add(1, ordering: .relaxed)
    }
    #expect(done.number.load(ordering: .relaxed) == 3)
  }

  private final class Counter: Sendable { let number = Atomic<Int>(0) }
}

@Suite struct ThreadsTests {
  @Test func eachThreadRunsAndIsWaitedFor() {
    let lock = ConditionLock()
    nonisolated(unsafe) var seen: [Int] = []
    let threads = Threads(3) { number in lock.locked { seen.append(number) } }
    #expect(threads.count == 3 && Threads(-1) { _ in }.count == 0)
    threads.join()
    #expect(seen.sorted() == [0, 1, 2])
  }

  @Test func waitersAreWoken() {
    let lock = ConditionLock()
    nonisolated(unsafe) var (ready, seen) = (false, 0)
    let threads = Threads(2) { _ in
      lock.locked {
        while !ready { lock.wait() }
        seen += 1
      }
    }
    lock.locked {
      ready = true
      lock.wakeAll()
    }
    threads.join()
    #expect(seen == 2)
  }
}
