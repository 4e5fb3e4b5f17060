import Synchronization

/// A request to stop a training after its current step. It may be set from any thread and from a signal handler.
public final class StopRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A request that is not set.
  public init() {}

  /// Asks to stop.
  public func set() { flag.store(true, ordering: .relaxed) }
  /// Whether a stop was asked for.
  public var isSet: Bool { flag.load(ordering: .relaxed) }
}
