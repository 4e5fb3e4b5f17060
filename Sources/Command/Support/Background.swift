import NunchiDatasets
import NunchiSystem

/// A value that is computed on a thread of its own.
struct Background<Value: Sendable> {
  private let threads: Threads
  private let cell: Cell

  /// Written by the thread, read after it has ended.
  private final class Cell: @unchecked Sendable {
    var result: Result<Value, any Error>?
  }

  /// - Parameter alone: computes the value at once, on the caller's thread.
  init(alone: Bool = false, _ body: @escaping @Sendable () throws -> Value) {
    let cell = Cell()
    let work: @Sendable (Int) -> Void = { _ in cell.result = Result { try body() } }
    threads = Threads(alone ? 0 : 1, work)
    if threads.count == 0 { work(0) }
    self.cell = cell
  }

  /// Waits for the value.
  consuming func value() throws -> Value {
    threads.join()
    return try cell.result!.get()
  }
}
