import NunchiGraph
import NunchiTensors

/// Measures which piece sizes are fastest on this machine, within a given time, for plans of training.
///
/// A plan for each share runs on images of zeros, and its tunable steps are timed one by one. Problems that would take
/// longer than the time allows keep the rule's size, and are not recorded.
public final class Tuner {
  /// What was measured so far.
  public private(set) var tuning: Tuning
  /// The time for each plan.
  public let seconds: Double

  /// A share is chosen if its time is below this fraction of the best so far.
  private static let gain = 0.97
  private static let rounds = 2
  /// Multiply-adds a second that a thread is expected to reach.
  private static let expectedRate = 5e10

  /// A tuner that measures for so many seconds.
  public init(_ known: Tuning = Tuning(), seconds: Double = 0.05) {
    tuning = known
    self.seconds = seconds
  }

  /// The plan of a graph with the fastest known piece sizes; unknown problems are measured first.
  func plan(_ graph: Graph, _ weights: Weights, _ options: PlanOptions, pool: WorkerPool) -> Plan {
    func make(_ tuning: Tuning) -> Plan {
      var options = options
      options.tuning = tuning
      return Plan(graph, layout: weights.layout, options: options)
    }
    let first = make(tuning)
    let unknown = first.tunable.filter { tuning[$0] == nil }
    let expected = Double(first.multiplyAdds) / (Self.expectedRate * Double(pool.threads))
    let runs = Double(Tuning.shares.count * (Self.rounds + 1))
    guard !unknown.isEmpty, expected * runs <= seconds else { return first }
    let deadline = ContinuousClock.now + .seconds(seconds)
    var best: [String: (share: Int, seconds: Double)] = [:]
    for share in Tuning.shares.indices {
      guard ContinuousClock.now < deadline else { return first }
      var candidate = tuning
      for problem in unknown { candidate[problem] = share }
      let times = Self.times(share == 0 ? first : make(candidate), weights, pool)
      for problem in unknown {
        guard let time = times[problem] else { continue }
        if best[problem].map({ time < $0.seconds * Self.gain }) ?? true { best[problem] = (share, time) }
      }
    }
    for (problem, found) in best { tuning[problem] = found.share }
    return make(tuning)
  }

  /// The best time of each problem's steps.
  private static func times(_ plan: Plan, _ weights: Weights, _ pool: WorkerPool) -> [String: Double] {
    let workspace = Workspace(plan, pool: pool)
    let inputs = plan.inputs.map { input in
      let memory = AlignedMemory(byteCount: input.type.shape.count * input.type.dataType.size)
      memory.base.initializeMemory(as: UInt8.self, repeating: 0, count: memory.byteCount)
      workspace.bind(input.name, memory.base)
      return memory
    }
    defer { withExtendedLifetime(inputs) {} }
    var weights = weights
    workspace.run(&weights, rows: plan.batch)
    var best: [String: Double] = [:]
    for _ in 0..<rounds {
      var round: [String: Double] = [:]
      for time in workspace.profile(&weights, rows: plan.batch) where plan.tunable.contains(time.step.problem) {
        round[time.step.problem, default: 0] += time.seconds
      }
      best.merge(round) { min($0, $1) }
    }
    return best
  }
}
