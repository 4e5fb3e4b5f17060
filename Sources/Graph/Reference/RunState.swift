/// The run-time numbers of a run: what the reference and the engine need beyond tensors.
public struct RunState: Sendable {
  /// The seed of dropout.
  public var seed: UInt64
  /// The optimizer step, counted from 0.
  public var step: UInt64
  /// The number of the part of the batch, counted from 0.
  public var microBatch: UInt32
  /// What batch means divide by; nil: the valid rows. The rows of all micro-batches where gradients are accumulated.
  public var divisor: Int?

  /// The state of a run; everything has a default.
  public init(seed: UInt64 = 0, step: UInt64 = 0, microBatch: UInt32 = 0, divisor: Int? = nil) {
    self.seed = seed
    self.step = step
    self.microBatch = microBatch
    self.divisor = divisor
  }
}
