import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// Convolutions, products and pools of random shapes against the reference.
@Suite(.serialized) struct ConvolutionTests {
  /// One random convolution: odd extents, strides, borders, dilation, groups, one channel.
  static func convolution(_ seed: UInt64) -> Subject {
    var random = RandomStream(seed: seed, name: "convolution")
    func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.integer(below: range.count) }
    let groups = [1, 1, 1, 2, 3][random.integer(below: 5)]
    let depthwise = random.flip(0.15)
    let inputs = depthwise ? pick(1...9) : groups * pick(1...7)
    let outputs = depthwise ? inputs * pick(1...2) : groups * pick(1...40)
    let (kh, kw) = (pick(1...4), pick(1...4))
    let stride = (pick(1...3), pick(1...3))
    let dilation = random.flip(0.3) ? (pick(1...2), pick(1...2)) : (1, 1)
    let padding: Padding =
      [
        .valid, .same, .symmetric(pick(0...2)),
        .explicit(top: pick(0...2), bottom: pick(0...3), left: pick(0...3), right: pick(0...2)),
      ][random.integer(below: 4)]
    let height = (kh - 1) * dilation.0 + pick(1...9)
    let width = (kw - 1) * dilation.1 + pick(1...17)
    let kernel = weight(kh, kw, depthwise ? 1 : inputs / groups, outputs)
    let bias = weight(outputs)
    let scale = weight(inputs)
    let activated = random.flip(0.5)
    return Subject(
      "conv \(height)x\(width)x\(inputs) -> \(outputs) k\(kh)x\(kw) s\(stride) d\(dilation) \(padding) g\(depthwise ? inputs : groups)",
      inputs: [("x", [height, width, inputs], .normal)], parameters: [kernel, bias, scale]
    ) { tracer, values in
      let x = values[0] * tracer.parameter(scale)
      let y =
        convolve(
          x, tracer.parameter(kernel), stride: stride, padding: padding, dilation: dilation,
          groups: depthwise ? inputs : groups) + tracer.parameter(bias)
      return activated ? relu(y) : y
    }
  }

  @Test(arguments: 0..<200) func convolutionEqualsReference(_ seed: UInt64) throws {
    let subject = Self.convolution(seed)
    for kernels in KernelTable.available {
      try Comparison(kernels: kernels).check(subject, batch: 3, rows: 2)
    }
    try Comparison(checked: false).check(subject, batch: 9, rows: 9)
    try Comparison(threads: 3, mode: .inference).check(subject, batch: 1, rows: 1)
  }

  static func product(_ seed: UInt64) -> Subject {
    var random = RandomStream(seed: seed, name: "product")
    func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.integer(below: range.count) }
    let big = seed % 10 == 0
    let (inputs, outputs) = (big ? pick(500...700) : pick(1...60), big ? pick(1...600) : pick(1...70))
    let transposed = random.flip(0.5)
    let w = transposed ? weight(outputs, inputs) : weight(inputs, outputs)
    let (bias, scale) = (weight(outputs), weight(inputs))
    return Subject(
      "dense \(inputs) -> \(outputs) \(transposed)", inputs: [("x", [inputs], .normal)], parameters: [w, bias, scale]
    ) { tracer, values in
      let y = multiply(values[0] * tracer.parameter(scale), tracer.parameter(w), transposingRight: transposed)
      return relu(y + tracer.parameter(bias))
    }
  }

  @Test(arguments: 0..<50) func productEqualsReference(_ seed: UInt64) throws {
    for kernels in KernelTable.available {
      try Comparison(kernels: kernels).check(Self.product(seed), batch: 7, rows: 4)
    }
    try Comparison(checked: false).check(Self.product(seed), batch: 31, rows: 31)
  }

  /// Products of parameters, with either side transposed.
  @Test func transposedProductsEqualReference() throws {
    for left in [false, true] {
      for right in [false, true] {
        let (a, b) = (left ? weight(9, 5) : weight(5, 9), right ? weight(20, 9) : weight(9, 20))
        let subject = Subject("product \(left) \(right)", inputs: [("x", [5, 20], .normal)], parameters: [a, b]) {
          tracer, values in
          values[0]
            * multiply(
              tracer.parameter(a), tracer.parameter(b), transposingLeft: left, transposingRight: right)
        }
        try Comparison().check(subject, batch: 3, rows: 2)
      }
    }
  }

  static func pool(_ seed: UInt64) -> Subject {
    var random = RandomStream(seed: seed, name: "pool")
    func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.integer(below: range.count) }
    let kernel = (pick(1...4), pick(1...4))
    let stride = (pick(1...3), pick(1...3))
    let padding = Padding.explicit(
      top: random.integer(below: kernel.0 / 2 + 1), bottom: random.integer(below: kernel.0 / 2 + 1),
      left: random.integer(below: kernel.1 / 2 + 1), right: random.integer(below: kernel.1 / 2 + 1))
    let (height, width, channels) = (kernel.0 + pick(0...6), kernel.1 + pick(0...6), pick(1...35))
    let (ceil, counts, kind) = (random.flip(0.5), random.flip(0.5), random.integer(below: 3))
    let p = weight(channels)
    return Subject(
      "pool \(kind) \(height)x\(width)x\(channels) k\(kernel) s\(stride) \(padding) ceil \(ceil)",
      inputs: [("x", [height, width, channels], .normal)], parameters: [p]
    ) { tracer, values in
      let x = values[0] * tracer.parameter(p)
      switch kind {
      case 0: return maxPool(x, kernel: kernel, stride: stride, padding: padding, ceil: ceil)
      case 1: return minPool(x, kernel: kernel, stride: stride, padding: padding, ceil: ceil)
      default:
        return averagePool(x, kernel: kernel, stride: stride, padding: padding, ceil: ceil, countsPadding: counts)
      }
    }
  }

  @Test(arguments: 0..<60) func poolEqualsReference(_ seed: UInt64) throws {
    for kernels in KernelTable.available {
      try Comparison(kernels: kernels).check(Self.pool(seed), batch: 3, rows: 2)
    }
    try Comparison(checked: false, mode: .inference).check(Self.pool(seed), batch: 1, rows: 1)
  }

  /// Batch normalisation folded into the convolution before it.
  @Test(arguments: 0..<8) func foldedNormalizationEqualsReference(_ seed: UInt64) throws {
    let channels = [1, 5, 16, 40][Int(seed) % 4]
    let kernel = weight(3, 3, 4, channels)
    let scale = Parameter([channels], role: .normalization, initializer: .uniform(bound: 2))
    let shift = Parameter([channels], role: .normalization, initializer: .uniform(bound: 1))
    let mean = Parameter([channels], role: .statistic, initializer: .uniform(bound: 1))
    let variance = Parameter([channels], role: .statistic, initializer: .constant(0.7))
    let bias = weight(channels)
    let subject = Subject(
      "folded \(channels)", inputs: [("x", [6, 5, 4], .normal)],
      parameters: [kernel, scale, shift, mean, variance, bias]
    ) { tracer, values in
      let product = convolve(values[0], tracer.parameter(kernel), padding: .same)
      // Half of the cases with a bias in between.
      let x = seed < 4 ? product : product + tracer.parameter(bias)
      return relu(batchNormalize(x, scale: scale, shift: shift, mean: mean, variance: variance))
    }
    try InferenceComparison().check(subject, batch: 3, rows: 2)
  }
}

/// Like `Comparison`, without gradients: what a plan for prediction runs.
struct InferenceComparison {
  func check(_ subject: Subject, batch: Int, rows: Int) throws {
    let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
    let weights = Weights(layout, seed: 3)
    let tensors = Comparison.inputs(subject, rows: batch, seed: 3)
    func graph(_ rows: Int) throws -> Graph {
      try trace(.inference) { tracer in
        let inputs = subject.inputs.map { tracer.input($0.name, Shape([rows] + $0.row.extents)) }
        tracer.output("y", subject.build(tracer, inputs))
      }
    }
    let plan = Plan(try graph(batch), layout: layout, options: PlanOptions(checked: true))
    #expect(!plan.describe().contains("batch-normalization"), "the normalisation was not folded")
    let workspace = Workspace(plan, pool: WorkerPool(threads: 2))
    let expected = ReferenceExecutor<Double>(inputs: tensors.mapValues { $0.rows(0..<rows) }, weights: weights)
      .run(try graph(rows))
    tensors["x"]!.withUnsafeBytes { bytes in
      workspace.bind("x", bytes.baseAddress!)
      workspace.run(reading: weights, rows: rows)
    }
    expectNear(workspace.output("y").floats, expected.outputs["y"]!, subject.name)
  }
}
