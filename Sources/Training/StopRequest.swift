import Synchronization

/// A wish to stop a training after the step in work; may be set from any thread, and from a signal handler.
public final class StopRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A request that nobody has made yet.
  public init() {}

  /// Asks the training to stop after the step in work.
  public func set() { flag.store(true, ordering: .relaxed) }
  /// Whether somebody has asked.
  public var isSet: Bool { flag.load(ordering: .relaxed) }
}
