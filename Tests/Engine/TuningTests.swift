import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// The pieces that problems are cut into change times, never bits.
@Suite(.serialized) struct TuningTests {
  private static let kernels = [weight(3, 3, 3, 20), weight(3, 3, 20, 24), weight(5, 5, 24, 16)]
  private static let dense = [weight(16 * 14 * 15, 90), weight(90, 7)]
  private static let layout = WeightsLayout((kernels + dense).enumerated().map { (name: "p\($0)", parameter: $1) })

  /// Weight gradients by the direct sum and by tiles, products with few rows and with many.
  private static func graph(_ rows: Int) throws -> Graph {
    try trace(.training) { tracer in
      var x = tracer.input("x", [rows, 28, 30, 3])
      x = relu(convolve(x, tracer.parameter(kernels[0]), stride: (2, 2), padding: .symmetric(1)))
      x = relu(convolve(x, tracer.parameter(kernels[1]), padding: .symmetric(1)))
      x = relu(convolve(x, tracer.parameter(kernels[2]), padding: .symmetric(2)))
      x = relu(multiply(x.flattened(), tracer.parameter(dense[0])))
      let loss = multiply(x, tracer.parameter(dense[1])).sum(axes: [1]).batchMean()
      tracer.output("loss", loss)
      try tracer.differentiate(loss, for: layout.trained)
    }
  }

  private static func gradients(_ tuning: Tuning, threads: Int, rows: Int) throws -> [UInt32] {
    let plan = Plan(try graph(9), layout: layout, options: PlanOptions(checked: true, tuning: tuning))
    let workspace = Workspace(plan, pool: WorkerPool(threads: threads))
    var stream = RandomStream(seed: 3, name: "x")
    let x = (0..<9 * 28 * 30 * 3).map { _ in stream.normal() }
    return x.withUnsafeBytes { bytes in
      workspace.bind("x", bytes.baseAddress!)
      workspace.run(reading: Weights(layout, seed: 1), rows: rows)
      return layout.trained.flatMap { workspace.gradient($0).map(\.bitPattern) }
    }
  }

  @Test func everyShareGivesTheSameBits() throws {
    let problems = try Plan(Self.graph(9), layout: Self.layout).tunable
    for part in ["F(4,3)", "conv-dw mb9 ic3", "conv-dw mb9 ic24 oc16", "gemm m9", " ta f32"] {
      #expect(problems.contains { $0.contains(part) }, "nothing to tune in \(part): \(problems.sorted())")
    }
    for rows in [9, 4] {
      let expected = try Self.gradients(Tuning(), threads: 1, rows: rows)
      for share in Tuning.shares.indices {
        let tuning = Tuning(Dictionary(uniqueKeysWithValues: problems.map { ($0, share) }))
        #expect(try Self.gradients(tuning, threads: 2, rows: rows) == expected, "share \(Tuning.shares[share])")
      }
    }
  }

  @Test func sharesReachThePlan() throws {
    let graph = try Self.graph(9)
    func steps(_ share: Int) -> String {
      let problems = Plan(graph, layout: Self.layout).tunable
      let tuning = Tuning(Dictionary(uniqueKeysWithValues: problems.map { ($0, share) }))
      return Plan(graph, layout: Self.layout, options: PlanOptions(tuning: tuning)).describe()
    }
    #expect(steps(1) != steps(0))
    #expect(steps(2) != steps(0))
  }

  private static func session(_ tuner: Tuner) throws -> TrainingSession {
    let parameter = weight(300, 40)
    return try TrainingSession(
      weights: Weights(WeightsLayout([(name: "w", parameter: parameter)]), seed: 0), optimizer: Optimizer(.sgd),
      batch: 16, seed: 0, pool: WorkerPool(threads: 2), tuner: tuner
    ) { tracer, rows in
      let x = tracer.input("images", [rows, 300])
      _ = tracer.input("labels", [rows], .int32)
      return multiply(x, tracer.parameter(parameter)).sum(axes: [1]).batchMean()
    }
  }

  @Test func aTunerRemembers() throws {
    let tuner = Tuner(seconds: 10)
    _ = try Self.session(tuner)
    #expect(!tuner.tuning.choices.isEmpty)
    // What is known is not measured again: choices that no measurement would make stay.
    let odd = Tuning(tuner.tuning.choices.mapValues { ($0 + 1) % Tuning.shares.count })
    let second = Tuner(odd, seconds: 10)
    _ = try Self.session(second)
    #expect(second.tuning == odd)
  }

  @Test func aTunerWithoutTimeLeavesTheRule() throws {
    let tuner = Tuner(seconds: 1e-9)
    _ = try Self.session(tuner)
    #expect(tuner.tuning == Tuning())
  }

  @Test func choicesThatNameNoShareAreLeftOut() {
    var tuning = Tuning(["a": 1, "b": -1, "c": Tuning.shares.count])
    #expect(tuning.choices == ["a": 1])
    tuning["a"] = 99
    #expect(tuning["a"] == nil)
  }
}
