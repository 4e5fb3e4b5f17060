import Synchronization

/// A pass over a numbered list by several threads. The caller is one of them.
package struct Pass: Sendable {
  private let count: Int
  private let threads: Int
  /// Asked before every element. Once it returns true, the remaining elements are skipped.
  private let isStopped: @Sendable () -> Bool

  package init(count: Int, threads: Int, isStopped: @escaping @Sendable () -> Bool = { false }) {
    self.count = count
    self.threads = threads
    self.isStopped = isStopped
  }

  /// - Parameter progress: called with the number of elements begun, only on the caller's thread.
  package func run(progress: (Int) -> Void = { _ in }, _ body: @escaping @Sendable (Int) -> Void) {
    _ = runWhile(progress: progress) { index in
      body(index)
      return true
    }
  }

  /// Runs until `body` returns `false` for an element, and then returns `false` too.
  package func runWhile(
    progress: (Int) -> Void = { _ in }, _ body: @escaping @Sendable (Int) -> Bool
  ) -> Bool {
    let work = Work(pass: self, body: body)
    let others = Threads(min(threads, count) - 1) { _ in while work.step() != nil {} }
    while let begun = work.step() { progress(begun) }
    others.join()
    return !work.hasEnded
  }

  private final class Work: Sendable {
    private let next = Atomic<Int>(0)
    private let ended = Atomic<Bool>(false)
    private let pass: Pass
    private let body: @Sendable (Int) -> Bool

    init(pass: Pass, body: @escaping @Sendable (Int) -> Bool) {
      self.pass = pass
      self.body = body
    }

    var hasEnded: Bool { ended.load(ordering: .relaxed) }

    /// Does one element and returns the number of those begun; `nil` at the end.
    func step() -> Int? {
      guard !hasEnded, !pass.isStopped() else { return nil }
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < pass.count else { return nil }
      if !body(index) { ended.store(true, ordering: .relaxed) }
      return index + 1
    }
  }
}
