import NunchiDocuments
import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors

/// Compares a plan with the reference executor before it is timed.
///
/// The reference is slow. For a network above two million multiply-adds the preset's miniature is checked, which has
/// the same layers with few channels on small images. As few convolutions of a miniature use Winograd's algorithm, the
/// whole network is also compared with a plan of direct sums, on two images.
package struct PlanCheck {
  /// What was compared with what.
  package let description: String
  /// The worst |plan − reference| / largest |reference| of a tensor.
  package let worst: Double
  /// ‖plan − direct‖ / ‖direct‖ of the whole network, where Winograd's algorithm computes a part of it.
  package let winograd: Double?

  static let tolerance = 1e-3
  private static let affordable = 2_000_000

  init(_ kind: Benchmark.Kind, _ preset: ModelPreset, pool: WorkerPool, options: PlanOptions) throws {
    var options = options
    // Chains would not pay in the miniature. They are forced, so that those of the whole network are checked.
    if options.chains == .whereFaster { options.chains = .wherePossible }
    var network = try preset.make(classes: preset.classes)
    var (input, classes) = (preset.inputShape(2), preset.classes)
    let small = try ModelSummary(network, input: input).multiplyAdds <= Self.affordable
    winograd = try small ? nil : WinogradCheck(kind, preset, pool: pool, options: options)?.error
    if !small { (network, input, classes) = try preset.miniature() }
    let data = RandomBatch(input, classes: classes)
    let weights = Weights(WeightsLayout(network.namedParameters()), seed: 1)
    worst =
      switch kind {
      case .train: try Self.training(network, input, data, weights, pool, options)
      case .infer: try Self.inference(network, input, data, weights, pool, options)
      }
    let what = kind == .train ? "loss and gradients" : "logits"
    let whose = small ? "the network" : "its miniature (\(input[1])x\(input[2]) images, few channels)"
    let reference = "\(what) of \(whose) on \(input[0]) images"
    let sides = "; of the network on \(WinogradCheck.images) images with and without Winograd"
    description = reference + (winograd == nil ? "" : sides)
    guard worst < Self.tolerance else {
      throw Disagreement(
        what: "the plan of \(preset.name) disagrees with the reference: \(reference), worst relative error",
        error: worst)
    }
  }

  /// The check in the documents of benchmarks.
  package var document: JSON {
    var members: [JSON.Member] = [.init("what", JSON(description)), .init("worst_relative_error", JSON(worst))]
    if let winograd { members.append(.init("winograd_relative_error", JSON(winograd))) }
    return .object(.init(members))
  }

  private static func training(
    _ network: Sequential, _ input: Shape, _ data: RandomBatch, _ weights: Weights, _ pool: WorkerPool,
    _ options: PlanOptions
  ) throws -> Double {
    let graph = try trace(.training) { tracer in
      let loss = lossOf(network, input, tracer)
      tracer.output("loss", loss)
      try tracer.differentiate(loss, for: weights.layout.trained)
    }
    let workspace = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
    data.bind(workspace)
    var copy = weights
    workspace.run(&copy, rows: input[0])
    let expected = ReferenceExecutor<Double>(inputs: data.reference(), parameters: weights.reference()).run(graph)
    let largest = expected.gradients.values.map { $0.values.reduce(0) { max($0, abs($1)) } }.max() ?? 0
    var worst = error([workspace.scalar("loss")], expected.outputs["loss"]!.values)
    for (parameter, gradient) in expected.gradients {
      // A bias before a batch norm has a zero gradient, so the error is relative to at least a thousandth of the
      // largest gradient.
      worst = max(worst, error(workspace.gradient(parameter), gradient.values, floor: largest * 1e-3))
    }
    return worst
  }

  private static func inference(
    _ network: Sequential, _ input: Shape, _ data: RandomBatch, _ weights: Weights, _ pool: WorkerPool,
    _ options: PlanOptions
  ) throws -> Double {
    let graph = try trace(.inference) { tracer in
      tracer.output("logits", network(tracer.input("images", input)))
    }
    let workspace = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
    workspace.bind("images", data.images.base)
    workspace.run(reading: weights, rows: input[0])
    let expected = ReferenceExecutor<Double>(inputs: data.reference(), parameters: weights.reference()).run(graph)
    return error(workspace.output("logits").floats, expected.outputs["logits"]!.values)
  }

  /// The largest difference relative to the largest expected value; infinite where a value is NaN.
  static func error(_ found: [Float], _ expected: [Double], floor: Double = 0) -> Double {
    let scale = max(expected.reduce(0) { max($0, abs($1)) }, floor, 1e-30)
    return zip(found, expected).reduce(0.0) { worst, pair in
      let difference = abs(Double(pair.0) - pair.1)
      return difference.isNaN ? .infinity : max(worst, difference / scale)
    }
  }
}
