import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// A convolution and its batch normalisation.
private struct Block {
  let kernel: Parameter
  let scale: Parameter
  let shift: Parameter
  let mean: Parameter
  let variance: Parameter
  let stride: Int
  let padding: Padding

  init(_ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Padding = .symmetric(1)) {
    self.kernel = weight(kernel, kernel, inputs, outputs)
    scale = Parameter([outputs], role: .normalization, initializer: .uniform(bound: 2))
    shift = Parameter([outputs], role: .normalization, initializer: .uniform(bound: 1))
    mean = Parameter([outputs], role: .statistic, initializer: .uniform(bound: 1))
    variance = Parameter([outputs], role: .statistic, initializer: .ones)
    self.stride = stride
    self.padding = padding
  }

  var parameters: [Parameter] { [kernel, scale, shift, mean, variance] }

  func callAsFunction(_ x: Value) -> Value {
    let y = convolve(x, x.tracer.parameter(kernel), stride: (stride, stride), padding: padding)
    // A large epsilon: one row alone may have next to no variance, and 1/sqrt(1e-5) would only magnify roundings.
    return batchNormalize(y, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: 0.1)
  }
}

/// What is normalised, gated, pooled or summed on the way, against the reference.
@Suite(.serialized) struct FusionTests {
  struct Case {
    let subject: Subject
    /// Steps that the plan must not have: what they compute happens on the way.
    var without: [String] = []
    /// Steps that it must have, because a value has other readers.
    var with: [String] = []
    /// Steps that it must have once and no more.
    var once: [String] = []
  }

  private static func network(
    _ name: String, _ row: Shape, _ blocks: [Block], more: [Parameter] = [], without: [String] = [],
    with: [String] = [], once: [String] = [], _ build: @escaping (Value) -> Value
  ) -> Case {
    Case(
      subject: Subject(
        name, inputs: [("x", row, .normal)], parameters: blocks.flatMap(\.parameters) + more
      ) { _, inputs in build(inputs[0]) }, without: without, with: with, once: once)
  }

  private static let affine = "batch-normalization+relu "
  private static let gradient = ["batch-normalization-gradient ", "batch-normalization-gradient+relu "]

  nonisolated(unsafe) static let cases: [Case] = chains + pools + shared + biased

  nonisolated(unsafe) private static let chains: [Case] = {
    let windows: [(Int, Int, Padding)] = [
      (3, 1, .symmetric(1)), (3, 1, .valid), (3, 2, .symmetric(1)), (1, 1, .valid), (1, 2, .valid), (2, 2, .valid),
      (5, 1, .explicit(top: 0, bottom: 2, left: 3, right: 1)),
    ]
    return windows.flatMap { kernel, stride, padding in
      [(3, 5, [9, 7, 3] as Shape), (20, 33, [8, 11, 3])].map { channels, outputs, row in
        let first = Block(3, channels, padding: .symmetric(1))
        let second = Block(channels, outputs, kernel: kernel, stride: stride, padding: padding)
        let third = Block(outputs, 4, kernel: 1, padding: .valid)
        return network(
          "chain \(channels) k\(kernel) s\(stride) \(padding)", row, [first, second, third],
          without: gradient + [affine, "-moments"]
        ) { x in third(relu(second(relu(first(x))))) }
      }
    }
  }()

  nonisolated(unsafe) private static let pools: [Case] = {
    let windows: [(Int, Int, Padding, Bool)] = [
      (2, 2, .valid, false), (3, 2, .symmetric(1), false), (3, 2, .valid, true), (2, 2, .valid, true),
      (3, 3, .valid, false), (2, 1, .valid, false), (2, 3, .valid, false),
    ]
    return windows.flatMap { kernel, stride, padding, ceil in
      [true, false].map { activated in
        let (first, second) = (Block(3, 18), Block(18, 7))
        return network(
          "pool k\(kernel) s\(stride) \(padding) ceil \(ceil) relu \(activated)", [9, 12, 3], [first, second],
          without: gradient + [affine, "pool-gradient", "+relu-sums"], once: ["-gradient-sums"]
        ) { x in
          let y = activated ? relu(first(x)) : first(x)
          return second(
            maxPool(y, kernel: (kernel, kernel), stride: (stride, stride), padding: padding, ceil: ceil))
        }
      }
    }
  }()

  /// Values with several readers, some of which need them in memory.
  nonisolated(unsafe) private static let shared: [Case] = {
    let (first, second, third) = (Block(3, 6), Block(6, 6), Block(6, 6))
    let projection = Block(6, 10, kernel: 1, stride: 2, padding: .valid)
    let wide = Block(6, 10, stride: 2)
    return [
      network(
        "residual", [7, 9, 3], [first, second, third],
        without: gradient + [affine, "batch-normalization ", "  add ", "-gradient-sums"], once: ["  relu-gradient "]
      ) { x in
        let skip = relu(first(x))
        return relu(third(relu(second(skip))) + skip)
      },
      network(
        "projection", [7, 9, 3], [first, wide, projection],
        without: gradient + [affine, "batch-normalization ", "  add ", "-gradient-sums"], once: ["  relu-gradient "]
      ) { x in
        let skip = relu(first(x))
        return relu(wide(skip) + projection(skip))
      },
      network(
        "two residuals", [6, 8, 3], [first, second, third], without: ["  add "], once: ["  relu-gradient "]
      ) { x in
        let start = first(x)
        let skip = relu(second(start) + start)
        return relu(third(skip) + skip)
      },
      network("read by another operation", [7, 9, 3], [first, second], with: [affine]) { x in
        let y = relu(first(x))
        return second(y) * y
      },
      network("added", [7, 9, 3], [first, second], without: [affine, "  add "], with: ["normalized-sum"]) { x in
        let y = relu(first(x))
        return second(y) + y
      },
      network("two convolutions", [7, 9, 3], [first, second, third], without: [affine]) { x in
        let y = relu(first(x))
        return second(y) * third(y)
      },
      network("both sides of the ReLU", [7, 9, 3], [first, second, third]) { x in
        let y = first(x)
        return second(relu(y)) + third(y)
      },
      network("normalised twice", [7, 9, 3], [first, second]) { x in
        let y = relu(first(x))
        return relu(
          batchNormalize(
            y, scale: second.scale, shift: second.shift, mean: second.mean, variance: second.variance, epsilon: 0.1))
          * second(y)
      },
      network("pooled and read", [6, 8, 3], [first, second]) { x in
        let y = relu(first(x))
        let sum = y.flattened().sum(axes: [1]).reshaped(to: [y.shape[0], 1])
        return second(maxPool(y, kernel: (2, 2), stride: (2, 2))).flattened() * sum
      },
      network("smallest and average", [6, 8, 3], [first, second, third]) { x in
        let y = relu(first(x))
        let low = minPool(y, kernel: (2, 2), stride: (2, 2))
        return second(low) + averagePool(relu(third(y)), kernel: (2, 2), stride: (2, 2))
      },
    ]
  }()

  /// Without batch normalisation: bias, ReLU, pool, and the sums that are the biases' gradients.
  nonisolated(unsafe) private static let biased: [Case] = [1, 2].map { stride in
    let kernels = [weight(3, 3, 3, 18), weight(3, 3, 18, 7), weight(3, 3, 7, 5), weight(1, 1, 5, 5)]
    let biases = [weight(18), weight(7), weight(5), weight(5)]
    return network(
      "biased s\(stride)", [9, 12, 3], [], more: kernels + biases, without: ["chunks"],
      once: ["  relu-gradient "]
    ) { x in
      var y = x
      for index in 0..<4 {
        y = relu(
          convolve(
            y, x.tracer.parameter(kernels[index]), stride: index == 2 ? (stride, stride) : (1, 1), padding: .same)
            + x.tracer.parameter(biases[index]))
        if index == 1 { y = maxPool(y, kernel: (2, 2), stride: (2, 2)) }
      }
      return y
    }
  }

  @Test(arguments: cases.indices) func equalsReference(_ index: Int) throws {
    let subject = Self.cases[index].subject
    for kernels in KernelTable.available {
      for (batch, rows) in [(5, 5), (5, 2), (1, 1)] {
        try Comparison(kernels: kernels, roundings: 256).check(subject, batch: batch, rows: rows)
      }
    }
    try Comparison(checked: false, roundings: 256).check(subject, batch: 9, rows: 7)
  }

  /// The steps that are gone, so that a rule which no longer fires does not go unnoticed.
  @Test(arguments: cases.indices) func plansAreFused(_ index: Int) throws {
    let subject = Self.cases[index].subject
    let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
    let plan = try Comparison().plan(subject, batch: 4, layout).describe()
    for step in Self.cases[index].without { #expect(!plan.contains(step), "\(subject.name) has \(step)\n\(plan)") }
    for step in Self.cases[index].once {
      #expect(plan.split(separator: step).count == 2, "\(subject.name) should have \(step) once\n\(plan)")
    }
    for step in Self.cases[index].with { #expect(plan.contains(step), "\(subject.name) lacks \(step)\n\(plan)") }
  }

  /// Sums that depend on who computed what would show here.
  @Test(arguments: cases.indices) func sameBitsOnAnyNumberOfThreads(_ index: Int) throws {
    let subject = Self.cases[index].subject
    let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
    let plan = try Comparison(checked: false).plan(subject, batch: 12, layout)
    let tensors = Comparison.inputs(subject, rows: 12, seed: 1)
    var seen: [UInt32]?
    for threads in [1, 2, 3, 8] {
      var weights = Weights(layout, seed: 1)
      let workspace = Workspace(plan, pool: WorkerPool(threads: threads))
      tensors["x"]!.withUnsafeBytes { bytes in
        workspace.bind("x", bytes.baseAddress!)
        workspace.run(&weights, rows: 11)
      }
      let numbers = layout.trained.flatMap(workspace.gradient) + workspace.output("y").floats
      let found = numbers.map(\.bitPattern) + bits(weights)
      #expect(seen == nil || found == seen, "\(subject.name): \(threads) threads give other bits")
      seen = found
    }
  }
}
