import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiSystem
import NunchiTensors
import NunchiTraining

/// Times one preset on random images in memory.
package struct Benchmark {
  package enum Kind: String, CustomStringConvertible {
    case train, infer
    package var description: String { rawValue }
  }

  package let kind: Kind
  package let preset: ModelPreset
  package let batch: Int
  /// The steps to time; nil for as many as fit into `budget`.
  package let steps: Int?
  package let pool: WorkerPool
  package let options: PlanOptions
  /// The seconds for tuning how the work of a training step is divided.
  package let tuning: Double

  package init(
    kind: Kind, preset: ModelPreset, batch: Int, steps: Int?, pool: WorkerPool, options: PlanOptions, tuning: Double
  ) {
    (self.kind, self.preset, self.batch, self.steps) = (kind, preset, batch, steps)
    (self.pool, self.options, self.tuning) = (pool, options, tuning)
  }

  private static let warmUp = 2
  private static let fewestSteps = 8
  private static let mostSteps = 20_000
  /// The seconds of a benchmark.
  private static let budget = 4.0

  package struct Result {
    package let check: PlanCheck
    /// The seconds of each step, in order.
    package fileprivate(set) var seconds: [Double] = []
    /// The multiply-adds of one step.
    package fileprivate(set) var multiplyAdds = 0
    /// The multiply-adds per second of `measuredPeak`.
    package fileprivate(set) var peak = 0.0
    /// For training: the loss before the first update, and that of the last step.
    package fileprivate(set) var lossBefore: Float?
    package fileprivate(set) var lossAfter: Float?

    package var median: Double { seconds.sorted()[seconds.count / 2] }
  }

  package func run() throws -> Result {
    var result = Result(check: try PlanCheck(kind, preset, pool: pool, options: options))
    switch kind {
    case .train: try train(&result)
    case .infer: try infer(&result)
    }
    result.peak = try measuredPeak(pool: pool, options: options)
    return result
  }

  private func train(_ result: inout Result) throws {
    let session = try session()
    let data = RandomBatch(preset, count: batch)
    let workspace = try session.workspace(rows: batch)
    data.bind(workspace)
    result.multiplyAdds = workspace.plan.multiplyAdds
    var losses: [Float] = []
    result.seconds = time { losses.append(session.step(workspace, rows: batch, rate: 1e-3).loss) }
    (result.lossBefore, result.lossAfter) = (losses.first, losses.last)
  }

  func session() throws -> TrainingSession {
    let network = try preset.make(classes: preset.classes)
    return try TuningFile.with(options.kernels, threads: pool.threads, seconds: tuning) { tuner in
      try TrainingSession(
        weights: Weights(WeightsLayout(network.namedParameters()), seed: 0), optimizer: Optimizer(.adam()),
        batch: batch, seed: 0, pool: pool, options: options, tuner: tuner
      ) { tracer, rows in lossOf(network, preset.inputShape(rows), tracer) }
    }
  }

  private func infer(_ result: inout Result) throws {
    let (plan, weights) = try inferencePlan()
    let data = RandomBatch(preset, count: batch)
    let workspace = Workspace(plan, pool: pool)
    workspace.bind("images", data.images.base)
    result.multiplyAdds = plan.multiplyAdds
    result.seconds = time { workspace.run(reading: weights, rows: batch) }
  }

  func inferencePlan() throws -> (plan: Plan, weights: Weights) {
    let network = try preset.make(classes: preset.classes)
    let weights = Weights(WeightsLayout(network.namedParameters()), seed: 0)
    let graph = try trace(.inference) { tracer in
      tracer.output("logits", network(tracer.input("images", preset.inputShape(batch))))
    }
    return (Plan(graph, layout: weights.layout, options: options), weights)
  }

  private func time(_ step: () -> Void) -> [Double] {
    for _ in 0..<Self.warmUp { step() }
    var seconds: [Double] = []
    let begin = monotonicSeconds()
    var last = begin
    func goesOn() -> Bool {
      if let steps { return seconds.count < steps }
      let enough = seconds.count >= Self.fewestSteps && last - begin >= Self.budget
      return !enough && seconds.count < Self.mostSteps
    }
    while goesOn() {
      step()
      let now = monotonicSeconds()
      seconds.append(now - last)
      last = now
    }
    return seconds
  }
}

extension ModelPreset {
  /// A batch of images of the preset's own size.
  func inputShape(_ rows: Int) -> Shape { [rows, size, size, channels] }
}

/// Traces the cross-entropy of `network` on inputs named `images` and `labels`.
func lossOf(_ network: Sequential, _ input: Shape, _ tracer: Tracer) -> Value {
  Loss.crossEntropy(network(tracer.input("images", input)), tracer.input("labels", [input[0]], .int32))
}

/// Random images and labels in memory.
struct RandomBatch {
  let images: AlignedMemory
  let labels: AlignedMemory
  private let shape: Shape

  init(_ preset: ModelPreset, count: Int) { self.init(preset.inputShape(count), classes: preset.classes) }

  init(_ shape: Shape, classes: Int) {
    self.shape = shape
    images = AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.size)
    labels = AlignedMemory(byteCount: shape[0] * MemoryLayout<Int32>.size)
    var stream = RandomStream(seed: 0, name: "bench")
    for index in 0..<shape.count { images.floats[index] = stream.uniform() }
    let integers = labels.base.assumingMemoryBound(to: Int32.self)
    for index in 0..<shape[0] { integers[index] = Int32(stream.integer(below: classes)) }
  }

  func bind(_ workspace: Workspace) {
    workspace.bind("images", images.base)
    workspace.bind("labels", labels.base)
  }

  /// The same data for the reference executor.
  func reference() -> [String: ReferenceArray<Double>] {
    let integers = labels.base.assumingMemoryBound(to: Int32.self)
    return [
      "images": ReferenceArray(shape, (0..<shape.count).map { Double(images.floats[$0]) }),
      "labels": ReferenceArray([shape[0]], (0..<shape[0]).map { Double(integers[$0]) }),
    ]
  }
}
