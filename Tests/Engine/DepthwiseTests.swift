import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

extension Comparison {
  /// The bits of y and of all gradients after a run of a subject whose input is `x`.
  func bits(_ subject: Subject, batch: Int, rows: Int) throws -> [UInt32] {
    let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
    let plan = try plan(subject, batch: batch, layout)
    var weights = Weights(layout, seed: 1)
    let workspace = Workspace(plan, pool: WorkerPool(threads: threads))
    Self.inputs(subject, rows: batch, seed: 1)["x"]!.withUnsafeBytes { bytes in
      workspace.bind("x", bytes.baseAddress!)
      workspace.run(&weights, rows: rows)
    }
    return (layout.trained.flatMap(workspace.gradient) + workspace.output("y").floats).map(\.bitPattern)
  }
}

/// Convolutions with a kernel of its own for each channel, between products of pixels: the parts of a mobile network.
@Suite(.serialized) struct DepthwiseTests {
  struct Case {
    var channels: Int
    var row: Shape
    var kernel = (3, 3)
    var stride = (1, 1)
    var dilation = (1, 1)
    var padding = Padding.symmetric(1)
    /// Whether a batch normalisation stands before and behind it, or a bias behind it.
    var normalized = false

    var subject: Subject {
      let expand = weight(1, 1, 3, channels)
      let spread = weight(kernel.0, kernel.1, 1, channels)
      let project = weight(1, 1, channels, 5)
      let bias = weight(channels)
      let norms = [0, 1].map { _ in
        (
          scale: Parameter([channels], role: .normalization, initializer: .uniform(bound: 2)),
          shift: Parameter([channels], role: .normalization, initializer: .uniform(bound: 1)),
          mean: Parameter([channels], role: .statistic, initializer: .uniform(bound: 1)),
          variance: Parameter([channels], role: .statistic, initializer: .ones)
        )
      }
      func normalize(_ x: Value, _ index: Int) -> Value {
        let norm = norms[index]
        return batchNormalize(
          x, scale: norm.scale, shift: norm.shift, mean: norm.mean, variance: norm.variance, epsilon: 0.1)
      }
      return Subject(
        "depthwise \(row)x\(channels) k\(kernel) s\(stride) d\(dilation) \(padding) norm \(normalized)",
        inputs: [("x", row, .normal)],
        parameters: [expand, spread, project]
          + (normalized ? norms.flatMap { [$0.scale, $0.shift, $0.mean, $0.variance] } : [bias])
      ) { tracer, values in
        let wide = convolve(values[0], tracer.parameter(expand))
        let x = relu(normalized ? normalize(wide, 0) : wide)
        let y = convolve(
          x, tracer.parameter(spread), stride: stride, padding: padding, dilation: dilation, groups: channels)
        return convolve(relu(normalized ? normalize(y, 1) : y + tracer.parameter(bias)), tracer.parameter(project))
      }
    }
  }

  static let cases: [Case] = [false, true].flatMap { normalized in
    [
      Case(channels: 24, row: [9, 13, 3], normalized: normalized),
      Case(channels: 40, row: [15, 11, 3], kernel: (5, 5), padding: .symmetric(2), normalized: normalized),
      Case(channels: 72, row: [13, 17, 3], stride: (2, 2), normalized: normalized),
      Case(channels: 100, row: [8, 7, 3], stride: (2, 1), padding: .same, normalized: normalized),
      Case(channels: 33, row: [11, 9, 3], padding: .valid, normalized: normalized),
      Case(channels: 16, row: [12, 33, 3], dilation: (2, 3), padding: .symmetric(3), normalized: normalized),
      Case(
        channels: 7, row: [10, 9, 3], kernel: (2, 4), stride: (3, 2),
        padding: .explicit(top: 1, bottom: 0, left: 2, right: 1), normalized: normalized),
      Case(channels: 20, row: [9, 7, 3], kernel: (1, 1), stride: (2, 2), padding: .valid, normalized: normalized),
      // Several bands of rows.
      Case(channels: 64, row: [56, 52, 3], normalized: normalized),
    ]
  }

  @Test(arguments: cases.indices) func equalsReference(_ index: Int) throws {
    let subject = Self.cases[index].subject
    for kernels in KernelTable.available {
      for (batch, rows) in [(5, 3), (1, 1)] {
        try Comparison(kernels: kernels, roundings: 512).check(subject, batch: batch, rows: rows)
      }
    }
    try Comparison(checked: false, roundings: 512).check(subject, batch: 9, rows: 9)
    try Comparison(threads: 3, mode: .inference, roundings: 512).check(subject, batch: 2, rows: 1)
  }

  @Test(arguments: cases.indices) func sameBitsOnAnyNumberOfThreads(_ index: Int) throws {
    let subject = Self.cases[index].subject
    let one = try Comparison(threads: 1).bits(subject, batch: 11, rows: 10)
    for threads in [2, 3] {
      #expect(try Comparison(threads: threads).bits(subject, batch: 11, rows: 10) == one, "\(threads) threads")
    }
  }

  /// The rule fires for all three directions, and leaves several results a channel to the general path.
  @Test func plansUseTheSteps() throws {
    func plan(_ subject: Subject) throws -> String {
      let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
      return try Comparison().plan(subject, batch: 2, layout).describe()
    }
    let text = try plan(Self.cases[0].subject)
    for name in ["  depthwise-convolution+bias+relu ", "-input-gradient ", "-weight-gradient "] {
      let step = name.hasPrefix("-") ? "  depthwise-convolution" + name : name
      #expect(text.contains(step), "no \(step)\n\(text)")
    }
    let twice = weight(3, 3, 1, 12)
    let subject = Subject("two a channel", inputs: [("x", [5, 5, 6], .normal)], parameters: [twice]) {
      tracer, values in
      convolve(values[0], tracer.parameter(twice), padding: .same, groups: 6)
    }
    #expect(try !plan(subject).contains("depthwise"))
    try Comparison().check(subject, batch: 3, rows: 2)
  }
}
