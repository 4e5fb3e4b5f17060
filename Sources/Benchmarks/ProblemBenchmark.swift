import NunchiEngine
import NunchiGraph
import NunchiSystem
import NunchiTensors

/// Times single layers on random arrays, each direction separately.
package struct ProblemBenchmark {
  /// The rounds to time; nil for as many as fit into `budget`.
  package let rounds: Int?
  package let pool: WorkerPool
  package let options: PlanOptions
  /// The multiply-adds per second of `measuredPeak`.
  package let peak: Double
  /// The bytes per second of `measuredBandwidth`.
  package let bandwidth: Double

  private static let warmUp = 2
  private static let fewestRounds = 8
  private static let mostRounds = 20_000
  /// The seconds for one direction.
  private static let budget = 0.5

  package struct Timing {
    package let direction: LayerProblem.Direction
    /// The best time of each step.
    package fileprivate(set) var steps: [StepTime] = []
    /// The seconds of all steps, in each round.
    package fileprivate(set) var seconds: [Double] = []

    package var median: Double { seconds.sorted()[seconds.count / 2] }
    package var best: Double { seconds.min() ?? 0 }
  }

  package struct Result {
    package let problem: LayerProblem
    /// What was compared with the reference.
    package let checked: String
    /// The worst |plan − reference| / largest |reference| of a direction.
    package let worst: Double
    package let timings: [Timing]
  }

  package init(rounds: Int?, pool: WorkerPool, options: PlanOptions) throws {
    (self.rounds, self.pool, self.options) = (rounds, pool, options)
    peak = try measuredPeak(pool: pool, options: options)
    bandwidth = try measuredBandwidth(pool: pool, options: options)
  }

  package func run(_ problem: LayerProblem) throws -> Result {
    let (checked, worst) = try check(problem)
    return Result(
      problem: problem, checked: checked, worst: worst, timings: try problem.directions.map { try time(problem, $0) })
  }

  /// The roofline time, by peak arithmetic and memory bandwidth, as a share of `seconds`.
  package func shareOfLimit(_ problem: LayerProblem, _ seconds: Double) -> Double {
    max(Double(problem.multiplyAdds) / peak, Double(problem.bytes) / bandwidth) / seconds
  }

  private func time(_ problem: LayerProblem, _ direction: LayerProblem.Direction) throws -> Timing {
    let subject = try ProblemSubject(problem, direction, pool, options)
    var timing = Timing(direction: direction)
    for _ in 0..<Self.warmUp { _ = subject.profile() }
    let begin = monotonicSeconds()
    func goesOn() -> Bool {
      if let rounds { return timing.seconds.count < rounds }
      let enough = timing.seconds.count >= Self.fewestRounds && monotonicSeconds() - begin >= Self.budget
      return !enough && timing.seconds.count < Self.mostRounds
    }
    while goesOn() {
      let round = subject.profile()
      timing.seconds.append(round.reduce(0) { $0 + $1.seconds })
      timing.steps = timing.steps.isEmpty ? round : StepTime.best(timing.steps, round)
    }
    return timing
  }

  // MARK: Check

  private func check(_ problem: LayerProblem) throws -> (what: String, worst: Double) {
    let subject = reduced(problem)
    let worst = try problem.directions.reduce(0.0) { worst, direction in
      max(worst, try ProblemSubject(subject, direction, pool, options).error())
    }
    let methods = methods(subject)
    let used = methods.allSatisfy { $0 == methods[0] } ? methods[0] : methods.joined(separator: ", ")
    let what = subject == problem ? "all of it" : "\(subject), \(used)"
    guard worst < PlanCheck.tolerance else {
      throw Disagreement(
        what: "the plan of \(problem) disagrees with the reference on \(subject): worst relative error", error: worst)
    }
    return (what, worst)
  }

  /// The multiply-adds that the reference is asked for, and the most where a smaller problem would use another method.
  private static let affordable = 8_000_000
  private static let bearable = 64_000_000

  /// A smaller problem for the check: the largest affordable one that is computed by the same methods, else the
  /// smallest bearable one, else the largest affordable one.
  private func reduced(_ problem: LayerProblem) -> LayerProblem {
    let small = problem.reduced(to: Self.affordable)
    let wanted = methods(problem)
    return small.first { methods($0) == wanted }
      ?? problem.reduced(to: Self.bearable).last { methods($0) == wanted } ?? small[0]
  }

  /// The method of each direction: Winograd's algorithm or direct sums.
  private func methods(_ problem: LayerProblem) -> [String] {
    problem.directions.map { direction in
      let graph = try? ProblemGraph(problem, direction)
      let plan = graph.map { Plan($0.graph, layout: $0.layout, options: options) }
      let isTiled = plan?.costs.first { $0.problem.hasSuffix(",3)") && $0.multiplyAdds > 0 }
      return isTiled.map { String($0.problem.suffix(6)) } ?? "direct"
    }
  }
}

/// One direction of a layer, ready to run.
private struct ProblemSubject {
  private let graph: ProblemGraph
  private let direction: LayerProblem.Direction
  private let workspace: Workspace
  private let weights: Weights
  private let arrays: [String: RandomBatch]

  init(
    _ problem: LayerProblem, _ direction: LayerProblem.Direction, _ pool: WorkerPool, _ options: PlanOptions
  ) throws {
    graph = try ProblemGraph(problem, direction)
    self.direction = direction
    weights = Weights(graph.layout, seed: 1)
    workspace = Workspace(Plan(graph.graph, layout: graph.layout, options: options), pool: pool)
    arrays = Dictionary(uniqueKeysWithValues: graph.inputs.map { ($0.name, RandomBatch($0.shape, classes: 1)) })
    for (name, array) in arrays { workspace.bind(name, array.images.base) }
  }

  /// The time of each step in a region of its own, with those that prepare weights.
  func profile() -> [StepTime] {
    var weights = weights
    return withExtendedLifetime(arrays) {
      workspace.profile(&weights, rows: workspace.plan.batch).filter { graph.isOwn($0.step) }
    }
  }

  /// The largest difference from the reference, relative to the largest value.
  func error() -> Double {
    withExtendedLifetime(arrays) { workspace.run(reading: weights, rows: workspace.plan.batch) }
    let inputs = arrays.mapValues { $0.reference()["images"]! }
    let expected = ReferenceExecutor<Double>(inputs: inputs, parameters: weights.reference()).run(graph.graph)
    switch direction {
    case .forward: return PlanCheck.error(workspace.output("y").floats, expected.outputs["y"]!.values)
    case .inputGradient: return PlanCheck.error(workspace.output("dx").floats, expected.outputs["dx"]!.values)
    case .weightGradient:
      return PlanCheck.error(workspace.gradient(graph.weight), expected.gradients[graph.weight]!.values)
    }
  }
}
