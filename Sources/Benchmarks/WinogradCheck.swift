import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors

/// Compares the plan of a whole network on a few images with a plan of direct convolutions.
struct WinogradCheck {
  static let images = 2
  /// The worst ‖plan − direct‖ / ‖direct‖ of a tensor: the loss and each gradient, or the logits.
  ///
  /// It uses norms, because at a kink (a ReLU at zero, two nearly equal pixels of a pool) rounding can change the
  /// gradient of single elements.
  let error: Double

  /// Chosen by experience, because kinks decide the error. ResNet-18 in training has 4e-3; a wrong term gives about 1.
  private static let tolerance = 2e-2

  /// Nil where no step of the plan uses Winograd.
  init?(_ kind: Benchmark.Kind, _ preset: ModelPreset, pool: WorkerPool, options: PlanOptions) throws {
    let network = try preset.make(classes: preset.classes)
    let layout = WeightsLayout(network.namedParameters())
    let graph = try Self.graph(kind, network, preset.inputShape(Self.images), layout)
    let plan = Plan(graph, layout: layout, options: options)
    guard plan.usesWinograd else { return nil }
    var directOptions = options
    directOptions.winograd = false
    let (weights, data) = (Weights(layout, seed: 1), RandomBatch(preset, count: Self.images))
    let direct = Plan(graph, layout: layout, options: directOptions)
    let found = Self.tensors(kind, plan, weights, data, pool)
    let expected = Self.tensors(kind, direct, weights, data, pool)
    error = Self.worst(found, expected)
    guard error < Self.tolerance else {
      throw Disagreement(
        what: "the plan of \(preset.name) with Winograd disagrees with that without, relative error", error: error)
    }
  }

  private static func graph(
    _ kind: Benchmark.Kind, _ network: Sequential, _ input: Shape, _ layout: WeightsLayout
  ) throws -> Graph {
    switch kind {
    case .train:
      try trace(.training) { tracer in
        let loss = lossOf(network, input, tracer)
        tracer.output("value", loss)
        try tracer.differentiate(loss, for: layout.trained)
      }
    case .infer:
      try trace(.inference) { tracer in tracer.output("value", network(tracer.input("images", input))) }
    }
  }

  /// The loss or the logits, then the gradients.
  private static func tensors(
    _ kind: Benchmark.Kind, _ plan: Plan, _ weights: Weights, _ data: RandomBatch, _ pool: WorkerPool
  ) -> [[Float]] {
    let workspace = Workspace(plan, pool: pool)
    switch kind {
    case .train:
      data.bind(workspace)
      var copy = weights
      workspace.run(&copy, rows: images)
      return [workspace.output("value").floats] + weights.layout.trained.map(workspace.gradient)
    case .infer:
      workspace.bind("images", data.images.base)
      workspace.run(reading: weights, rows: images)
      return [workspace.output("value").floats]
    }
  }

  private static func worst(_ found: [[Float]], _ expected: [[Float]]) -> Double {
    let sizes = expected.map { norm($0, $0) { value, _ in Double(value) } }
    // A bias before a batch norm has a zero gradient, so the error is relative to at least a thousandth of the
    // largest.
    let floor = max(1e-3 * (sizes.max() ?? 0), 1e-30)
    return zip(zip(found, expected), sizes).reduce(0.0) { worst, tensor in
      let difference = norm(tensor.0.0, tensor.0.1) { Double($0) - Double($1) }
      return difference.isNaN ? .infinity : max(worst, difference / max(tensor.1, floor))
    }
  }

  private static func norm(_ a: [Float], _ b: [Float], _ element: (Float, Float) -> Double) -> Double {
    var sum = 0.0
    for index in a.indices {
      let value = element(a[index], b[index])
      sum += value * value
    }
    return sum.squareRoot()
  }
}
