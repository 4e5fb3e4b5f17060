import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// Every operation on the engine against the reference: forward, gradients, whole and partial batches.
@Suite(.serialized) struct OperationTests {
  nonisolated(unsafe) static let subjects: [Subject] =
    [custom] + elements + reductions + movements + losses + normalizations

  @Test(arguments: subjects.indices) func equalsReference(_ index: Int) throws {
    for kernels in KernelTable.available {
      for (batch, rows) in [(5, 5), (5, 3), (5, 1), (1, 1)] {
        try Comparison(kernels: kernels).check(Self.subjects[index], batch: batch, rows: rows)
      }
    }
    try Comparison(checked: false).check(Self.subjects[index], batch: 4, rows: 4)
    try Comparison(threads: 1).check(Self.subjects[index], batch: 4, rows: 3)
  }

  nonisolated(unsafe) static let elements: [Subject] = {
    let functions: [(String, Subject.Fill, (Value) -> Value)] = [
      ("sigmoid", .normal, sigmoid), ("tanh", .normal, tanh), ("relu", .normal, relu),
      ("leaky", .normal, { leakyReLU($0, slope: 0.2) }), ("elu", .normal, { elu($0, alpha: 0.7) }),
      ("exp", .normal, exp), ("log", .positive, log), ("square", .normal, { power($0, 2) }),
      ("root", .positive, { power($0, 0.5) }), ("power", .positive, { power($0, 1.7) }),
      ("clip", .normal, { clip($0, -0.5...0.75) }), ("hard sigmoid", .normal, { hardSigmoid($0.scaled(by: 3)) }),
      ("hard swish", .normal, { hardSwish($0.scaled(by: 3)) }), ("silu", .normal, silu), ("mish", .normal, mish),
      ("gelu", .normal, { gelu($0) }), ("gelu tanh", .normal, { gelu($0, approximate: true) }),
      ("smooth", .normal, { smoothAbsolute($0, beta: 0.6) }),
      ("affine", .normal, { $0.scaled(by: -1.5, plus: 0.25) }), ("identity", .normal, { $0.scaled(by: 1) }),
      ("stop", .normal, { $0 + stopGradient(relu($0)) }), ("dropout", .normal, { dropout($0, rate: 0.4) }),
    ]
    let maps = functions.map { name, fill, function in
      let p = Parameter([23], role: .weight, initializer: .constant(1))
      return Subject(name, inputs: [("x", [3, 23], fill)], parameters: [p]) { tracer, inputs in
        function(inputs[0] * tracer.parameter(p))
      }
    }
    let shapes: [(Shape, Shape)] = [
      ([3, 4, 17], [3, 4, 17]), ([3, 4, 17], [17]), ([3, 4, 17], [4, 17]), ([3, 4, 17], [1]), ([3, 4, 17], [3, 4, 1]),
      ([3, 4, 17], [3, 1, 1]), ([3, 4, 17], [3, 1, 17]), ([3, 4, 1], [17]),
    ]
    let binaries: [(String, (Value, Value) -> Value)] = [
      ("add", { $0 + $1 }), ("sub", { $0 - $1 }), ("mul", { $0 * $1 }), ("div", { $0 / $1 }),
    ]
    let pairs = binaries.flatMap { name, function in
      shapes.map { a, b in
        let (p, q) = (
          Parameter(a, role: .weight, initializer: .uniform(bound: 1)),
          Parameter(b, role: .weight, initializer: .constant(1.5))
        )
        return Subject("\(name) \(a) \(b)", inputs: [("x", [1, 1, 17], .positive)], parameters: [p, q]) {
          tracer, inputs in
          function(inputs[0] * tracer.parameter(p), tracer.parameter(q))
            + function(tracer.parameter(q), inputs[0] + power(tracer.parameter(p), 2).scaled(by: 1, plus: 1))
        }
      }
    }
    let p = weight(6)
    let logistic = Subject("logistic", inputs: [("x", [6], .normal), ("t", [6], .probabilities)], parameters: [p]) {
      tracer, inputs in
      binaryLoss(inputs[0] * tracer.parameter(p), inputs[1])
    }
    return maps + pairs + [logistic]
  }()

  /// A user's own operation, run by the reference inside a plan.
  nonisolated(unsafe) static let custom: Subject = {
    let p = weight(3, 7)
    return Subject("custom", inputs: [("x", [3, 7], .normal)], parameters: [p]) { tracer, inputs in
      NunchiGraph.custom(Cube(), [inputs[0] + tracer.parameter(p)])
    }
  }()

  nonisolated(unsafe) static let reductions: [Subject] = {
    let axes: [[Int]] = [[1], [2], [3], [1, 2], [2, 3], [1, 3], [1, 2, 3]]
    let kinds: [(String, (Value, [Int]) -> Value)] = [
      ("sum", { $0.sum(axes: $1) }), ("mean", { $0.mean(axes: $1) }), ("max", { $0.maximum(axes: $1) }),
    ]
    let along = kinds.flatMap { name, function in
      axes.map { axes in
        let p = weight(4, 3, 18)
        return Subject("\(name) \(axes)", inputs: [("x", [4, 3, 18], .normal)], parameters: [p]) { tracer, inputs in
          function(inputs[0] + tracer.parameter(p), axes)
        }
      }
    }
    let big = weight(700)
    let batchSum = Subject("batch sum", inputs: [("x", [700], .normal)], parameters: [big]) { tracer, inputs in
      inputs[0] * (inputs[0] * tracer.parameter(big)).sum(axes: [0])
    }
    let softmaxes = [false, true].map { logarithmic in
      let p = weight(19)
      return Subject("softmax \(logarithmic)", inputs: [("x", [3, 19], .normal)], parameters: [p]) { tracer, inputs in
        let x = inputs[0] * tracer.parameter(p)
        return logarithmic ? logSoftmax(x) : softmax(x)
      }
    }
    return along + [batchSum] + softmaxes
  }()

  nonisolated(unsafe) static let movements: [Subject] = {
    let p = weight(3, 4, 5)
    func moved(_ name: String, _ move: @escaping (Value) -> Value) -> Subject {
      Subject(name, inputs: [("x", [3, 4, 5], .normal)], parameters: [p]) { tracer, inputs in
        move(inputs[0] + tracer.parameter(p))
      }
    }
    return [
      moved("transpose") { $0.transposed([0, 3, 1, 2]) }, moved("transpose back") { $0.transposed([0, 2, 3, 1]) },
      moved("same") { $0.transposed([0, 1, 2, 3]) },
      moved("slice") { $0.sliced(axis: 2, from: 1, count: 2) },
      moved("slice last") { $0.sliced(axis: 3, from: 2, count: 3) },
      moved("pad") { $0.padded(before: [0, 1, 0, 2], after: [0, 0, 3, 1], value: 0.5) },
      moved("reshape") { $0.reshaped(to: [$0.shape[0], 12, 5]) },
      moved("concat") { concatenate([$0, relu($0), $0.sliced(axis: 3, from: 0, count: 2)], axis: 3) },
      moved("concat rows") { concatenate([$0, $0], axis: 1) },
    ]
  }()

  nonisolated(unsafe) static let losses: [Subject] = {
    let p = weight(7)
    func loss(_ name: String, dense: Bool, smoothing: Float = 0, weights: [Float]? = nil) -> Subject {
      Subject(
        name, inputs: [("x", [7], .normal), ("t", dense ? [7] : [], dense ? .probabilities : .classes(7))],
        parameters: [p]
      ) { tracer, inputs in
        let rows = crossEntropyRows(inputs[0] * tracer.parameter(p), inputs[1], smoothing: smoothing, weights: weights)
        return rows.losses
      }
    }
    let weights: [Float] = [0.5, 1, 2, 0.1, 1, 3, 1]
    let squared = Subject("mse", inputs: [("x", [7], .normal), ("t", [], .classes(7))], parameters: [p]) {
      tracer, inputs in
      power(inputs[0] * tracer.parameter(p) - oneHot(inputs[1], classes: 7), 2).mean(axes: [1])
    }
    let mean = Subject("batch mean", inputs: [("x", [7], .normal)], parameters: [p]) { tracer, inputs in
      inputs[0] * power((inputs[0] * tracer.parameter(p)).sum(axes: [1]).batchMean(), 2)
    }
    let pixels = Subject(
      "ce pixels", inputs: [("x", [3, 5, 7], .normal), ("t", [3, 5], .classes(7))], parameters: [p]
    ) { tracer, inputs in
      crossEntropyRows(inputs[0] * tracer.parameter(p), inputs[1], smoothing: 0.1, weights: weights, ignoring: 2).losses
    }
    let counting = Subject(
      "ce counted", inputs: [("x", [3, 5, 7], .normal), ("t", [3, 5], .classes(7))], parameters: [p]
    ) { tracer, inputs in
      let rows = crossEntropyRows(inputs[0] * tracer.parameter(p), inputs[1], ignoring: 4).losses
      return notEqual(inputs[1], 2) * rows.batchSum(dividedBy: counted(inputs[1], ignoring: 4))
    }
    // More than one task, and a part of a batch that ends within one.
    let q = weight(11)
    let large = Subject(
      "ce large", inputs: [("x", [2500, 11], .normal), ("t", [2500], .classes(11))], parameters: [q]
    ) { tracer, inputs in
      let x = inputs[0] * tracer.parameter(q)
      return crossEntropyRows(x, inputs[1]).losses + oneHot(inputs[1], classes: 11).sum(axes: [2])
    }
    let w = weight(300)
    let map = Subject("map mean", inputs: [("x", [70, 300], .normal)], parameters: [w]) { tracer, inputs in
      inputs[0].mean(axes: [2]) * power(inputs[0] * tracer.parameter(w), 2).batchMean()
    }
    let (k, b) = (weight(5, 4), weight(4))
    let rows = Subject(
      "pixel rows", inputs: [("x", [3, 2, 5], .normal), ("t", [3, 2], .classes(4))], parameters: [k, b]
    ) {
      tracer, inputs in
      let y = relu(multiply(inputs[0].pixelRows(), tracer.parameter(k)) + tracer.parameter(b))
      let t = oneHot(inputs[1], classes: 4).pixelRows()
      let means = power(y - t, 2).mean(axes: [1])
      let scale =
        means.batchMean() + y.sum(axes: [0, 1])
        + y.transposed([0, 1]).sliced(axis: 1, from: 1, count: 2).sum(axes: [0, 1])
      return (concatenate([y, softmax(y)], axis: 1).imagesOfPixels([3, 2]) * scale)
    }
    return [
      pixels, counting, large, map, rows,
      loss("ce index", dense: false), loss("ce dense", dense: true), loss("ce smooth", dense: false, smoothing: 0.1),
      loss("ce weights", dense: false, weights: weights), loss("ce all", dense: true, smoothing: 0.2, weights: weights),
      squared, mean,
    ]
  }()

  nonisolated(unsafe) static let normalizations: [Subject] = {
    let bytes = Subject("bytes", inputs: [("x", [5, 7, 3], .bytes)], parameters: [weight(3)]) { tracer, inputs in
      normalize(inputs[0], scale: [0.1, 0.01, 0.02], shift: [-1, 0.5, -2])
    }
    let gray = Subject("gray", inputs: [("x", [5, 7, 1], .bytes)]) { tracer, inputs in
      normalize(inputs[0], scale: [1 / 255], shift: [-0.5])
    }
    let norms = [(1, true), (3, false), (16, true), (37, true)].flatMap { channels, activated in
      [false, true].map { flat in normalized(channels, activated, flat) }
    }
    return [bytes, gray] + norms
  }()

  private static func normalized(_ channels: Int, _ activated: Bool, _ flat: Bool) -> Subject {
    let scale = Parameter([channels], role: .normalization, initializer: .uniform(bound: 2))
    let shift = Parameter([channels], role: .normalization, initializer: .uniform(bound: 1))
    let mean = Parameter([channels], role: .statistic, initializer: .uniform(bound: 1))
    let variance = Parameter([channels], role: .statistic, initializer: .ones)
    let p = weight(channels)
    return Subject(
      "batch norm \(channels) \(activated) \(flat)", inputs: [("x", flat ? [channels] : [3, 5, channels], .normal)],
      parameters: [scale, shift, mean, variance, p]
    ) { tracer, inputs in
      let x = inputs[0] * tracer.parameter(p) + tracer.parameter(p)
      // A large epsilon: one row alone has no variance, and 1/sqrt(1e-5) would only magnify roundings.
      let y = batchNormalize(x, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: 0.1)
      return activated ? relu(y) : y
    }
  }
}

private func binaryLoss(_ x: Value, _ t: Value) -> Value {
  x.tracer.add(.binary(Binary(.logisticLoss)), [x, t])[0]
}

/// y = x³
private struct Cube: CustomOperation {
  let name = "cube"
  func resultShape(_ inputs: [Shape]) -> Shape { inputs[0] }
  func evaluate(_ inputs: [(shape: Shape, values: [Double])]) -> [Double] { inputs[0].values.map { $0 * $0 * $0 } }
  func gradient(inputs: [Value], output: Value, outputGradient: Value) -> [Value?] {
    [outputGradient * power(inputs[0], 2).scaled(by: 3)]
  }
}
