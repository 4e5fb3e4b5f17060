/// What a step is, and what it costs: its arithmetic, and the memory that it reads and writes.
public struct StepCost: Sendable {
  /// The parts of a plan.
  public enum Part: String, Sendable {
    /// Run when the weights have changed.
    case preparation
    /// Run every time.
    case main
    /// The optimizer's.
    case update
  }

  /// Where in the plan it stands.
  public let part: Part
  /// What the step is called in plans.
  public let name: String
  /// What is computed, such as `conv mb100 ic32 oc64 ih112 kh3 s1 p1 f32`.
  public let problem: String
  /// Pieces that threads take.
  public let tasks: Int
  /// Those of products and convolutions; element-wise arithmetic is not counted.
  public let multiplyAdds: Int
  /// Each array that the step reads and each that it writes, once.
  public let bytes: Int
}

/// The time of a step in a region of its own.
public struct StepTime: Sendable {
  /// Which step of the plan.
  public let step: StepCost
  /// How long it took.
  public let seconds: Double

  /// The better time of each step in two rounds of the same steps.
  public static func best(_ one: [StepTime], _ other: [StepTime]) -> [StepTime] {
    zip(one, other).map { $0.seconds <= $1.seconds ? $0 : $1 }
  }
}

extension WorkerPool {
  /// Runs each step in a region of its own and times it, from the start of the region to its end.
  func time(
    _ steps: UnsafeBufferPointer<Step>, _ costs: [StepCost], counters: UnsafeMutablePointer<StepCounter>,
    context: UnsafePointer<RunContext>
  ) -> [StepTime] {
    let clock = ContinuousClock()
    return costs.enumerated().map { index, cost in
      let duration = clock.measure {
        run(steps.baseAddress! + index, count: 1, counters: counters, context: context)
      }
      return StepTime(step: cost, seconds: duration / .seconds(1))
    }
  }
}
