import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// Operations that change the size of images, normalise within rows or order them, on the engine against the reference.
@Suite(.serialized) struct ImageOperationTests {
  nonisolated(unsafe) static let subjects: [Subject] = spreading + resizing + rows

  @Test(arguments: subjects.indices) func equalsReference(_ index: Int) throws {
    for kernels in KernelTable.available {
      for (batch, rows) in [(5, 5), (5, 3), (5, 1), (1, 1)] {
        try Comparison(kernels: kernels, roundings: 512).check(Self.subjects[index], batch: batch, rows: rows)
      }
    }
    try Comparison(checked: false, roundings: 512).check(Self.subjects[index], batch: 4, rows: 4)
    try Comparison(threads: 1, roundings: 512).check(Self.subjects[index], batch: 9, rows: 7)
    try Comparison(mode: .inference, roundings: 512).check(Self.subjects[index], batch: 4, rows: 3)
  }

  /// A transposed convolution with what may follow it.
  private struct Spread {
    var inputs, outputs, height, width: Int
    var kernel = (2, 2)
    var stride = (2, 2)
    var padding = Padding.valid
    var outputPadding = (0, 0)
    var dilation = (1, 1)
    var groups = 1
    var bias = true
    var relu = true
    var normalized = false
  }

  private static let spreads: [Spread] = [
    Spread(inputs: 3, outputs: 5, height: 4, width: 3),
    Spread(inputs: 16, outputs: 16, height: 5, width: 6, kernel: (3, 3), stride: (1, 1), padding: 1),
    Spread(inputs: 8, outputs: 24, height: 9, width: 8, kernel: (3, 3), stride: (1, 1), padding: 1, normalized: true),
    Spread(inputs: 17, outputs: 33, height: 3, width: 4, kernel: (4, 4), padding: 1, relu: false),
    Spread(
      inputs: 4, outputs: 6, height: 3, width: 4, kernel: (3, 2), stride: (2, 3),
      padding: .explicit(top: 1, bottom: 0, left: 0, right: 1), outputPadding: (1, 2), groups: 2),
    Spread(inputs: 5, outputs: 1, height: 4, width: 4, kernel: (3, 3), padding: 1, outputPadding: (1, 1), bias: false),
    Spread(inputs: 6, outputs: 6, height: 4, width: 5, kernel: (3, 3), padding: 1, outputPadding: (1, 0), groups: 6),
    Spread(inputs: 4, outputs: 3, height: 3, width: 3, kernel: (3, 3), stride: (2, 1), dilation: (2, 2), relu: false),
    // Pixels that no tap reaches are the bias.
    Spread(inputs: 2, outputs: 4, height: 3, width: 2, kernel: (1, 2), stride: (3, 3), outputPadding: (2, 1)),
    Spread(inputs: 7, outputs: 9, height: 3, width: 4, kernel: (3, 3), padding: 1, normalized: true),
    Spread(inputs: 6, outputs: 4, height: 3, width: 4, bias: false, normalized: true),
  ]

  nonisolated(unsafe) static let spreading: [Subject] = spreads.enumerated().map { number, s in
    let k = weight(s.kernel.0, s.kernel.1, s.outputs / s.groups, s.inputs)
    let (b, p) = (weight(s.outputs), weight(s.inputs))
    let scale = Parameter([s.outputs], role: .normalization, initializer: .uniform(bound: 2))
    let shift = Parameter([s.outputs], role: .normalization, initializer: .uniform(bound: 1))
    let mean = Parameter([s.outputs], role: .statistic, initializer: .uniform(bound: 1))
    let variance = Parameter([s.outputs], role: .statistic, initializer: .ones)
    let parameters = [k, p] + (s.bias ? [b] : []) + (s.normalized ? [scale, shift, mean, variance] : [])
    return Subject(
      "transposed convolution \(number)", inputs: [("x", [s.height, s.width, s.inputs], .normal)],
      parameters: parameters
    ) { tracer, inputs in
      let x = inputs[0] * tracer.parameter(p)
      var y = convolveTransposed(
        x, tracer.parameter(k), stride: s.stride, padding: s.padding, outputPadding: s.outputPadding,
        dilation: s.dilation, groups: s.groups)
      if s.bias { y = y + tracer.parameter(b) }
      if s.normalized {
        y = batchNormalize(y, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: 0.1)
      }
      return s.relu ? relu(y) : y
    }
  }

  nonisolated(unsafe) static let resizing: [Subject] = {
    let p = weight(5, 4, 3)
    let resized = Resizing.allCases.flatMap { resizing in
      ResizeAlignment.allCases.flatMap { alignment in
        [(10, 8), (3, 7), (1, 1), (11, 2)].map { height, width in
          Subject(
            "resize \(resizing) \(alignment) \(height)x\(width)", inputs: [("x", [5, 4, 3], .normal)], parameters: [p]
          ) {
            tracer, inputs in
            resize(inputs[0] * tracer.parameter(p), height: height, width: width, resizing, alignment)
          }
        }
      }
    }
    // More than one task an image.
    let q = weight(35)
    let large = Subject("resize large", inputs: [("x", [30, 31, 35], .normal)], parameters: [q]) { tracer, inputs in
      resize(inputs[0] * tracer.parameter(q), height: 63, width: 47)
    }
    let gathered = [(1, [4, 0, 0, 2]), (2, [3, 3, 1]), (3, [2, 0, 1, 1, 1])].map { axis, indices in
      Subject("gather \(axis)", inputs: [("x", [5, 4, 3], .normal)], parameters: [p]) { tracer, inputs in
        (inputs[0] * tracer.parameter(p)).gathered(axis: axis, indices)
      }
    }
    return resized + [large] + gathered
  }()

  nonisolated(unsafe) static let rows: [Subject] = {
    func row(_ name: String, _ shape: Shape, _ body: @escaping (Value) -> Value) -> Subject {
      let p = Parameter(shape, role: .weight, initializer: .uniform(bound: 1))
      return Subject(name, inputs: [("x", shape, .normal)], parameters: [p]) { tracer, inputs in
        body(inputs[0] + tracer.parameter(p))
      }
    }
    let scale = Parameter([12], role: .normalization, initializer: .uniform(bound: 2))
    let affine = Subject("group norm", inputs: [("x", [5, 3, 12], .normal)], parameters: [scale]) { tracer, inputs in
      relu(groupNormalize(inputs[0] * tracer.parameter(scale), groups: 3, scale: scale, shift: scale, epsilon: 0.1))
    }
    func order(_ name: String, _ kept: Int, _ descending: Bool) -> Subject {
      row(name, [3, 19]) { x in
        let sorted = x.tracer.add(.sortRows(SortRows(kept: kept, descending: descending)), [x.scaled(by: 2)])
        let chosen = notEqual(sorted[1], 4) + oneHot(sorted[1], classes: 19).mean(axes: [3])
        return x.mean(axes: [2]).reshaped(to: [x.shape[0], 3, 1]) * (sorted[0] * chosen)
      }
    }
    return [
      row("standardize channels", [3, 2, 19]) { layerNormalize($0, axes: 1, scale: nil, shift: nil, epsilon: 0.1) },
      row("standardize rows", [700]) { layerNormalize($0, axes: 1, scale: nil, shift: nil, epsilon: 0.1) },
      row("standardize images", [4, 5, 3]) { layerNormalize($0, axes: 3, scale: nil, shift: nil, epsilon: 0.1) },
      row("standardize groups", [4, 5, 34]) { groupNormalize($0, groups: 2, scale: nil, shift: nil, epsilon: 0.1) },
      row("standardize large", [40, 50, 34]) { groupNormalize($0, groups: 17, scale: nil, shift: nil, epsilon: 0.1) },
      row("standardize pixel rows", [3, 2, 5]) {
        layerNormalize($0.pixelRows(), axes: 1, scale: nil, shift: nil, epsilon: 0.1).imagesOfPixels([3, 2])
      },
      affine, row("response 5", [3, 2, 37]) { localResponseNormalize($0, size: 5, alpha: 0.5) },
      row("response 4", [3, 16]) { localResponseNormalize($0, size: 4, alpha: 2, beta: 1.25, bias: 2) },
      order("sort", 19, false), order("top", 5, true),
    ]
  }()

  /// Bias, ReLU and a batch norm in inference cost no step of their own.
  @Test func tailsAreFused() throws {
    for (number, name) in [(0, "transposed-convolution+bias+relu"), (10, "transposed-convolution+bias+relu")] {
      let subject = Self.spreading[number]
      let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
      let graph = try trace(.inference) { tracer in
        tracer.output("y", subject.build(tracer, [tracer.input("x", Shape([4] + subject.inputs[0].row.extents))]))
      }
      let plan = Plan(graph, layout: layout)
      let steps = plan.costs.filter { $0.part == .main }.map(\.name)
      #expect(steps.last == name && steps.count == 2, "\(steps)")
    }
  }

  @Test func indicesOfTheOrderCanBeRead() throws {
    let graph = try trace(.inference) { tracer in
      let (values, indices) = topRows(tracer.input("x", [2, 5]), 3)
      tracer.output("values", values)
      tracer.output("indices", indices)
    }
    let layout = WeightsLayout([])
    let workspace = Workspace(Plan(graph, layout: layout), pool: WorkerPool(threads: 1))
    let x: [Float] = [1, 7, 7, -2, 3, 0, 0, 0, 5, 0]
    x.withUnsafeBytes { bytes in
      workspace.bind("x", bytes.baseAddress!)
      workspace.run(reading: Weights(layout, seed: 0), rows: 2)
    }
    #expect(workspace.output("values").floats == [7, 7, 3, 5, 0, 0])
    guard case .integers(let indices) = workspace.output("indices").elements else { fatalError("not integers") }
    #expect(indices == [1, 2, 4, 3, 0, 1])
  }
}
