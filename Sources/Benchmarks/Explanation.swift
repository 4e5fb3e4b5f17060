import NunchiEngine
import NunchiSystem
import NunchiTensors

/// The time of each step of the plan that a benchmark runs.
package struct Explanation {
  package let check: PlanCheck
  /// The multiply-adds per second of `measuredPeak`.
  package let peak: Double
  /// The bytes per second of `measuredBandwidth`.
  package let bandwidth: Double
  /// The best time of each step of the plan in a region of its own.
  package private(set) var times: [StepTime] = []
  /// The seconds of whole runs.
  package private(set) var seconds: [Double] = []

  private static let warmUp = 2
  private static let fewestRounds = 8
  private static let mostRounds = 20_000
  /// The seconds of a benchmark.
  private static let budget = 4.0

  /// Times whole runs and single steps in turn, so that both meet the same conditions.
  package init(_ benchmark: Benchmark) throws {
    check = try PlanCheck(benchmark.kind, benchmark.preset, pool: benchmark.pool, options: benchmark.options)
    peak = try measuredPeak(pool: benchmark.pool, options: benchmark.options)
    bandwidth = try measuredBandwidth(pool: benchmark.pool, options: benchmark.options)
    let (whole, parts) = try benchmark.subject()
    for _ in 0..<Self.warmUp { whole() }
    let begin = monotonicSeconds()
    func goesOn(_ now: Double) -> Bool {
      if let rounds = benchmark.steps { return seconds.count < rounds }
      let enough = seconds.count >= Self.fewestRounds && now - begin >= Self.budget
      return !enough && seconds.count < Self.mostRounds
    }
    while goesOn(monotonicSeconds()) {
      let start = monotonicSeconds()
      whole()
      seconds.append(monotonicSeconds() - start)
      let round = parts()
      times = times.isEmpty ? round : StepTime.best(times, round)
    }
  }

  /// Whether a step of the plan runs every time. Steps that prepare weights run only when training has changed these.
  package func recurs(_ time: StepTime, _ kind: Benchmark.Kind) -> Bool {
    kind == .train || time.step.part != .preparation
  }

  /// The roofline time of a step, by peak arithmetic and memory bandwidth, as a share of its measured time.
  package func shareOfLimit(_ time: StepTime) -> Double {
    max(Double(time.step.multiplyAdds) / peak, Double(time.step.bytes) / bandwidth) / time.seconds
  }
}

extension Benchmark {
  /// Closures that run the plan as a whole, and step by step.
  fileprivate func subject() throws -> (whole: () -> Void, parts: () -> [StepTime]) {
    let data = RandomBatch(preset, count: batch)
    switch kind {
    case .train:
      let session = try session()
      let workspace = try session.workspace(rows: batch)
      data.bind(workspace)
      return (
        { withExtendedLifetime(data) { _ = session.step(workspace, rows: batch, rate: 1e-3) } },
        { withExtendedLifetime(data) { session.profile(workspace, rows: batch) } }
      )
    case .infer:
      let (plan, start) = try inferencePlan()
      var weights = start
      let workspace = Workspace(plan, pool: pool)
      workspace.bind("images", data.images.base)
      return (
        { withExtendedLifetime(data) { workspace.run(reading: weights, rows: batch) } },
        { withExtendedLifetime(data) { workspace.profile(&weights, rows: batch) } }
      )
    }
  }
}
