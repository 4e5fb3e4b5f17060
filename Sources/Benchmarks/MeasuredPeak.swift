import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiSystem
import NunchiTensors

/// The machine's peak in multiply-adds per second, as the engine reaches it: the faster of a large matrix product and a
/// direct 3x3 convolution with 64 channels. Each is run for about 0.1 s, and the best run counts.
func measuredPeak(pool: WorkerPool, options: PlanOptions) throws -> Double {
  var options = options
  options.winograd = false
  let product = Dense(768, 768, bias: false)
  let convolution = Conv2D(64, 64, kernel: 3, padding: 1, bias: false)
  return max(
    try measuredRate(product, [1536, 768], pool, options),
    try measuredRate(convolution, [8, 32, 32, 64], pool, options))
}

/// The multiply-adds per second of a layer in inference: the best run within about 0.1 s.
private func measuredRate(
  _ layer: some Layer, _ input: Shape, _ pool: WorkerPool, _ options: PlanOptions
) throws -> Double {
  let weights = Weights(WeightsLayout(layer.namedParameters()), seed: 0)
  let graph = try trace(.inference) { tracer in tracer.output("y", layer(tracer.input("images", input))) }
  let workspace = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
  let data = RandomBatch(input, classes: 1)
  workspace.bind("images", data.images.base)
  return Double(workspace.plan.multiplyAdds) / bestTime(workspace, weights)
}

/// The machine's memory bandwidth in bytes per second: of y = a + b over arrays of 128 MiB, which exceed any cache. Two
/// arrays are read and one is written.
func measuredBandwidth(pool: WorkerPool, options: PlanOptions) throws -> Double {
  let shape: Shape = [32, 1 << 20]
  let weights = Weights(WeightsLayout([]), seed: 0)
  let graph = try trace(.inference) { tracer in
    tracer.output("y", tracer.input("a", shape) + tracer.input("b", shape))
  }
  let plan = Plan(graph, layout: weights.layout, options: options)
  let workspace = Workspace(plan, pool: pool)
  let arrays = ["a", "b"].map { name in
    let memory = AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.size)
    // Unwritten pages would all map to one page of zeros.
    memory.floats.update(repeating: 1, count: shape.count)
    workspace.bind(name, memory.base)
    return memory
  }
  return withExtendedLifetime(arrays) {
    Double(plan.costs.reduce(0) { $0 + $1.bytes }) / bestTime(workspace, weights)
  }
}

/// The best time of the runs within about 0.1 s.
private func bestTime(_ workspace: Workspace, _ weights: Weights) -> Double {
  workspace.run(reading: weights, rows: workspace.plan.batch)
  var best = Double.infinity
  let begin = monotonicSeconds()
  var last = begin
  repeat {
    workspace.run(reading: weights, rows: workspace.plan.batch)
    let now = monotonicSeconds()
    best = min(best, now - last)
    last = now
  } while last - begin < 0.1
  return best
}
