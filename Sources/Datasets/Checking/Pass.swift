import NunchiSystem
import Synchronization

/// One pass over a numbered list by several threads; the caller works too.
struct Pass: Sendable {
  let count: Int
  let threads: Int
  /// Asked before every element; what is left is then not done.
  let isStopped: @Sendable () -> Bool

  init(count: Int, threads: Int, isStopped: @escaping @Sendable () -> Bool = { false }) {
    self.count = count
    self.threads = threads
    self.isStopped = isStopped
  }

  /// - Parameter progress: how many elements have been begun; called on the caller's thread alone.
  func run(progress: (Int) -> Void = { _ in }, _ body: @escaping @Sendable (Int) -> Void) {
    let work = Work(pass: self, body: body)
    let others = Threads(min(threads, count) - 1) { _ in while work.step() != nil {} }
    while let begun = work.step() { progress(begun) }
    others.join()
  }

  private final class Work: Sendable {
    private let next = Atomic<Int>(0)
    private let pass: Pass
    private let body: @Sendable (Int) -> Void

    init(pass: Pass, body: @escaping @Sendable (Int) -> Void) {
      self.pass = pass
      self.body = body
    }

    /// Does one element; the number of those begun, or `nil` at the end.
    func step() -> Int? {
      guard !pass.isStopped() else { return nil }
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < pass.count else { return nil }
      body(index)
      return index + 1
    }
  }
}
